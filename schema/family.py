"""Families, as the family registry records them (SPDCI Group)."""

from typing import ClassVar

import strawberry
from strawberry import field

from schema.citizen import Citizen
from schema.enums import DescribedEnum, described
from schema.node import Node
from schema.provenance import Record
from schema.service import Money


@strawberry.enum(description="How a member is related to the head of the family (HL7 v3 RoleCode).")
class RelationshipType(DescribedEnum):
    SELF = described("The person is the head of the family.")
    SPS = described("Spouse.")
    SON = described("Son.")
    DAU = described("Daughter.")
    FTH = described("Father.")
    MTH = described("Mother.")
    DAUINLAW = described("Daughter-in-law.")
    SONINLAW = described("Son-in-law.")
    GRNDSON = described("Grandson.")
    GRNDDAU = described("Granddaughter.")
    UNKNOWN = described("The hub does not know the registry's code.")


@strawberry.type(description="One member of a family (SPDCI Member).")
class FamilyMember:
    # The crosswalk stores it.
    ALWAYS_READ: ClassVar = frozenset({"relationship_type"})

    member: Citizen = field(description="The person.")
    relationship_type: RelationshipType = field(
        default=RelationshipType.UNKNOWN,
        description="How the person is related to the head of the family.",
    )


@strawberry.enum(description="Kind of group (SPDCI GroupType).")
class GroupType(DescribedEnum):
    FAMILY = described("A family with a Family ID.")


@strawberry.type(
    description="A family with a Family ID. If the registry does not reply and the hub has no "
    "copy, only the identifiers of the family and its members are known."
)
class Family(Node, Record):
    # The crosswalk stores these.
    ALWAYS_READ: ClassVar = frozenset({"member_list", "head_identifier"})

    group_identifier: str = field(description="Family ID (Parivar Pehchan Patra), 8 characters.")
    group_type: GroupType = field(default=GroupType.FAMILY, description="Always FAMILY.")
    group_size: int | None = field(default=None, description="Registered number of members.")
    member_list: list[FamilyMember] = field(
        default_factory=list, description="Members of the family."
    )
    poverty_score: int | None = field(default=None, description="From 0 (poorest) to 100.")
    annual_income: Money | None = field(default=None, description="Yearly income of the family.")
    income_verified: bool | None = field(
        default=None, description="True if the income is verified."
    )
    head_identifier: strawberry.Private[str | None] = None

    def local_id(self) -> str:
        return self.group_identifier

    @strawberry.field(
        description="The head of the family. Null if the registry names no member as head.",
        metadata={"reads": ()},
    )
    def group_head_info(self) -> Citizen | None:
        members = (entry.member for entry in self.member_list)
        return next((m for m in members if m.member_identifier == self.head_identifier), None)
