"""The service catalogue (CPSV-AP PublicService, Open311 service, Right to Service Act)."""

import strawberry
from strawberry import field

from schema.batch import Info, reads_catalogue
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.form import EvidenceType, ServiceAttribute
from schema.language import Text, optional_text_field, text_field
from schema.node import Node
from schema.person import Sex
from schema.scalars import Paise
from schema.status import SubmissionChannel


@strawberry.type(description="An amount of money.")
class Money:
    amount: Paise = field(description="Amount in paise: 300000 are Rs 3,000.00.")
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


@strawberry.enum(description="Event in a citizen's life in which a service is needed (CPSV-AP).")
class LifeEvent(DescribedEnum):
    BIRTH = described("The birth of a child.")
    EDUCATION = described("School, college and training.")
    WORK = described("Working, or looking for work.")
    BUSINESS = described("Starting or running a business.")
    MARRIAGE = described("A marriage.")
    NEW_HOME = described("Building a house, or moving to a new home.")
    LAND = described("Buying, inheriting or holding land.")
    LOW_INCOME = described("Living on a low income.")
    DISABILITY = described("Living with a disability.")
    OLD_AGE = described("Growing old.")
    DEATH = described("A death in the family.")


@strawberry.enum(description="Whether the government or a service centre receives the money.")
class CostKind(DescribedEnum):
    FEE = described("A fee of the government for the service.")
    COUNTER_CHARGE = described("What a service centre charges for its help with an application.")


@strawberry.type(description="Money that the citizen pays for a service (CPSV-AP Cost).")
class Cost:
    kind: CostKind = field(description="Fee of the government, or charge of a service centre.")
    value: Money = field(description="Amount to pay.")
    channel: SubmissionChannel | None = field(
        default=None,
        description="The cost applies to this way of applying only. Null if it always applies.",
    )
    description_text: strawberry.Private[Text]
    description: str = text_field("description_text", description="What the money is for.")


@strawberry.enum(description="The people that have an income together.")
class IncomeScope(DescribedEnum):
    APPLICANT = described("The applicant alone.")
    COUPLE = described("The applicant and the spouse.")
    FAMILY = described("All members of the family.")


@strawberry.type(
    description="A condition for receiving a service. Where the condition is simple, the other "
    "fields express it as data. All of them that are not null must be met."
)
class Eligibility:
    min_age: int | None = field(default=None, description="Smallest age in years.")
    max_age: int | None = field(default=None, description="Largest age in years.")
    sex: Sex | None = field(
        default=None, description="The sex that the condition concerns. Null if it concerns all."
    )
    max_yearly_income: Money | None = field(default=None, description="Largest yearly income.")
    income_of: IncomeScope | None = field(
        default=None, description="The people that have this income together."
    )
    condition_text: strawberry.Private[Text]
    text: str = text_field("condition_text", description="The condition, in words.")


@strawberry.type(description="A public service that a citizen can apply for.")
class Service(Node):
    code: str = field(description="Code of the service, unique in the state.")
    keywords: list[str] = field(description="Keywords for searching.")
    request_type: ServiceRequestType = field(
        description="Whether the department issues the application number at once, later or never."
    )
    audience: list[Audience] = field(description="The people that the service is for.")
    life_events: list[LifeEvent] = field(
        description="The events in life in which citizens need the service."
    )
    channels: list[SubmissionChannel] = field(description="Where citizens can apply.")
    eligibility: list[Eligibility] = field(
        description="Conditions for receiving the service. All of them must be met."
    )
    costs: list[Cost] = field(description="Fees and charges.")
    evidence: list[EvidenceType] = field(description="Required documents.")
    attributes: list[ServiceAttribute] = field(
        description="Fields of the application form, in their order."
    )
    processing_time: int | None = field(
        default=None,
        description="Time limit under the Right to Service Act, in days. Null if there is none.",
    )
    processing_time_unit: ProcessingTimeUnit = field(
        description="Which days the time limit counts."
    )
    is_notified: bool = field(description="True if the Right to Service Act covers it.")
    is_online: bool = field(description="True if citizens can apply online.")
    accepts_applications: bool = field(
        description="True if the hub takes applications (`submitApplication`). False if citizens "
        "must apply at the department."
    )
    department_identifier: strawberry.Private[str]
    name_text: strawberry.Private[Text]
    description_text: strawberry.Private[Text]
    produces_text: strawberry.Private[Text]
    group_text: strawberry.Private[Text | None] = None
    designated_officer_text: strawberry.Private[Text | None] = None
    first_authority_text: strawberry.Private[Text | None] = None
    second_authority_text: strawberry.Private[Text | None] = None
    legal_basis_text: strawberry.Private[Text | None] = None
    name: str = text_field("name_text", description="Name of the service.")
    description: str = text_field(
        "description_text", description="What the citizen receives, in one or two sentences."
    )
    produces: str = text_field(
        "produces_text", description="What the citizen has at the end, for example a certificate."
    )
    group: str | None = optional_text_field(
        "group_text", description="Group that the service belongs to."
    )
    designated_officer: str | None = optional_text_field(
        "designated_officer_text",
        description="Office that must deliver the service (Haryana Right to Service Act 2014).",
    )
    first_grievance_redressal_authority: str | None = optional_text_field(
        "first_authority_text", description="Office that decides first appeals."
    )
    second_grievance_redressal_authority: str | None = optional_text_field(
        "second_authority_text", description="Office that decides second appeals."
    )
    legal_basis: str | None = optional_text_field(
        "legal_basis_text", description="The law or notification behind the service."
    )

    def local_id(self) -> str:
        return self.code

    @strawberry.field(
        description="The department that is responsible (hasCompetentAuthority).",
        metadata=reads_catalogue(),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)
