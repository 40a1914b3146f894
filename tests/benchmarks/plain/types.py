"""The part of the hub's schema that the workloads use."""

import datetime as dt
import os
from enum import Enum
from hashlib import blake2b
from typing import Annotated, Any

import strawberry
from strawberry.types import Info as StrawberryInfo

from schema.ids import KEY_BYTES, IdCipher, Purpose
from tests.benchmarks.plain.context import Context
from tests.benchmarks.plain.source_status import SourceStatus

Info = StrawberryInfo[Context, None]


@strawberry.enum
class ApplicationStatus(Enum):
    SUBMITTED = "SUBMITTED"
    UNDER_PROCESS = "UNDER_PROCESS"
    APPROVED = "APPROVED"
    REJECTED = "REJECTED"
    DELIVERED = "DELIVERED"
    UNKNOWN = "UNKNOWN"


@strawberry.enum
class EnrollmentStatus(Enum):
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    UNKNOWN = "UNKNOWN"


@strawberry.enum
class Language(Enum):
    EN = "EN"
    HI = "HI"


@strawberry.type
class DepartmentStatus:
    code: str
    label: str | None


@strawberry.type
class Department:
    identifier: str
    name: str


@strawberry.type
class Service:
    code: str
    name: str


@strawberry.type
class Money:
    amount: int
    currency_code: str = "INR"


@strawberry.type
class PersonName:
    full_name: str


@strawberry.type
class Address:
    address_line1: str | None
    locality: str | None
    sub_region_name: str | None
    postal_code: str | None


@strawberry.type
class Office:
    designation: str | None
    location_name: str | None


@strawberry.type
class DepartmentText:
    text: str


@strawberry.type
class TimelineEvent:
    action: str
    task_name: str | None
    performed_by: Office | None
    received_datetime: dt.datetime | None
    executed_datetime: dt.datetime | None
    remarks: DepartmentText | None
    application_status: ApplicationStatus


@strawberry.interface
class Node:
    @strawberry.field
    def id(self) -> strawberry.ID:
        return to_id(type(self).__name__, self.local_id())

    def local_id(self) -> str:
        raise TypeError(f"{type(self).__name__} is a Node without a local_id")


@strawberry.type
class Application(Node):
    application_reference_number: str
    application_status: ApplicationStatus
    department_status: DepartmentStatus
    status_notes: str | None
    requested_datetime: dt.datetime | None
    updated_datetime: dt.datetime | None
    due_date: dt.date | None
    pending_with: Office | None
    timeline: list[TimelineEvent]
    service_code: str | None
    applicant_name: str | None
    department_identifier: strawberry.Private[str]
    applicant_key: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.application_reference_number}"

    @strawberry.field
    async def applicant(
        self, info: Info
    ) -> Annotated["Citizen", strawberry.lazy("tests.benchmarks.plain.types")] | None:
        found: Citizen | None = await info.context.citizens.load(self.applicant_key)
        return found

    @strawberry.field
    def service(self, info: Info) -> Service | None:
        return SERVICES.get(self.service_code or "")

    @strawberry.field
    def department(self, info: Info) -> Department | None:
        return DEPARTMENTS.get(self.department_identifier)


@strawberry.type
class ApplicationConnection:
    nodes: list[Application]
    total_count: int | None
    sources: list[SourceStatus]


@strawberry.type
class Benefit(Node):
    benefit_number: str
    service_code: str | None
    enrollment_date: dt.date | None
    enrollment_status: EnrollmentStatus
    department_status: DepartmentStatus
    benefit_value: Money | None
    benefit_date: dt.date | None
    department_identifier: strawberry.Private[str]
    holder_key: strawberry.Private[str]

    def local_id(self) -> str:
        return f"{self.department_identifier}|{self.holder_key}|{self.benefit_number}"


@strawberry.type
class BenefitConnection:
    nodes: list[Benefit]
    sources: list[SourceStatus]


@strawberry.type
class Citizen(Node):
    latin_name: strawberry.Private[PersonName | None]
    local_name: strawberry.Private[PersonName | None]
    birth_date: dt.date | None
    phone_number: str | None
    email: str | None
    home_address: Address | None
    member_identifier: strawberry.Private[str]
    links: strawberry.Private[dict[str, str]]

    def local_id(self) -> str:
        return self.member_identifier

    @strawberry.field
    def person_name(self, lang: Language = Language.EN) -> PersonName | None:
        if lang is Language.HI:
            return self.local_name or self.latin_name
        return self.latin_name or self.local_name

    @strawberry.field
    async def applications(self, info: Info, first: int = 20) -> ApplicationConnection | None:
        rows, sources = await info.context.applications_of(self)
        rows.sort(key=lambda row: (row.requested_datetime, row.local_id()), reverse=True)
        return ApplicationConnection(nodes=rows[:first], total_count=len(rows), sources=sources)

    @strawberry.field
    async def benefits(self, info: Info, first: int = 20) -> BenefitConnection | None:
        rows, sources = await info.context.benefits_of(self)
        rows.sort(key=lambda row: (row.enrollment_date, row.local_id()), reverse=True)
        return BenefitConnection(nodes=rows[:first], sources=sources)


# Ids are encrypted as in the hub, so that both servers run the same operations.
IDS = IdCipher(
    [blake2b(os.environ.get("HUB_ID_KEYS", "").encode(), digest_size=KEY_BYTES).digest()]
)


def to_id(type_name: str, local_id: str) -> strawberry.ID:
    return strawberry.ID(IDS.encrypt(Purpose.ID, f"{type_name}:{local_id}"))


def from_id(global_id: str) -> tuple[str, str]:
    """Return the type's name and the local id of a global id."""
    type_name, _, local_id = (IDS.decrypt(Purpose.ID, global_id) or "").partition(":")
    return type_name, local_id


SERVICES = {
    "BEN-INC": Service(code="BEN-INC", name="Income Certificate"),
    "BEN-RES": Service(code="BEN-RES", name="Resident Certificate"),
}
DEPARTMENTS = {
    name: Department(identifier=name, name=label)
    for name, label in {
        "bench-rest": "Bench REST",
        "bench-soap": "Bench SOAP",
        "bench-sql": "Bench SQL",
    }.items()
}
STATUSES: dict[Any, ApplicationStatus] = {
    "01": ApplicationStatus.SUBMITTED,
    "02": ApplicationStatus.UNDER_PROCESS,
    "04": ApplicationStatus.APPROVED,
    "05": ApplicationStatus.REJECTED,
    "06": ApplicationStatus.DELIVERED,
}
BENEFIT_STATUSES: dict[Any, EnrollmentStatus] = {
    "A": EnrollmentStatus.ACTIVE,
    "S": EnrollmentStatus.SUSPENDED,
}
