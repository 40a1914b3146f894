"""Statuses: the hub's own values, and the department's code and text."""

from typing import ClassVar

import strawberry
from strawberry import field

from schema.enums import DescribedEnum, described


@strawberry.type(description="A status as the department sent it.")
class DepartmentStatus:
    SHARED: ClassVar = True

    code: str = field(description="The department's code, unchanged.")
    label: str | None = field(default=None, description="The department's text for the code.")


@strawberry.enum(description="Status of an application, the same for all departments.")
class ApplicationStatus(DescribedEnum):
    DRAFT = described("Started but not submitted. A draft number is not a reference number.")
    SUBMITTED = described("Received. No officer has acted on it yet.")
    PAYMENT_PENDING = described("Waiting for the citizen's payment.")
    UNDER_PROCESS = described("An officer is working on it.")
    SENT_BACK = described("Returned to the citizen for correction.")
    ON_HOLD = described("Stopped for now.")
    APPROVED = described("Approved, but not delivered to the citizen yet.")
    PARTIALLY_DELIVERED = described("A part has been delivered.")
    DELIVERED = described("The service has been delivered completely.")
    REJECTED = described("Rejected. The law requires a reason.")
    PARTIALLY_REJECTED = described("A part has been rejected.")
    WITHDRAWN = described("Withdrawn by the citizen.")
    UNKNOWN = described("A code that the hub does not know. See `departmentStatus`.")


@strawberry.enum(description="Status of a grievance. Descriptions start with the DIGIT spelling.")
class GrievanceStatus(DescribedEnum):
    PENDING_FOR_ASSIGNMENT = described(
        "PENDINGFORASSIGNMENT: waiting to be assigned to an officer."
    )
    PENDING_AT_LME = described("PENDINGATLME: with a field officer.")
    PENDING_FOR_REASSIGNMENT = described(
        "PENDINGFORREASSIGNMENT: waiting to be assigned to another officer."
    )
    RESOLVED = described("RESOLVED: answered. The citizen may reopen it.")
    REJECTED = described("REJECTED: not accepted.")
    CLOSED_AFTER_RESOLUTION = described("CLOSEDAFTERRESOLUTION: closed after it was resolved.")
    CLOSED_AFTER_REJECTION = described("CLOSEDAFTERREJECTION: closed after it was rejected.")
    UNKNOWN = described("The hub does not know the helpdesk's code.")


@strawberry.enum(description="How an application or grievance was submitted (DIGIT source).")
class SubmissionChannel(DescribedEnum):
    PORTAL = described("By the citizen, on a website or in a mobile app.")
    CSC = described("At a Common Service Centre in a village.")
    KIOSK = described("At the counter of a Saral Kendra.")
    IVR = described("By telephone.")
    UNKNOWN = described("Not recorded, or the hub does not know the code.")
