"""Grievances (Open311 request, DIGIT PGR, CPGRAMS)."""

import datetime as dt
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.connections import SourcedConnection
from schema.department import Department
from schema.node import Node
from schema.person import GeoLocation
from schema.provenance import Record
from schema.status import DepartmentStatus, GrievanceStatus


@strawberry.type(description="A complaint that a citizen made to a helpdesk.")
class Grievance(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    ALWAYS_READ: ClassVar = frozenset({"requested_datetime", "updated_datetime"})
    OWNER: ClassVar = "account_key"

    registration_number: str = field(description="Registration number on the receipt (CPGRAMS).")
    service_request_id: str | None = field(
        default=None, description="The helpdesk's internal number (Open311)."
    )
    category_code: str | None = field(default=None, description="Category code (Open311).")
    category: str | None = field(default=None, description="Category name.")
    complaint: str | None = field(default=None, description="Text of the complaint.")
    grievance_status: GrievanceStatus = field(description="Status, translated to a common code.")
    department_status: DepartmentStatus = field(description="Status as the helpdesk sent it.")
    status_notes: str | None = field(default=None, description="The helpdesk's note on the status.")
    requested_datetime: dt.datetime | None = field(
        default=None, description="When it was submitted."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    expected_datetime: dt.datetime | None = field(default=None, description="When a reply is due.")
    problem_address: str | None = field(
        default=None, description="Location of the problem, in words."
    )
    problem_location: GeoLocation | None = field(
        default=None, description="Location of the problem."
    )
    rating: int | None = field(default=None, description="Citizen's rating, from 1 to 5.")
    department_identifier: strawberry.Private[str]
    account_key: strawberry.Private[str | None] = None

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.registration_number}"

    @strawberry.field(description="The helpdesk that handles the complaint.", metadata=reads())
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of grievances, newest first.")
class GrievanceConnection(SourcedConnection[Grievance]):
    pass
