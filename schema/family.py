"""Families, as the family registry records them (SPDCI Group)."""

from typing import ClassVar

import strawberry
from strawberry import field

from schema.citizen import Citizen
from schema.enums import DescribedEnum, described
from schema.labels import label_field
from schema.node import Node
from schema.personal import FieldClass, classes
from schema.provenance import RegistryRecord
from schema.service import Money


@strawberry.enum(description="How a member is related to the head of the family (HL7 v3).")
class RelationshipType(DescribedEnum):
    SELF = described("The person is the head of the family.")
    SPOUSE = described("Spouse.")
    SON = described("Son.")
    DAUGHTER = described("Daughter.")
    FATHER = described("Father.")
    MOTHER = described("Mother.")
    DAUGHTER_IN_LAW = described("Daughter-in-law.")
    SON_IN_LAW = described("Son-in-law.")
    GRANDSON = described("Grandson.")
    GRANDDAUGHTER = described("Granddaughter.")
    UNKNOWN = described("The hub does not know the registry's code.")


@strawberry.type(description="One member of a family (SPDCI Member).")
class FamilyMember:
    # The crosswalk stores it.
    ALWAYS_READ: ClassVar = frozenset({"relationship"})
    RECORD_CLASS: ClassVar = FieldClass.FAMILY
    CLASSES: ClassVar = classes({FieldClass.FAMILY: ["relationship"]})
    NOT_PERSONAL: ClassVar = frozenset({"citizen"})
    OWN_VIEW: ClassVar = frozenset({"citizen"})

    citizen: Citizen = field(description="The person.")
    relationship: RelationshipType = field(
        default=RelationshipType.UNKNOWN,
        description="How the person is related to the head of the family.",
    )
    relationship_label: str = label_field(
        "relationship", description="Label of the relation to the head of the family."
    )


@strawberry.type(
    description="A family with a Family ID. If the registry does not reply and the hub has no "
    "copy, only the identifiers of the family and its members are known."
)
class Family(Node, RegistryRecord):
    # The crosswalk stores these.
    ALWAYS_READ: ClassVar = frozenset({"members", "head_identifier"})
    RECORD_CLASS: ClassVar = FieldClass.FAMILY
    CLASSES: ClassVar = classes(
        {
            FieldClass.IDENTIFIER: ["family_identifier"],
            FieldClass.FAMILY: ["member_count", "members", "head_identifier"],
            FieldClass.INCOME: ["poverty_score", "annual_income", "is_income_verified"],
        }
    )
    KEYS: ClassVar = frozenset({"head_identifier"})

    family_identifier: str = field(description="Family ID (Parivar Pehchan Patra), 8 characters.")
    member_count: int | None = field(default=None, description="Registered number of members.")
    members: list[FamilyMember] = field(default_factory=list, description="Members of the family.")
    poverty_score: int | None = field(default=None, description="From 0 (poorest) to 100.")
    annual_income: Money | None = field(default=None, description="Yearly income of the family.")
    is_income_verified: bool | None = field(
        default=None, description="True if the income is verified."
    )
    head_identifier: strawberry.Private[str | None] = None

    def local_id(self) -> str:
        return self.family_identifier if self.masking is None else self.masking.local_id

    @strawberry.field(
        description="The head of the family. Null if the registry names no member as head.",
        metadata={"reads": ()},
    )
    def head(self) -> Citizen | None:
        citizens = (entry.citizen for entry in self.members)
        return next((c for c in citizens if c.member_identifier == self.head_identifier), None)
