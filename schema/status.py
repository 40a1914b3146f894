"""Statuses: the hub's own values, and the department's code and text."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import ClassVar

import strawberry
from strawberry import field

from schema.batch import reads
from schema.enums import DescribedEnum, described
from schema.language import Language, LanguageArgument, Text


@strawberry.type(description="A status as the department sent it.")
class DepartmentStatus:
    SHARED: ClassVar = True
    NOT_PERSONAL: ClassVar = frozenset({"code", "label"})

    code: str = field(description="The department's code, unchanged.")
    label: strawberry.Private[Text | None] = None

    @strawberry.field(
        name="label",
        description="The department's text for the code. Null if there is none: show the label of "
        "the hub's own status.",
        metadata=reads("code", "label"),
    )
    def label_in(self, lang: LanguageArgument = Language.EN) -> str | None:
        # Some departments repeat the code where the text should be.
        label = self.label
        if label is None or (label.en == self.code and label.hi is None):
            return None
        return label.in_language(lang)


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


@strawberry.enum(
    description="Statuses of applications and grievances, in groups that lists can show."
)
class StatusGroup(DescribedEnum):
    OPEN = described("The department is working on it.")
    WAITING_FOR_CITIZEN = described("The citizen has to act first. See `actionRequired`.")
    DONE = described("Finished: delivered, answered, or withdrawn by the citizen.")
    REFUSED = described("Rejected as a whole or in part, or not accepted.")
    UNKNOWN = described("The hub does not know the department's code.")


@strawberry.enum(description="What a citizen has to do, so that a request can go on or end.")
class CitizenAction(DescribedEnum):
    NONE = described("Nothing.")
    SUBMIT = described("Submit the draft.")
    PAY = described("Pay what the department demands.")
    ANSWER_QUERY = described("Answer the department's query.")
    CORRECT_DOCUMENTS = described("Correct the application or its documents, and send it again.")
    COLLECT = described("Collect the result at the office.")


@strawberry.enum(description="How the hub knows a due date.")
class DueDateSource(DescribedEnum):
    DEPARTMENT = described("The department sent it.")
    CATALOGUE = described(
        "Computed from the day of submission and the time limit in the service catalogue."
    )


_STATUSES_OF_GROUPS: Mapping[StatusGroup, Iterable[Enum]] = {
    StatusGroup.OPEN: (
        ApplicationStatus.SUBMITTED,
        ApplicationStatus.UNDER_PROCESS,
        ApplicationStatus.ON_HOLD,
        ApplicationStatus.APPROVED,
        ApplicationStatus.PARTIALLY_DELIVERED,
        GrievanceStatus.PENDING_FOR_ASSIGNMENT,
        GrievanceStatus.PENDING_AT_LME,
        GrievanceStatus.PENDING_FOR_REASSIGNMENT,
    ),
    StatusGroup.WAITING_FOR_CITIZEN: (
        ApplicationStatus.DRAFT,
        ApplicationStatus.PAYMENT_PENDING,
        ApplicationStatus.SENT_BACK,
    ),
    StatusGroup.DONE: (
        ApplicationStatus.DELIVERED,
        ApplicationStatus.WITHDRAWN,
        GrievanceStatus.RESOLVED,
        GrievanceStatus.CLOSED_AFTER_RESOLUTION,
    ),
    StatusGroup.REFUSED: (
        ApplicationStatus.REJECTED,
        ApplicationStatus.PARTIALLY_REJECTED,
        GrievanceStatus.REJECTED,
        GrievanceStatus.CLOSED_AFTER_REJECTION,
    ),
    StatusGroup.UNKNOWN: (ApplicationStatus.UNKNOWN, GrievanceStatus.UNKNOWN),
}
GROUPS: Mapping[Enum, StatusGroup] = {
    status: group for group, statuses in _STATUSES_OF_GROUPS.items() for status in statuses
}
"""The group of each status, if the department's code says nothing about the citizen's action."""

ACTIONS: Mapping[Enum, CitizenAction] = {
    ApplicationStatus.DRAFT: CitizenAction.SUBMIT,
    ApplicationStatus.PAYMENT_PENDING: CitizenAction.PAY,
    ApplicationStatus.SENT_BACK: CitizenAction.CORRECT_DOCUMENTS,
}
"""What the citizen has to do in each status, if the department's code does not say more."""

FINISHED = frozenset({StatusGroup.DONE, StatusGroup.REFUSED})
"""The groups in which a due date no longer matters."""


def action_required(status: Enum, action: CitizenAction | None) -> CitizenAction | None:
    """Return what the citizen has to do; None if the hub does not know the department's code.

    Args:
        status: status of the application or grievance.
        action: what the department's code says; None if it says nothing.
    """
    if action is not None:
        return action
    if GROUPS[status] is StatusGroup.UNKNOWN:
        return None
    return ACTIONS.get(status, CitizenAction.NONE)


def group_of(status: Enum, action: CitizenAction | None) -> StatusGroup:
    """Return the group of a status; the arguments are those of `action_required`."""
    group = GROUPS[status]
    if group in FINISHED or action_required(status, action) in (None, CitizenAction.NONE):
        return group
    return StatusGroup.WAITING_FOR_CITIZEN
