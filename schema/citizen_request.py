"""What applications and grievances share: status, dates, and what the citizen has to do."""

import datetime as dt
from enum import Enum
from typing import TYPE_CHECKING, ClassVar

import strawberry
from strawberry import field

from schema.batch import Info, reads
from schema.department import Department
from schema.labels import label_field, label_of, optional_label_field
from schema.language import (
    DepartmentText,
    Language,
    LanguageArgument,
    department_text_field,
)
from schema.node import Node
from schema.provenance import Record
from schema.service import ProcessingTimeUnit, Service
from schema.status import (
    FINISHED,
    CitizenAction,
    DepartmentStatus,
    DueDateSource,
    StatusGroup,
    SubmissionChannel,
    action_required,
    group_of,
)
from schema.submission_state import SubmissionState
from schema.working_days import day_in_india

if TYPE_CHECKING:
    from schema.sources import CatalogueSource

ATTRIBUTES_OF_REQUESTS = (
    "department_status",
    "channel",
    "requested_datetime",
    "updated_datetime",
    "service_code",
    "stored_due_date",
    "stored_action",
    "receipt_number",
    "submission_state",
)
"""The attributes of `CitizenRequest` that have the class of the request itself."""
STATUS = ("stored_action",)
DUE = ("stored_due_date", "service_code", "requested_datetime")


@strawberry.interface(
    description="What a citizen asked a department for: an application or a grievance."
)
class CitizenRequest(Node, Record):
    # These dates sort lists, and decide which of several rows with one number is the newest.
    # The receipt number finds the submission of the hub that a row belongs to.
    ALWAYS_READ: ClassVar = frozenset({"requested_datetime", "updated_datetime", "receipt_number"})
    # Names in a manifest that are not the attribute's name.
    MANIFEST_NAMES: ClassVar = {"stored_due_date": "dueDate", "stored_action": "actionRequired"}

    department_status: DepartmentStatus = field(
        description="Status as the department sent it. If the hub shows what it stored itself: the "
        "code HUB, and the label of `submissionState`."
    )
    receipt_number: str | None = field(
        default=None,
        description="The hub's receipt number, if it was submitted through the hub.",
    )
    submission_state: SubmissionState | None = field(
        default=None,
        description="How far it has got on its way to the department. Null if it was not submitted "
        "through the hub.",
    )
    status_notes: strawberry.Private[str | None] = None
    channel: SubmissionChannel = field(
        default=SubmissionChannel.UNKNOWN, description="How it was submitted."
    )
    requested_datetime: dt.datetime | None = field(
        default=None, description="When it was submitted."
    )
    updated_datetime: dt.datetime | None = field(default=None, description="When it last changed.")
    service_code: str | None = field(
        default=None, description="Code of the service in the catalogue."
    )
    department_identifier: strawberry.Private[str]
    stored_due_date: strawberry.Private[dt.date | None] = None
    stored_action: strawberry.Private[CitizenAction | None] = None
    status_notes_text: DepartmentText | None = department_text_field(
        "status_notes",
        name="statusNotes",
        description="The department's note on the status, for example the reasons for a rejection.",
    )
    channel_label: str = label_field("channel", description="Label of the channel.")
    submission_state_label: str | None = optional_label_field(
        "submission_state", description="Label of the submission's state."
    )

    def number(self, departments_number: str | None) -> str | None:
        """Return the number that identifies it: for a row that the hub made, the receipt number.

        So its id stays the same when the department assigns a number.
        """
        if self.origin is None and self.receipt_number is not None:
            return self.receipt_number
        return departments_number

    def status(self) -> Enum:
        """Return the status. Every type overrides this."""
        raise TypeError(f"{type(self).__name__} has no status method")

    @strawberry.field(
        description="The service in the catalogue. Null if the catalogue has no service with this "
        "code.",
        metadata=reads("service_code"),
    )
    def service(self, info: Info) -> Service | None:
        return info.context.sources.catalogue.service(self.service_code)

    @strawberry.field(
        description="The department that handles it (Open311 agency_responsible).", metadata=reads()
    )
    def department(self, info: Info) -> Department | None:
        return info.context.sources.catalogue.department(self.department_identifier)

    @strawberry.field(
        description="The group that the status belongs to, the same for applications and "
        "grievances.",
        metadata=reads(*STATUS),
    )
    def status_group(self) -> StatusGroup:
        return group_of(self.status(), self.stored_action)

    @strawberry.field(
        description="What the citizen has to do. Null if the hub does not know the department's "
        "code.",
        metadata=reads(*STATUS),
    )
    def action_required(self) -> CitizenAction | None:
        return action_required(self.status(), self.stored_action)

    @strawberry.field(
        description="Label of the group that the status belongs to.", metadata=reads(*STATUS)
    )
    def status_group_label(self, lang: LanguageArgument = Language.EN) -> str:
        return label_of(group_of(self.status(), self.stored_action), lang)

    @strawberry.field(
        description="Label of what the citizen has to do. Null if the hub does not know the "
        "department's code.",
        metadata=reads(*STATUS),
    )
    def action_required_label(self, lang: LanguageArgument = Language.EN) -> str | None:
        action = action_required(self.status(), self.stored_action)
        return None if action is None else label_of(action, lang)

    @strawberry.field(
        description="The last day for the department to finish. Null if neither the department nor "
        "the catalogue says it.",
        metadata=reads(*DUE),
    )
    def due_date(self, info: Info) -> dt.date | None:
        return due_date_of(self, info.context.sources.catalogue)[0]

    @strawberry.field(
        description="How the hub knows `dueDate`. Null without a due date.", metadata=reads(*DUE)
    )
    def due_date_source(self, info: Info) -> DueDateSource | None:
        return due_date_of(self, info.context.sources.catalogue)[1]

    @strawberry.field(
        description="True if `dueDate` has passed and the department has not finished. Null "
        "without a due date, or if the status is not known.",
        metadata=reads(*STATUS, *DUE),
    )
    def is_overdue(self, info: Info) -> bool | None:
        return is_overdue(self, info.context.sources.catalogue, info.context.today)

    @strawberry.field(
        description="Working days (Monday to Friday without the state's holidays) until `dueDate`: "
        "0 if no working day is left after today, negative if it has passed. Null "
        "without a due date, if the department has finished, or if the status is not known.",
        metadata=reads(*STATUS, *DUE),
    )
    def days_left(self, info: Info) -> int | None:
        return days_left(self, info.context.sources.catalogue, info.context.today)


