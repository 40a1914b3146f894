"""Citizens (SPDCI Person and Member), as the family registry knows them."""

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
from schema.grievance import GrievanceConnection
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
)
from schema.provenance import Record, SourceStatus

if TYPE_CHECKING:
    from schema.family import Family


@dataclass(frozen=True, slots=True)
class IdentityLink:
    """One line of the identity crosswalk: the number by which a department knows a citizen.

    Attributes:
        scheme: name of the numbering scheme, as the departments' manifests name it.
        value: the number.
    """

    scheme: str
    value: str


async def load_family(parents: Parent[Sequence["Citizen"]], info: Info) -> BatchOf["Family | None"]:
    return await info.context.sources.families.by_identifier(
        [citizen.family_identifier for citizen in parents]
    )


@strawberry.type(
    description="A person, known by Family ID and member number. Everything but `id` and "
    "`identifiers` is the family registry's word, and null while the registry can't be reached."
)
class Citizen(Node, Record):
    # What the crosswalk remembers.
    ALWAYS_READ: ClassVar = frozenset({"links"})

    name: PersonName | None = field(default=None, description="Name in Latin script.")
    name_local: PersonName | None = field(default=None, description="Name in Devanagari.")
    sex: Sex | None = field(default=None, description="Sex as recorded.")
    birth_date: dt.date | None = field(default=None, description="Date of birth.")
    birth_date_precision: BirthDatePrecision | None = field(
        default=None, description="How exactly the birth date is known."
    )
    is_deceased: bool | None = field(
        default=None, description="Whether the registry holds the person for dead; it can be wrong."
    )
    death_date: dt.date | None = field(default=None, description="Date of death, if recorded.")
    marital_status: MaritalStatus | None = field(default=None, description="Marital status.")
    address: Address | None = field(default=None, description="Where the person lives.")
    phone_number: str | None = field(default=None, description="Registered mobile number.")
    email: str | None = field(default=None, description="E-mail address.")
    guardian_name: str | None = field(
        default=None, description="Father or husband, the customary tie-breaker between namesakes."
    )
    guardian_relation: GuardianRelation | None = field(
        default=None, description="How the person is related to the guardian."
    )
    is_disabled: bool | None = field(default=None, description="Whether a disability is recorded.")
    occupation: str | None = field(default=None, description="Occupation.")
    employment_status: EmploymentStatus | None = field(default=None, description="In work or not.")
    education_level: str | None = field(default=None, description="Highest education.")
    registration_date: dt.date | None = field(
        default=None, description="When the person was entered in the registry."
    )
    last_updated: dt.datetime | None = field(
        default=None, description="When the registry last changed the entry."
    )
    member_identifier: strawberry.Private[str]
    family_identifier: strawberry.Private[str]
    aadhaar_reference: strawberry.Private[str | None] = None
    links: strawberry.Private[Sequence[IdentityLink]] = ()
    registry_status: strawberry.Private[SourceStatus | None] = None

    def local_id(self) -> str:
        return self.member_identifier

    def numbers_in(self, scheme: str) -> list[str]:
        """The numbers by which the department that uses `scheme` knows this citizen."""
        if scheme == IdentifierType.PPP_MEMBER.name:
            return [self.member_identifier]
        return list(dict.fromkeys(link.value for link in self.links if link.scheme == scheme))

    @strawberry.field(
        description="The numbers by which the person is known, masked.",
        metadata=reads("links", "aadhaar_reference"),
    )
    def identifiers(self, info: Info) -> list[Identifier]:
        issuer_of = info.context.sources.catalogue.issuer_of
        found = [
            (IdentifierType.PPP, self.family_identifier, issuer_of("PPP_MEMBER")),
            (IdentifierType.PPP_MEMBER, self.member_identifier, issuer_of("PPP_MEMBER")),
        ]
        if self.aadhaar_reference:
            found.append((IdentifierType.AADHAAR_REF, self.aadhaar_reference, None))
        for link in self.links:
            kind = IdentifierType.__members__.get(link.scheme, IdentifierType.DEPARTMENT_ID)
            found.append((kind, link.value, issuer_of(link.scheme)))
        return [
            Identifier(identifier_type=kind, plain_value=value, issued_by=issuer)
            for kind, value, issuer in found
        ]

    family: Annotated["Family", strawberry.lazy("schema.family")] | None = batch_field(
        load_family,
        description="The family the person is registered in.",
        reads=(),
    )
    applications: ApplicationConnection | None = batch_field(
        load_applications,
        description="Applications at every department, newest first.",
        reads=("links",),
    )
    benefits: BenefitConnection | None = batch_field(
        load_benefits,
        description="Benefits from every department, newest first.",
        reads=("links",),
    )
    certificates: CertificateConnection | None = batch_field(
        load_certificates,
        description="Certificates of every department, newest first.",
        reads=("links",),
    )
    grievances: GrievanceConnection | None = batch_field(
        load_grievances,
        description="Grievances at every helpdesk, newest first.",
        reads=("links",),
    )


@strawberry.input(
    description="Who is looked for. Give at least two fields that identify; at most five persons "
    "are returned."
)
class CitizenSearchInput:
    name: str | None = field(default=None, description="Words of the name, Latin script.")
    birth_date: dt.date | None = field(default=None, description="Date of birth.")
    phone_number: str | None = field(default=None, description="Registered mobile number.")
    family_identifier: str | None = field(default=None, description="Family ID.")
    district: str | None = field(default=None, description="District name.")
