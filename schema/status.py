"""Statuses: the hub's own values, and the department's code and text."""

from enum import Enum
from typing import ClassVar

import strawberry
from strawberry import enum_value, field


@strawberry.type(description="A status as the department sent it.")
class DepartmentStatus:
    SHARED: ClassVar = True

    code: str = field(description="The department's code, unchanged.")
    label: str | None = field(default=None, description="The department's text for the code.")


@strawberry.enum(description="Status of an application, the same for all departments.")
class ApplicationStatus(Enum):
    DRAFT = enum_value(
        "DRAFT", description="Started but not submitted. A draft number is not a reference number."
    )
    SUBMITTED = enum_value("SUBMITTED", description="Received. No officer has acted on it yet.")
    PAYMENT_PENDING = enum_value(
        "PAYMENT_PENDING", description="Waiting for the citizen's payment."
    )
    UNDER_PROCESS = enum_value("UNDER_PROCESS", description="An officer is working on it.")
    SENT_BACK = enum_value("SENT_BACK", description="Returned to the citizen for correction.")
    ON_HOLD = enum_value("ON_HOLD", description="Stopped for now.")
    APPROVED = enum_value("APPROVED", description="Approved, but not delivered to the citizen yet.")
    PARTIALLY_DELIVERED = enum_value(
        "PARTIALLY_DELIVERED", description="A part has been delivered."
    )
    DELIVERED = enum_value("DELIVERED", description="The service has been delivered completely.")
    REJECTED = enum_value("REJECTED", description="Rejected. The law requires a reason.")
    PARTIALLY_REJECTED = enum_value("PARTIALLY_REJECTED", description="A part has been rejected.")
    WITHDRAWN = enum_value("WITHDRAWN", description="Withdrawn by the citizen.")
    UNKNOWN = enum_value(
        "UNKNOWN", description="A code that the hub does not know. See `departmentStatus`."
    )


@strawberry.enum(description="Status of a grievance. Descriptions start with the DIGIT spelling.")
class GrievanceStatus(Enum):
    PENDING_FOR_ASSIGNMENT = enum_value(
        "PENDING_FOR_ASSIGNMENT",
        description="PENDINGFORASSIGNMENT: waiting to be assigned to an officer.",
    )
    PENDING_AT_LME = enum_value("PENDING_AT_LME", description="PENDINGATLME: with a field officer.")
    PENDING_FOR_REASSIGNMENT = enum_value(
        "PENDING_FOR_REASSIGNMENT",
        description="PENDINGFORREASSIGNMENT: waiting to be assigned to another officer.",
    )
    RESOLVED = enum_value("RESOLVED", description="RESOLVED: answered. The citizen may reopen it.")
    REJECTED = enum_value("REJECTED", description="REJECTED: not accepted.")
    CLOSED_AFTER_RESOLUTION = enum_value(
        "CLOSED_AFTER_RESOLUTION",
        description="CLOSEDAFTERRESOLUTION: closed after it was resolved.",
    )
    CLOSED_AFTER_REJECTION = enum_value(
        "CLOSED_AFTER_REJECTION", description="CLOSEDAFTERREJECTION: closed after it was rejected."
    )
    UNKNOWN = enum_value("UNKNOWN", description="The hub does not know the helpdesk's code.")


@strawberry.enum(description="How an application or grievance was submitted (DIGIT source).")
class SubmissionChannel(Enum):
    PORTAL = enum_value("PORTAL", description="By the citizen, on a website or in a mobile app.")
    CSC = enum_value("CSC", description="At a Common Service Centre in a village.")
    KIOSK = enum_value("KIOSK", description="At the counter of a Saral Kendra.")
    IVR = enum_value("IVR", description="By telephone.")
    UNKNOWN = enum_value("UNKNOWN", description="Not recorded, or the hub does not know the code.")
