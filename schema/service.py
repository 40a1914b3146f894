"""The service catalogue (CPSV-AP PublicService, Open311 service, Right to Service Act)."""

import strawberry
from strawberry import field

from schema.batch import Info, reads_catalogue
from schema.connections import Connection
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.node import Node
from schema.status import SubmissionChannel


@strawberry.type(description="An amount of money.")
class Money:
    amount: int = field(description="Amount in minor units: 300000 paise are Rs 3,000.00.")
    currency_code: str = field(default="INR", description="ISO 4217 code of the currency.")


@strawberry.enum(description="When a department issues the number of an application (Open311).")
class ServiceRequestType(DescribedEnum):
    REALTIME = described("Immediately, in its reply to the application.")
    BATCH = described("Later. Until then the applicant has a token.")
    BLACKBOX = described("Never: the application has no number.")


@strawberry.enum(description="Which days count towards a time limit.")
class ProcessingTimeUnit(DescribedEnum):
    WORKING = described("Working days only.")
    CALENDAR = described("All days of the calendar.")


@strawberry.enum(description="Group of people that a service is for.")
class Audience(DescribedEnum):
    CITIZEN = described("Any resident.")
    SENIOR_CITIZEN = described("People aged 60 or over.")
    WOMAN = described("Women.")
    PERSON_WITH_DISABILITY = described("People with a disability.")
    STUDENT = described("Pupils and students.")
    FAMILY = described("Families.")


@strawberry.type(description="A fee that the citizen pays for a service (CPSV-AP Cost).")
class Cost:
    value: Money = field(description="Amount of the fee.")
    description: str = field(description="What the fee is for.")
    channel: SubmissionChannel | None = field(
        default=None,
        description="The fee applies to this way of applying only. Null if it always applies.",
    )


@strawberry.type(description="A document that the citizen must provide (CPSV-AP Evidence Type).")
class EvidenceType:
    name: str = field(description="Name of the document.")
    required: bool = field(
        default=True,
        description="True if the document is required. False if it is one of several alternatives.",
    )
    description: str | None = field(default=None, description="What the document must show.")


@strawberry.type(description="One field of the application form (Open311 attribute).")
class ServiceAttribute:
    code: str = field(description="Code of the field.")
    datatype: str = field(
        description="Type, for example string, number, datetime or singlevaluelist."
    )
    required: bool = field(description="True if the applicant must fill in the field.")
    variable: bool = field(
        default=True,
        description="True if the applicant enters a value. False if the form only shows the text.",
    )
    order: int = field(description="Position on the form, starting with 1.")
    description: str = field(description="Label of the field.")
    datatype_description: str | None = field(default=None, description="How to fill in the field.")
    values: list[str] = field(default_factory=list, description="Values to choose from.")


@strawberry.type(description="A public service that a citizen can apply for.")
class Service(Node):
    code: str = field(description="Code of the service, unique in the state.")
    service_name: str = field(description="Name in English.")
    service_name_local: str | None = field(default=None, description="Name in Hindi.")
    description: str = field(description="What the citizen receives, in one or two sentences.")
    keywords: list[str] = field(default_factory=list, description="Keywords for searching.")
    group: str | None = field(default=None, description="Group that the service belongs to.")
    request_type: ServiceRequestType = field(
        description="Whether the department issues the application number at once, later or never."
    )
    audience: list[Audience] = field(description="The people that the service is for.")
    channels: list[SubmissionChannel] = field(description="Where citizens can apply.")
    costs: list[Cost] = field(default_factory=list, description="Fees.")
    evidence: list[EvidenceType] = field(default_factory=list, description="Required documents.")
    attributes: list[ServiceAttribute] = field(
        default_factory=list, description="Fields of the application form."
    )
    produces: str = field(description="What the citizen has at the end, for example a certificate.")
    processing_time: int | None = field(
        default=None,
        description="Time limit under the Right to Service Act, in days. Null if there is none.",
    )
    processing_time_unit: ProcessingTimeUnit = field(
        description="Which days the time limit counts."
    )
    designated_officer: str | None = field(
        default=None,
        description="Office that must deliver the service (Haryana Right to Service Act 2014).",
    )
    first_grievance_redressal_authority: str | None = field(
        default=None, description="Office that decides first appeals."
    )
    second_grievance_redressal_authority: str | None = field(
        default=None, description="Office that decides second appeals."
    )
    legal_basis: str | None = field(default=None, description="Legal basis of the service.")
    is_notified: bool = field(description="True if the Right to Service Act covers it.")
    is_online: bool = field(description="True if citizens can apply online.")
    department_identifier: strawberry.Private[str]

    def local_id(self) -> str:
        return self.code

    @strawberry.field(
        description="The department that is responsible (hasCompetentAuthority).",
        metadata=reads_catalogue(),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of services.")
class ServiceConnection(Connection[Service]):
    pass
