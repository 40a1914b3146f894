"""Citizens, as the family registry records them (SPDCI Person and Member)."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, ClassVar

import strawberry
from strawberry import Parent, field

from schema.application import ApplicationConnection
from schema.batch import BatchOf, Info, batch_field, reads
from schema.benefit import BenefitConnection
from schema.certificate import CertificateConnection
from schema.citizen_records import (
    load_applications,
    load_benefits,
    load_certificates,
    load_grievances,
)
from schema.citizen_submissions import load_drafts, load_submissions
from schema.conflict import ConflictList, load_conflicts
from schema.draft import Draft
from schema.grievance import GrievanceConnection
from schema.labels import optional_label_field
from schema.language import Text, optional_text_field
from schema.list_order import ORDER_OF_REQUESTS, STATUS_OF_REQUESTS
from schema.node import Node
from schema.person import (
    Address,
    BirthDatePrecision,
    EmploymentStatus,
    GuardianRelation,
    Identifier,
    IdentifierType,
    MaritalStatus,
    PersonName,
    Sex,
    name_field,
)
from schema.personal import FieldClass, classes
from schema.provenance import RegistryRecord
from schema.submission import Submission

if TYPE_CHECKING:
    from schema.family import Family


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """The number that one department uses for a citizen.

    Attributes:
        scheme: name of the numbering scheme, as in `identity.scheme` of a manifest.
        value: the number.
    """

    scheme: str
    value: str


async def load_family(parents: Parent[Sequence["Citizen"]], info: Info) -> BatchOf["Family | None"]:
    return await info.context.sources.families.by_identifier(
        [citizen.family_identifier for citizen in parents]
    )


@strawberry.type(
    description="A person in the family registry, identified by Family ID and member number. "
    "If the registry does not reply and the hub has no copy, all personal details "
    "except `id` and `identifiers` are null."
)
class Citizen(Node, RegistryRecord):
    # The crosswalk stores the links. The date decides which of two rows for one person is newer.
    ALWAYS_READ: ClassVar = frozenset({"links", "updated_datetime"})
    CLASSES: ClassVar = {
        # They show which departments know the person, for example as a pensioner.
        "links": (FieldClass.IDENTIFIER, FieldClass.BENEFIT),
        **classes(
            {
                FieldClass.IDENTIFIER: ["member_identifier", "family_identifier"],
                FieldClass.AADHAAR: ["aadhaar_reference"],
                FieldClass.NAME: ["person_name", "person_name_local", "guardian_name"],
                FieldClass.BIRTH_DATE: ["birth_date", "birth_date_precision"],
                FieldClass.DEMOGRAPHIC: [
                    "sex",
                    "marital_status",
                    "occupation",
                    "employment_status",
                    "education_level",
                    "guardian_relation",
                    "registration_date",
                    "updated_datetime",
                ],
                FieldClass.ADDRESS: ["home_address"],
                FieldClass.CONTACT: ["phone_number", "email"],
                FieldClass.DISABILITY: ["is_disabled"],
                FieldClass.LIFE_STATUS: ["is_deceased", "death_date"],
            }
        ),
    }
    # The hub finds the person's records by these numbers. `identifiers` masks them.
    KEYS: ClassVar = frozenset({"member_identifier", "family_identifier", "links"})

    person_name: strawberry.Private[PersonName | None] = None
    person_name_local: strawberry.Private[PersonName | None] = None
    sex: Sex | None = field(default=None, description="Sex, as recorded in the family registry.")
    birth_date: dt.date | None = field(default=None, description="Date of birth.")
    birth_date_precision: BirthDatePrecision | None = field(
        default=None, description="Precision of the birth date."
    )
    is_deceased: bool | None = field(
        default=None,
        description="True if the registry's record says that the person has died. The record "
        "can be wrong.",
    )
    death_date: dt.date | None = field(default=None, description="Date of death, if recorded.")
    marital_status: MaritalStatus | None = field(default=None, description="Marital status.")
    home_address: Address | None = field(default=None, description="Home address.")
    phone_number: str | None = field(default=None, description="Registered mobile number.")
    email: str | None = field(default=None, description="E-mail address.")
    guardian_name: str | None = field(
        default=None,
        description="Name of the father or husband. Officials use it to distinguish people "
        "with the same name.",
    )
    guardian_relation: GuardianRelation | None = field(
        default=None, description="How the person is related to the guardian."
    )
    is_disabled: bool | None = field(
        default=None,
        description="True if the registry's record says that the person has a disability.",
    )
    occupation: strawberry.Private[Text | None] = None
    employment_status: EmploymentStatus | None = field(
        default=None, description="Whether the person works."
    )
    education_level: strawberry.Private[Text | None] = None
    registration_date: dt.date | None = field(
        default=None, description="When the person was added to the family registry."
    )
    updated_datetime: dt.datetime | None = field(
        default=None, description="When the family registry last changed the person's record."
    )
    member_identifier: strawberry.Private[str]
    family_identifier: strawberry.Private[str]
    aadhaar_reference: strawberry.Private[str | None] = None
    links: strawberry.Private[Sequence[IdentityLink]] = ()

    name_in_script: PersonName | None = name_field(
        "person_name", "person_name_local", name="personName", description="Name of the person."
    )
    occupation_in: str | None = optional_text_field(
        "occupation", name="occupation", description="Occupation."
    )
    education_level_in: str | None = optional_text_field(
        "education_level", name="educationLevel", description="Highest level of education."
    )
    sex_label: str | None = optional_label_field("sex", description="Label of the sex.")
    marital_status_label: str | None = optional_label_field(
        "marital_status", description="Label of the marital status."
    )
    guardian_relation_label: str | None = optional_label_field(
        "guardian_relation", description="Label of the relation to the guardian."
    )
    employment_status_label: str | None = optional_label_field(
        "employment_status", description="Label of the employment status."
    )

    def local_id(self) -> str:
        return self.member_identifier

    def numbers_in(self, scheme: str) -> list[str]:
        """Return the citizen's numbers in a department's numbering scheme."""
        if scheme == IdentifierType.PPP_MEMBER.name:
            return [self.member_identifier]
        return list(dict.fromkeys(link.value for link in self.links if link.scheme == scheme))

    @strawberry.field(
        description="The numbers that departments use for this person. All but the last four "
        "characters are masked. Callers who may not see the person's benefits get the numbers of "
        "the family registry only.",
        metadata=reads("links", "aadhaar_reference"),
    )
    def identifiers(self, info: Info) -> list[Identifier]:
        issuer_of = info.context.sources.catalogue.issuer_of
        found: list[tuple[IdentifierType, str, str | None]] = []
        hidden = frozenset() if self.masking is None else self.masking.hidden
        is_hidden = FieldClass.IDENTIFIER in hidden
        if not is_hidden:
            registry = issuer_of("PPP_MEMBER")
            found.append((IdentifierType.PPP, self.family_identifier, registry))
            found.append((IdentifierType.PPP_MEMBER, self.member_identifier, registry))
        if self.aadhaar_reference:
            found.append((IdentifierType.AADHAAR_REF, self.aadhaar_reference, None))
        for link in () if is_hidden or FieldClass.BENEFIT in hidden else self.links:
            kind = IdentifierType.__members__.get(link.scheme, IdentifierType.DEPARTMENT_ID)
            found.append((kind, link.value, issuer_of(link.scheme)))
        return [
            Identifier(identifier_type=kind, plain_value=value, issued_by=issuer)
            for kind, value, issuer in found
        ]

    family: Annotated["Family", strawberry.lazy("schema.family")] | None = batch_field(
        load_family, description="The family that the person belongs to in the registry.", reads=()
    )
    applications: ApplicationConnection | None = batch_field(
        load_applications,
        description="The person's applications at all departments.",
        reads=("links",),
        for_arguments={"sort": ORDER_OF_REQUESTS, "statusGroup": STATUS_OF_REQUESTS},
    )
    benefits: BenefitConnection | None = batch_field(
        load_benefits,
        description="The person's benefits from all departments.",
        reads=("links",),
    )
    certificates: CertificateConnection | None = batch_field(
        load_certificates,
        description="The person's certificates from all departments.",
        reads=("links",),
    )
    grievances: GrievanceConnection | None = batch_field(
        load_grievances,
        description="The person's grievances at all helpdesks.",
        reads=("links",),
        for_arguments={"sort": ORDER_OF_REQUESTS, "statusGroup": STATUS_OF_REQUESTS},
    )
    submissions: list[Submission] | None = batch_field(
        load_submissions,
        description="What was submitted for the person through the hub, newest first.",
        reads=("member_identifier",),
    )
    drafts: list[Draft] | None = batch_field(
        load_drafts,
        description="The caller's drafts for the person, last saved first.",
        reads=("member_identifier",),
    )
    conflicts: ConflictList | None = batch_field(
        load_conflicts,
        description="Details on which departments disagree, from the person's records that this "
        "operation reads.",
        reads=(
            "links",
            "person_name",
            "person_name_local",
            "birth_date",
            "birth_date_precision",
            "is_deceased",
            "guardian_name",
            "home_address",
        ),
        whole=("Application", "Benefit", "Certificate", "PersonName", "Address"),
    )


@strawberry.input(
    description="Criteria of a search for people. At least two are required; all must match."
)
class CitizenSearchInput:
    name: str | None = field(default=None, description="Words of the name, in Latin script.")
    birth_date: dt.date | None = field(default=None, description="Date of birth.")
    phone_number: str | None = field(default=None, description="Registered mobile number.")
    family_identifier: str | None = field(default=None, description="Family ID.")
    district: str | None = field(default=None, description="Name of the district.")
