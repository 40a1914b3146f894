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


@strawberry.type(description="A complaint that a citizen raised.")
class Grievance(Node, Record):
    # What lists are sorted by, and what tells the newer of two rows with one number.
    ALWAYS_READ: ClassVar = frozenset({"requested_datetime", "updated_datetime"})
    OWNER: ClassVar = "account_key"

    registration_number: str = field(description="The number on the citizen's receipt (CPGRAMS).")
    service_request_id: str | None = field(
        default=None, description="The helpdesk's own number (Open311)."
    )
    service_code: str | None = field(
        default=None, description="Category of the complaint (Open311)."
    )
    service_name: str | None = field(default=None, description="Name of the category.")
    description: str | None = field(default=None, description="The complaint.")
    application_status: GrievanceStatus = field(description="Where it stands, in common words.")
    department_status: DepartmentStatus = field(description="Where it stands, as told.")
    status_notes: str | None = field(default=None, description="The helpdesk's note on the status.")
    requested_datetime: dt.datetime | None = field(default=None, description="When it was raised.")
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    expected_datetime: dt.datetime | None = field(default=None, description="When it is due.")
    address: str | None = field(default=None, description="The place it is about, as described.")
    geo_location: GeoLocation | None = field(default=None, description="The place on the map.")
    rating: int | None = field(default=None, description="The citizen's rating of the answer, 1-5.")
    department_identifier: strawberry.Private[str]
    account_key: strawberry.Private[str | None] = None

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.registration_number}"

    @strawberry.field(
        description="The helpdesk that deals with it.",
        metadata=reads(),
    )
    def agency_responsible(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)


@strawberry.type(description="One page of grievances, newest first.")
class GrievanceConnection(SourcedConnection[Grievance]):
    pass
