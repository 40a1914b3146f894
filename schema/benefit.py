"""Benefits a citizen receives (SPDCI Integrated Beneficiary Registry)."""

import datetime as dt
from enum import Enum
from typing import ClassVar

import strawberry
from strawberry import enum_value, field

from schema.batch import Info, reads
from schema.connections import SourcedConnection
from schema.department import Department
from schema.node import Node
from schema.person import PersonName
from schema.provenance import Record
from schema.service import Money, Service
from schema.status import DepartmentStatus


@strawberry.enum(description="Where a benefit stands (SPDCI EnrollmentStatus).")
class EnrollmentStatus(Enum):
    ACTIVE = enum_value("ACTIVE", description="Active: being paid.")
    DECEASED = enum_value("DECEASED", description="Deceased: ended by the beneficiary's death.")
    GRADUATED = enum_value("GRADUATED", description="Graduated: ended as foreseen.")
    SUSPENDED = enum_value("SUSPENDED", description="Suspended: stopped for the time being.")
    UNKNOWN = enum_value("UNKNOWN", description="A code the hub does not know.")


@strawberry.enum(description="The form a benefit takes (SPDCI BenefitType).")
class BenefitType(Enum):
    CASH = enum_value("CASH", description="Cash")
    VOUCHER = enum_value("VOUCHER", description="Voucher")
    IN_KIND = enum_value("IN_KIND", description="In-kind")
    TRAINING = enum_value("TRAINING", description="Training")
    WORK_OPPORTUNITY = enum_value("WORK_OPPORTUNITY", description="Work Opportunity")
    INSURANCE = enum_value("INSURANCE", description="Insurance")


@strawberry.enum(description="Who a benefit is given to (SPDCI AssistanceUnit).")
class AssistanceUnit(Enum):
    MEMBER = enum_value("MEMBER", description="Member: one person.")
    HOUSEHOLD = enum_value("HOUSEHOLD", description="Household")
    FAMILY = enum_value("FAMILY", description="Family")


@strawberry.enum(description="How often a benefit is given (RFC 5545 FREQ).")
class Frequency(Enum):
    ONCE = enum_value("ONCE", description="A single time.")
    MONTHLY = enum_value("MONTHLY", description="Every month.")
    YEARLY = enum_value("YEARLY", description="Every year.")


@strawberry.type(description="A benefit that a department gives to a citizen.")
class Benefit(Node, Record):
    # What lists are sorted by, and what tells the newer of two rows with one number.
    ALWAYS_READ: ClassVar = frozenset({"enrollment_date"})
    # Whose it is, for the access log.
    OWNER: ClassVar = "holder_key"

    benefit_number: str = field(description="The department's number of the benefit.")
    programme_identifier: str | None = field(
        default=None, description="Code of the service that leads to it."
    )
    assistance_unit: AssistanceUnit = field(
        default=AssistanceUnit.MEMBER, description="Who it is given to."
    )
    enrollment_date: dt.date | None = field(default=None, description="Since when.")
    enrollment_status: EnrollmentStatus = field(description="Where it stands, in common words.")
    department_status: DepartmentStatus = field(description="Where it stands, as told.")
    status_change_date: dt.date | None = field(default=None, description="Since when it does.")
    benefit_type: BenefitType = field(default=BenefitType.CASH, description="The form it takes.")
    benefit_value: Money | None = field(default=None, description="How much, each time.")
    benefit_frequency: Frequency | None = field(default=None, description="How often.")
    benefit_date: dt.date | None = field(
        default=None, description="When it was last given; null if never."
    )
    holder_name_local: PersonName | None = field(
        default=None, description="The holder's name in Devanagari, as this department has it."
    )
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.department_identifier}|{self.holder_key}|{self.benefit_number}"

    @strawberry.field(
        description="Name of the programme, from the service catalogue.",
        metadata=reads("programme_identifier"),
    )
    def programme_name(self, info: Info) -> str | None:
        service = info.context.sources.catalogue.service(self.programme_identifier)
        return service.service_name if service else None

    @strawberry.field(
        description="The service that leads to it.",
        metadata=reads("programme_identifier"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.programme_identifier)

    @strawberry.field(
        description="The department that gives it.",
        metadata=reads(),
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of benefits, newest first.")
class BenefitConnection(SourcedConnection[Benefit]):
    pass
