"""Benefits a citizen receives (SPDCI Integrated Beneficiary Registry)."""

import dataclasses
import datetime as dt
from typing import Annotated, ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.benefit_payment import MAX_PAYMENTS, BenefitPayment, newest_payments
from schema.connections import SourcedConnection
from schema.department import Department
from schema.enums import DescribedEnum, described
from schema.labels import label_field, optional_label_field
from schema.language import Language, LanguageArgument
from schema.node import Node
from schema.person import PersonName, name_field
from schema.personal import FieldClass, classes
from schema.provenance import Record
from schema.service import Money, Service
from schema.status import DepartmentStatus


@strawberry.enum(description="Status of a benefit (SPDCI EnrollmentStatus).")
class EnrollmentStatus(DescribedEnum):
    ACTIVE = described("Active: the benefit is being given.")
    DECEASED = described("Deceased: ended by the beneficiary's death.")
    GRADUATED = described("Graduated: the benefit ended as planned.")
    SUSPENDED = described("Suspended: the benefit is stopped for now.")
    UNKNOWN = described("The hub does not know the department's code.")


@strawberry.enum(description="The form of a benefit (SPDCI BenefitType).")
class BenefitType(DescribedEnum):
    CASH = described("Cash: money.")
    VOUCHER = described("Voucher: can be exchanged for goods or services.")
    IN_KIND = described("In-kind: goods, for example food grain.")
    TRAINING = described("Training: a course or other instruction.")
    WORK_OPPORTUNITY = described("Work Opportunity: paid work.")
    INSURANCE = described("Insurance: an insurance cover.")


@strawberry.enum(
    description="The unit that receives a benefit: a person or a family (SPDCI AssistanceUnit)."
)
class AssistanceUnit(DescribedEnum):
    MEMBER = described("Member: one person.")
    HOUSEHOLD = described("Household: everybody in one household.")
    FAMILY = described("Family: all members of one family.")


@strawberry.enum(description="How often a benefit is given (RFC 5545 FREQ).")
class Frequency(DescribedEnum):
    ONCE = described("Once only.")
    MONTHLY = described("Every month.")
    YEARLY = described("Every year.")


@strawberry.type(description="A benefit from a department for a citizen, for example a pension.")
class Benefit(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    ALWAYS_READ: ClassVar = frozenset({"enrollment_date", "status_change_date"})
    # The access log finds the citizen by this number.
    OWNER: ClassVar = "holder_key"
    RECORD_CLASS: ClassVar = FieldClass.BENEFIT
    CLASSES: ClassVar = classes(
        {
            FieldClass.IDENTIFIER: ["benefit_number", "holder_key"],
            FieldClass.BENEFIT: [
                "service_code",
                "assistance_unit",
                "enrollment_date",
                "enrollment_status",
                "department_status",
                "status_change_date",
                "benefit_type",
                "benefit_value",
                "benefit_frequency",
                "benefit_date",
            ],
            FieldClass.NAME: ["holder_name", "holder_name_local", "holder_guardian_name"],
            FieldClass.BIRTH_DATE: ["holder_birth_date"],
            FieldClass.PAYMENT: ["stored_payments"],
        }
    )
    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"department_identifier"}
    # The hub finds the citizen by this number.
    KEYS: ClassVar = frozenset({"holder_key"})
    # Names in a manifest that are not the attribute's name.
    MANIFEST_NAMES: ClassVar = {"stored_payments": "payments"}
    # Few departments send these, so `hub check` does not require them.
    RARE: ClassVar = frozenset({"holder_name", "holder_birth_date", "holder_guardian_name"})

    benefit_number: str = field(description="The department's number for this benefit.")
    service_code: str | None = field(
        default=None, description="Code of the service that led to the benefit."
    )
    assistance_unit: AssistanceUnit = field(
        default=AssistanceUnit.MEMBER,
        description="The unit that receives the benefit: a person or a family.",
    )
    enrollment_date: dt.date | None = field(default=None, description="When the benefit started.")
    enrollment_status: EnrollmentStatus = field(description="Status, translated to a common code.")
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    status_change_date: dt.date | None = field(default=None, description="When the status changed.")
    benefit_type: BenefitType = field(default=BenefitType.CASH, description="Form of the benefit.")
    benefit_value: Money | None = field(default=None, description="Amount of one payment.")
    benefit_frequency: Frequency | None = field(default=None, description="How often it is given.")
    benefit_date: dt.date | None = field(
        default=None, description="When it was last given. Null if never."
    )
    holder_name_local: strawberry.Private[PersonName | None] = None
    holder_name: strawberry.Private[PersonName | None] = None
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]
    holder_birth_date: strawberry.Private[dt.date | None] = None
    holder_guardian_name: strawberry.Private[str | None] = None
    stored_payments: strawberry.Private[list[BenefitPayment]] = dataclasses.field(
        default_factory=list
    )

    holder_name_in_script: PersonName | None = name_field(
        "holder_name",
        "holder_name_local",
        name="holderName",
        description="The beneficiary's name, as this department records it.",
    )
    enrollment_status_label: str = label_field(
        "enrollment_status", description="Label of the status."
    )
    benefit_type_label: str = label_field(
        "benefit_type", description="Label of the form of the benefit."
    )
    benefit_frequency_label: str | None = optional_label_field(
        "benefit_frequency", description="Label of how often it is given."
    )
    assistance_unit_label: str = label_field(
        "assistance_unit", description="Label of the unit that receives the benefit."
    )

    def local_id(self) -> str:
        if self.masking is not None:
            return self.masking.local_id
        return f"{self.department_identifier}|{self.holder_key}|{self.benefit_number}"

    @strawberry.field(
        description="The newest payments, newest first. Empty if none has been made, or if the "
        "department does not send payments. Null if `last` is not valid, or if the caller may not "
        "see payments.",
        metadata=reads("stored_payments"),
    )
    def payments(
        self,
        last: Annotated[
            int,
            strawberry.argument(description=f"Largest number of payments, 1 to {MAX_PAYMENTS}."),
        ] = 12,
    ) -> list[BenefitPayment] | None:
        payments = newest_payments(self.stored_payments, last)
        is_hidden = self.masking is not None and FieldClass.PAYMENT in self.masking.hidden
        return None if is_hidden else payments

    @strawberry.field(
        description="Name of the programme, taken from the service catalogue.",
        metadata=reads("service_code"),
    )
    def programme_name(self, info: Info, lang: LanguageArgument = Language.EN) -> str | None:
        service = info.context.sources.catalogue.service(self.service_code)
        return service.name_text.in_language(lang) if service else None

    @strawberry.field(
        description="The service that led to the benefit.", metadata=reads("service_code")
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    @strawberry.field(description="The department that gives the benefit.", metadata=reads())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of benefits.")
class BenefitConnection(SourcedConnection[Benefit]):
    pass
