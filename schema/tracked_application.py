"""Application tracking: the status of one application for callers who are not signed in."""

import datetime as dt
import hmac
import re
from collections.abc import Sequence

import strawberry
from strawberry import field

from schema.application import Application, PendingWith
from schema.batch import Info, Outcome, Partial, map_value
from schema.errors import bad_input, not_found
from schema.service import Service
from schema.status import ApplicationStatus, DepartmentStatus

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
    application_reference_number: str = field(description="Reference number on the receipt.")
    application_status: ApplicationStatus = field(
        description="Status, translated to a common code."
    )
    department_status: DepartmentStatus = field(description="Status as the department sent it.")
    applicant_name: str | None = field(description="The applicant's name, masked: `R** D***`.")
    requested_datetime: dt.datetime | None = field(description="When it was submitted.")
    updated_datetime: dt.datetime | None = field(description="When it last changed.")
    expected_datetime: dt.datetime | None = field(description="When the service is due.")
    pending_with: PendingWith | None = field(description="The officer who must act next.")
    service: Service | None = field(description="The service applied for.")
    timeline: list["TrackedEvent"] = field(description="The steps so far, oldest first.")


@strawberry.type(description="One step in the history of an application, without the officer.")
class TrackedEvent:
    action: str = field(description="The action that was taken, as the department describes it.")
    executed_datetime: dt.datetime | None = field(
        description="When it was done. Null if the task is still open."
    )
    application_status: ApplicationStatus = field(description="Status after this step.")


async def find_tracked(
    keys: Sequence[tuple[str, str]], info: Info
) -> list[Outcome[TrackedApplication | None]]:
    """Return the application for each reference, if the telephone number ends in these digits.

    Errors: `BAD_USER_INPUT`, the digits are not four digits. `NOT_FOUND`, the reference or the
    digits are wrong; the error does not say which.

    Args:
        keys: the reference and the last four digits of the telephone number.
    """
    valid = list(dict.fromkeys(ref for ref, last4 in keys if _is_last4(last4)))
    batch = await info.context.sources.applications.by_reference(valid) if valid else []
    found = dict(zip(valid, batch, strict=True))

    def outcome_of(reference: str, last4: str) -> Outcome[TrackedApplication | None]:
        if not _is_last4(last4):
            return bad_input("`phoneLast4` must be exactly four digits.")
        outcome = found[reference]
        if isinstance(outcome, Exception):
            return outcome
        application = outcome.value if isinstance(outcome, Partial) else outcome
        if application is None or not _ends_in(application.applicant_phone, last4):
            return not_found(NO_MATCH)
        return map_value(outcome, lambda _: _tracked(application, info))

    return [outcome_of(*key) for key in keys]


def _is_last4(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}", text) is not None


def _ends_in(phone: str | None, last4: str) -> bool:
    return hmac.compare_digest((phone or "")[-4:].encode(), last4.encode())


def _tracked(application: Application, info: Info) -> TrackedApplication:
    return TrackedApplication(
        application_reference_number=application.application_reference_number,
        application_status=application.application_status,
        department_status=application.department_status,
        applicant_name=mask_name(application.applicant_name),
        requested_datetime=application.requested_datetime,
        updated_datetime=application.updated_datetime,
        expected_datetime=application.expected_datetime,
        pending_with=application.pending_with,
        service=info.context.sources.catalogue.service(application.service_code),
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
    return " ".join(word[0] + "*" * (len(word) - 1) for word in name.split())
