"""Grievances (Open311 request, DIGIT PGR, CPGRAMS)."""

from typing import ClassVar

import strawberry
from strawberry import field

from schema.citizen_request import ATTRIBUTES_OF_REQUESTS, CitizenRequest
from schema.labels import label_field
from schema.language import DepartmentText, Text, department_text_field, optional_text_field
from schema.list_order import RequestConnection
from schema.person import GeoLocation
from schema.personal import FieldClass, classes
from schema.provenance import Record
from schema.status import GrievanceStatus


@strawberry.type(description="A complaint that a citizen made to a helpdesk.")
class Grievance(CitizenRequest):
    OWNER: ClassVar = "account_key"
    RARE: ClassVar = frozenset({"stored_action", "receipt_number"})
    # Every row of a helpdesk has it. Submissions that it has not confirmed lack it.
    REQUIRED: ClassVar = frozenset({"registration_number"})
    RECORD_CLASS: ClassVar = FieldClass.GRIEVANCE
    CLASSES: ClassVar = classes(
        {
            FieldClass.GRIEVANCE: [
                *ATTRIBUTES_OF_REQUESTS,
                "registration_number",
                "service_request_id",
                "category_code",
                "category",
                "grievance_status",
                "rating",
            ],
            FieldClass.REMARKS: ["status_notes", "complaint"],
            FieldClass.ADDRESS: ["problem_address", "problem_location"],
            FieldClass.IDENTIFIER: ["account_key", "account_member"],
        }
    )
    NOT_PERSONAL: ClassVar = Record.NOT_PERSONAL | {"department_identifier"}
    # The hub finds the citizen by one of these numbers.
    KEYS: ClassVar = frozenset({"account_key", "account_member"})

    registration_number: str | None = field(
        description="The helpdesk's registration number (CPGRAMS). Null until the helpdesk has "
        "assigned it: show `receiptNumber`."
    )
    service_request_id: str | None = field(
        default=None, description="The helpdesk's internal number (Open311)."
    )
    category_code: str | None = field(default=None, description="Category code (Open311).")
    category: strawberry.Private[Text | None] = None
    complaint: strawberry.Private[str | None] = None
    grievance_status: GrievanceStatus = field(description="Status, translated to a common code.")
    problem_address: strawberry.Private[str | None] = None
    problem_location: GeoLocation | None = field(
        default=None, description="Location of the problem."
    )
    rating: int | None = field(default=None, description="Citizen's rating, from 1 to 5.")
    account_key: strawberry.Private[str | None] = None
    account_member: strawberry.Private[str | None] = None
    category_in: str | None = optional_text_field(
        "category", name="category", description="Category name."
    )
    complaint_text: DepartmentText | None = department_text_field(
        "complaint", name="complaint", description="Text of the complaint."
    )
    grievance_status_label: str = label_field(
        "grievance_status", description="Label of the status."
    )
    problem_address_text: DepartmentText | None = department_text_field(
        "problem_address", name="problemAddress", description="Location of the problem, in words."
    )

    def local_id(self) -> str:
        return f"{self.department_identifier}:{self.number(self.registration_number)}"

    def status(self) -> GrievanceStatus:
        return self.grievance_status


@strawberry.type(description="One page of grievances.")
class GrievanceConnection(RequestConnection[Grievance]):
    pass
