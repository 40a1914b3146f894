"""Application tracking: the status of one application for callers who are not signed in."""

import datetime as dt
import hmac
import re
from collections.abc import Sequence
from typing import ClassVar

import strawberry
from strawberry import field

from schema.application import Application, PendingWith
from schema.batch import Info, Outcome
from schema.citizen_request import days_left, due_date_of, is_overdue
from schema.errors import bad_input, not_found
from schema.labels import label_field, optional_label_field
from schema.language import Text, optional_text_field
from schema.personal import FieldClass, classes
from schema.service import Service
from schema.status import (
    ApplicationStatus,
    CitizenAction,
    DepartmentStatus,
    DueDateSource,
    StatusGroup,
)
from schema.submission_state import SubmissionState
from schema.tries import bounded_tries

NO_MATCH = (
    "No application has this reference and a telephone number that ends in these digits. "
    "Check both on the receipt."
)


@strawberry.type(
    description="The part of an application that the hub shows without signing in. The caller "
    "must know the reference number and the last four digits of the applicant's "
    "telephone number."
)
class TrackedApplication:
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {
            FieldClass.APPLICATION: [
                "application_reference_number",
                "receipt_number",
                "submission_state",
                "application_status",
                "department_status",
                "requested_datetime",
                "updated_datetime",
                "status_group",
                "action_required",
                "due_date",
                "due_date_source",
                "is_overdue",
                "days_left",
                "pending_with",
                "service",
                "timeline",
            ],
            FieldClass.NAME: ["applicant_name"],
        }
    )

    application_reference_number: str | None = field(
        description="The department's reference number. Null until the department has assigned it."
    )
    receipt_number: str | None = field(
        description="The hub's receipt number, if it was submitted through the hub."
    )
    submission_state: SubmissionState | None = field(
        description="How far it has got on its way to the department. Null if it was not submitted "
        "through the hub."
    )
    application_status: ApplicationStatus = field(
        description="Status, translated to a common code."
    )
    department_status: DepartmentStatus = field(
        description="Status as the department sent it, as in `Application`."
    )
    applicant_name: str | None = field(description="The applicant's name, masked: `R** D***`.")
    requested_datetime: dt.datetime | None = field(description="When it was submitted.")
    updated_datetime: dt.datetime | None = field(description="When it last changed.")
    status_group: StatusGroup = field(description="The group that the status belongs to.")
    action_required: CitizenAction | None = field(
        description="What the applicant has to do. Null if the hub does not know the department's "
        "code."
    )
    due_date: dt.date | None = field(
        description="The last day for the department to finish. Null if neither the department nor "
        "the catalogue says it."
    )
    due_date_source: DueDateSource | None = field(
        description="How the hub knows `dueDate`. Null without a due date."
    )
    is_overdue: bool | None = field(
        description="True if `dueDate` has passed and the department has not finished. Null "
        "without a due date, or if the status is not known."
    )
    days_left: int | None = field(description="Working days until `dueDate`, as in `Application`.")
    pending_with: PendingWith | None = field(description="The officer who must act next.")
    service: Service | None = field(description="The service applied for.")
    timeline: list["TrackedEvent"] = field(description="The steps so far, oldest first.")
    application_status_label: str = label_field(
        "application_status", description="Label of the status."
    )
    submission_state_label: str | None = optional_label_field(
        "submission_state", description="Label of the submission's state."
    )


@strawberry.type(description="One step in the history of an application, without the officer.")
class TrackedEvent:
    RECORD_CLASS: ClassVar = FieldClass.APPLICATION
    CLASSES: ClassVar = classes(
        {FieldClass.APPLICATION: ["action", "executed_datetime", "application_status"]}
    )

    action: strawberry.Private[Text | None]
    executed_datetime: dt.datetime | None = field(
        description="When it was done. Null if the task is still open."
    )
    application_status: ApplicationStatus = field(description="Status after this step.")
    action_in: str | None = optional_text_field(
        "action",
        name="action",
        description="The action that was taken, as the department describes it. Null if the hub "
        "has no text for the department's code.",
    )
    application_status_label: str = label_field(
        "application_status", description="Label of the status after this step."
    )


async def find_tracked(
    keys: Sequence[tuple[str, str]], info: Info
) -> list[Outcome[TrackedApplication | None]]:
    """Return the application for each pair of number and telephone digits; see `_find_tracked`.

    All ways to write a receipt number share its tries.
    """
    number_of = info.context.sources.applications.number_of
    return await _find_tracked([(number_of(number), last4) for number, last4 in keys], info)


@bounded_tries("trackApplication")
async def _find_tracked(
    keys: Sequence[tuple[str, str]], info: Info
) -> list[Outcome[TrackedApplication | None]]:
    """Return the application for each reference, if the telephone number ends in these digits.

    Errors: `BAD_USER_INPUT`, the digits are not four digits. `NOT_FOUND`, the reference or the
    digits are wrong; the error does not say which. `RATE_LIMITED`, too many wrong tries.

    Args:
        keys: the reference or the hub's receipt number, and the last four digits of the telephone
            number.
    """
    valid = list(dict.fromkeys(ref for ref, last4 in keys if _is_last4(last4)))
    batch = await info.context.sources.applications.tracked(valid) if valid else []
    found = dict(zip(valid, batch, strict=True))

    def outcome_of(reference: str, last4: str) -> Outcome[TrackedApplication | None]:
        if not _is_last4(last4):
            return bad_input("`phoneLast4` must be exactly four digits.")
        application = found[reference]
        if isinstance(application, Exception):
            return application
        if application is None or not _ends_in(application.applicant_phone, last4):
            return not_found(NO_MATCH)
        return _tracked(application, info)

    return [outcome_of(*key) for key in keys]


def _is_last4(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}", text) is not None


def _ends_in(phone: str | None, last4: str) -> bool:
    return hmac.compare_digest((phone or "")[-4:].encode(), last4.encode())


def _tracked(application: Application, info: Info) -> TrackedApplication:
    catalogue = info.context.sources.catalogue
    due, source = due_date_of(application, catalogue)
    return TrackedApplication(
        application_reference_number=application.application_reference_number,
        receipt_number=application.receipt_number,
        submission_state=application.submission_state,
        application_status=application.application_status,
        department_status=application.department_status,
        applicant_name=mask_name(application.applicant_name),
        requested_datetime=application.requested_datetime,
        updated_datetime=application.updated_datetime,
        status_group=application.status_group(),
        action_required=application.action_required(),
        due_date=due,
        due_date_source=source,
        is_overdue=is_overdue(application, catalogue, info.context.today),
        days_left=days_left(application, catalogue, info.context.today),
        pending_with=application.pending_with,
        service=catalogue.service(application.service_code),
        timeline=[
            TrackedEvent(
                action=event.action,
                executed_datetime=event.executed_datetime,
                application_status=event.application_status,
            )
            for event in application.timeline
        ],
    )


def mask_name(name: str | None) -> str | None:
    """Replace all but the first letter of each word by asterisks: `RAM DEVI` gives `R** D***`."""
    if not name:
        return None
    return " ".join([word[0] + "*" * (len(word) - 1) for word in name.split()])