def due_date_of(
    request: CitizenRequest, catalogue: "CatalogueSource"
) -> tuple[dt.date | None, DueDateSource | None]:
    """Return the due date, and how the hub knows it.

    The time limit of the catalogue begins on the day after the day of submission.
    """
    if request.stored_due_date is not None:
        return request.stored_due_date, DueDateSource.DEPARTMENT
    service = catalogue.service(request.service_code)
    if service is None or service.processing_time is None or request.requested_datetime is None:
        return None, None
    start = day_in_india(request.requested_datetime)
    if service.processing_time_unit is ProcessingTimeUnit.CALENDAR:
        return start + dt.timedelta(days=service.processing_time), DueDateSource.CATALOGUE
    due = catalogue.working_days.after(start, service.processing_time)
    return due, DueDateSource.CATALOGUE


def is_overdue(
    request: CitizenRequest, catalogue: "CatalogueSource", today: dt.date
) -> bool | None:
    """Return whether the due date has passed before the department finished; None if unknown."""
    group = request.status_group()
    due, _ = due_date_of(request, catalogue)
    if due is None or group is StatusGroup.UNKNOWN:
        return None
    return due < today and group not in FINISHED


def days_left(request: CitizenRequest, catalogue: "CatalogueSource", today: dt.date) -> int | None:
    """Return the working days until the due date; None if it is unknown or no longer matters."""
    group = request.status_group()
    if group in FINISHED or group is StatusGroup.UNKNOWN:
        return None
    due, _ = due_date_of(request, catalogue)
    return None if due is None else catalogue.working_days.between(today, due)
