"""Statuses: the hub's word beside the department's own."""

from enum import Enum
from typing import ClassVar

import strawberry
from strawberry import enum_value, field


@strawberry.type(description="A department's own status, never lost in translation.")
class DepartmentStatus:
    SHARED: ClassVar = True

    code: str = field(description="The code exactly as the department sent it.")
    label: str | None = field(default=None, description="The department's words for that code.")


@strawberry.enum(description="Where an application stands, in the same words for every department.")
class ApplicationStatus(Enum):
    DRAFT = enum_value("DRAFT", description="Begun, not submitted; a draft number is no reference.")
    SUBMITTED = enum_value("SUBMITTED", description="Received, nobody has acted on it yet.")
    PAYMENT_PENDING = enum_value("PAYMENT_PENDING", description="Waits for the citizen's payment.")
    UNDER_PROCESS = enum_value("UNDER_PROCESS", description="An officer is working on it.")
    SENT_BACK = enum_value("SENT_BACK", description="Returned to the citizen with a question.")
    ON_HOLD = enum_value("ON_HOLD", description="Stopped for the time being.")
    APPROVED = enum_value("APPROVED", description="Sanctioned, not yet in the citizen's hands.")
    PARTIALLY_DELIVERED = enum_value("PARTIALLY_DELIVERED", description="Delivered in part.")
    DELIVERED = enum_value("DELIVERED", description="Delivered: the service is complete.")
    REJECTED = enum_value("REJECTED", description="Refused; the reasons are required by law.")
    PARTIALLY_REJECTED = enum_value("PARTIALLY_REJECTED", description="Refused in part.")
    WITHDRAWN = enum_value("WITHDRAWN", description="Taken back by the citizen.")
    UNKNOWN = enum_value(
        "UNKNOWN", description="The department's code is not in its table; see departmentStatus."
    )


@strawberry.enum(description="Where a grievance stands (DIGIT PGR; upper snake case here).")
class GrievanceStatus(Enum):
    PENDING_FOR_ASSIGNMENT = enum_value(
        "PENDING_FOR_ASSIGNMENT", description="PENDINGFORASSIGNMENT: waits for an officer."
    )
    PENDING_AT_LME = enum_value(
        "PENDING_AT_LME", description="PENDINGATLME: with the last-mile employee."
    )
    PENDING_FOR_REASSIGNMENT = enum_value(
        "PENDING_FOR_REASSIGNMENT", description="PENDINGFORREASSIGNMENT: to go to another officer."
    )
    RESOLVED = enum_value("RESOLVED", description="RESOLVED: answered, the citizen may reopen.")
    REJECTED = enum_value("REJECTED", description="REJECTED: not taken up.")
    CLOSED_AFTER_RESOLUTION = enum_value(
        "CLOSED_AFTER_RESOLUTION", description="CLOSEDAFTERRESOLUTION: closed, was resolved."
    )
    CLOSED_AFTER_REJECTION = enum_value(
        "CLOSED_AFTER_REJECTION", description="CLOSEDAFTERREJECTION: closed, was rejected."
    )
    UNKNOWN = enum_value("UNKNOWN", description="A status the hub does not know.")


@strawberry.enum(description="Through which door an application or grievance came (DIGIT source).")
class SubmissionChannel(Enum):
    PORTAL = enum_value("PORTAL", description="The citizen's own hands, web or mobile.")
    CSC = enum_value("CSC", description="A Common Service Centre in a village.")
    KIOSK = enum_value("KIOSK", description="A Saral Kendra counter.")
    IVR = enum_value("IVR", description="The telephone helpline.")
    UNKNOWN = enum_value("UNKNOWN", description="Not recorded, or a code the hub does not know.")
