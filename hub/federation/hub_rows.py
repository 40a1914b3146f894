"""Rows of lists that the hub makes of submissions, and their match with a department's rows."""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from adapters.contract import Capability
from hub.durable.model import Submission
from hub.durable.receipts import parse_receipt
from schema.application import Application
from schema.citizen import Citizen
from schema.citizen_request import CitizenRequest
from schema.grievance import Grievance
from schema.labels import label_text
from schema.status import (
    ApplicationStatus,
    DepartmentStatus,
    GrievanceStatus,
    SubmissionChannel,
)
from schema.submission_state import SubmissionKind, SubmissionState
from schema.working_days import day_in_india

RequestT = TypeVar("RequestT", bound=CitizenRequest)

HUB = "HUB"
"""Code of the department's status in rows that no department has confirmed."""
RECEIVED = frozenset(
    {SubmissionState.SENT, SubmissionState.ACKNOWLEDGED, SubmissionState.MAYBE_SENT}
)
"""The states of a submission that the department may list."""
APPLICATION_STATUSES: Mapping[SubmissionState, ApplicationStatus] = {
    SubmissionState.FAILED: ApplicationStatus.ON_HOLD,
    SubmissionState.CANCELLED: ApplicationStatus.WITHDRAWN,
}
GRIEVANCE_STATUSES: Mapping[SubmissionState, GrievanceStatus] = {
    SubmissionState.CANCELLED: GrievanceStatus.UNKNOWN,
}


@dataclass(frozen=True, slots=True)
class SubmittedType(Generic[RequestT]):
    """A type of record that citizens submit.

    Attributes:
        record_type: the type of the rows.
        kind: the kind of submissions that become such rows.
        number: attribute with the department's number.
        by_citizen: the look-up of a citizen's rows.
        by_number: the look-up of a row by the department's number.
        find: the look-up of a row by the hub's receipt number.
        details: returns the attributes that only this type has.
    """

    record_type: type[RequestT]
    kind: SubmissionKind
    number: str
    by_citizen: Capability
    by_number: Capability
    find: Capability
    details: Callable[[Submission, Citizen | None, str | None], dict[str, Any]]

    def number_of(self, row: RequestT) -> str:
        """Return the department's number in a row, in a form that can be compared."""
        return comparable(getattr(row, self.number))

    def row_of(
        self, submission: Submission, citizen: Citizen | None = None, key: str | None = None
    ) -> RequestT:
        """Return the row that the hub shows while the department does not list the submission.

        Args:
            citizen: the citizen of the row; None if unknown.
            key: the citizen's number at the department; None if there is none.
        """
        channel = str(submission.content.facts.get("channel"))
        more: dict[str, Any] = self.details(submission, citizen, key)
        more[self.number] = submission.reference
        return self.record_type(
            department_status=DepartmentStatus(code=HUB, label=label_text(submission.state)),
            channel=SubmissionChannel.__members__.get(channel, SubmissionChannel.UNKNOWN),
            requested_datetime=submission.accepted_at,
            updated_datetime=submission.updated_at,
            service_code=submission.service,
            department_identifier=submission.department,
            receipt_number=submission.receipt,
            submission_state=submission.state,
            **more,
        )

    def with_citizen(self, row: RequestT, citizen: Citizen) -> RequestT:
        """Return a copy of a department's row with its citizen, which the hub knows."""
        if not isinstance(row, Application):
            return row
        return replace(row, known_applicant=citizen)

    def with_submitter(self, row: RequestT, submission: Submission) -> RequestT:
        """Return a copy of a department's row with the citizen and the telephone number of the
        submission."""
        if isinstance(row, Grievance):
            return replace(row, account_member=submission.member)
        assert isinstance(row, Application)
        phone = _text(submission.content.facts.get("applicant_phone"))
        return replace(
            row,
            applicant_member=submission.member,
            applicant_phone=phone or row.applicant_phone,
        )

    def confirmed(self, row: RequestT, submission: Submission, **changes: Any) -> RequestT:
        """Return a copy of the department's row that shows the submission. Rows are shared."""
        state = SubmissionState.ACKNOWLEDGED
        return replace(row, receipt_number=submission.receipt, submission_state=state, **changes)


def _application(
    submission: Submission, citizen: Citizen | None, key: str | None
) -> dict[str, Any]:
    facts = submission.content.facts
    status = APPLICATION_STATUSES.get(submission.state, ApplicationStatus.SUBMITTED)
    return {
        "application_status": status,
        "applicant_name": _text(facts.get("applicant_name")),
        "applicant_key": key,
        "applicant_phone": _text(facts.get("applicant_phone")),
        "applicant_birth_date": _date(facts.get("applicant_birth_date")),
        "applicant_district": _text(facts.get("applicant_district")),
        "applicant_member": submission.member,
        "known_applicant": citizen,
    }


def _grievance(submission: Submission, _: Citizen | None, key: str | None) -> dict[str, Any]:
    facts = submission.content.facts
    status = GRIEVANCE_STATUSES.get(submission.state, GrievanceStatus.PENDING_FOR_ASSIGNMENT)
    return {
        "grievance_status": status,
        "category_code": _text(facts.get("category")),
        "complaint": _text(facts.get("text")),
        "account_key": key,
        "account_member": submission.member,
    }


APPLICATIONS = SubmittedType(
    Application,
    SubmissionKind.APPLICATION,
    "application_reference_number",
    Capability.APPLICATIONS_BY_CITIZEN,
    Capability.APPLICATIONS_BY_REFERENCE,
    Capability.FIND_SUBMISSION,
    _application,
)
GRIEVANCES = SubmittedType(
    Grievance,
    SubmissionKind.GRIEVANCE,
    "registration_number",
    Capability.GRIEVANCES_BY_CITIZEN,
    Capability.GRIEVANCES_BY_REGISTRATION_NUMBER,
    Capability.FIND_GRIEVANCE,
    _grievance,
)


class SubmittedRows(Generic[RequestT]):
    """One citizen's rows, of departments and of the hub.

    Each submission has exactly one row: the department's if the department shows it, otherwise the
    hub's.

    Attributes:
        citizen: the citizen.
        missing: the submissions for which no row of a department is known yet, oldest first.
    """

    def __init__(
        self,
        form: SubmittedType[RequestT],
        citizen: Citizen,
        rows: Sequence[RequestT],
        submissions: Sequence[Submission],
    ) -> None:
        self.citizen = citizen
        self._form = form
        self._rows = list(rows)
        self._of_row: dict[int, Submission] = {}
        self._guessed: set[int] = set()
        self.missing = sorted(submissions, key=lambda each: each.number)
        by_number = {
            (each.department_identifier, form.number_of(each)): index
            for index, each in enumerate(rows)
        }
        by_receipt = {
            (each.department_identifier, parse_receipt(each.receipt_number)): index
            for index, each in enumerate(rows)
            if each.receipt_number
        }
        self._match(lambda each: by_number.get((each.department, comparable(each.reference))))
        self._match(lambda each: by_receipt.get((each.department, each.receipt)))

    def _match(self, index_of: Callable[[Submission], int | None]) -> None:
        missing = []
        for each in self.missing:
            index = index_of(each)
            if index is None or index in self._of_row:
                missing.append(each)
            else:
                self._of_row[index] = each
        self.missing = missing

    def candidates(self, submission: Submission) -> list[RequestT]:
        """Return the department's rows that can be the submission, the oldest first.

        It must be possible that the department has received it, and its number must be unknown.
        """
        indexes = self._candidates(submission)
        return [self._rows[index] for index in indexes]

    def _candidates(self, submission: Submission) -> list[int]:
        may_be_listed = submission.state in RECEIVED or submission.is_sending
        if submission.reference is not None or not may_be_listed or submission.service is None:
            return []
        accepted = day_in_india(submission.accepted_at)
        found = [
            index
            for index, row in enumerate(self._rows)
            if row.department_identifier == submission.department
            and row.service_code == submission.service
            and index not in self._of_row
            and row.receipt_number is None
            and (row.origin is None or row.origin.retrieved_at >= submission.accepted_at)
            # Many departments send the day only.
            and row.requested_datetime is not None
            and day_in_india(row.requested_datetime) >= accepted
        ]
        return sorted(found, key=lambda index: _requested(self._rows[index]))

    def add(self, submission: Submission, row: RequestT) -> None:
        """Use a row of the department, which may be among the rows of the list."""
        number = self._form.number_of(row)
        listed = (
            index
            for index, each in enumerate(self._rows)
            if each.department_identifier == row.department_identifier
            and self._form.number_of(each) == number
        )
        index = next(listed, len(self._rows))
        if index == len(self._rows):
            self._rows.append(row)
        if index in self._of_row:
            # The department found another submission's row, which cannot be this one.
            return
        self._of_row[index] = submission
        self.missing.remove(submission)

    def guess(self, submission: Submission) -> None:
        """Take the oldest row that can be the submission, if there is one."""
        for index in self._candidates(submission)[:1]:
            self._of_row[index] = submission
            self._guessed.add(index)
            self.missing.remove(submission)

    def rows(self, key_of: Callable[[str], str | None]) -> list[RequestT]:
        """Return all rows.

        Args:
            key_of: returns the citizen's number at a department; None if there is none.
        """
        rows = list(self._rows)
        for index, submission in self._of_row.items():
            rows[index] = self._form.confirmed(rows[index], submission)
            if index in self._guessed:
                rows[index].submission_state = submission.state
        made = [
            self._form.row_of(each, self.citizen, key_of(each.department)) for each in self.missing
        ]
        return rows + made


def comparable(number: str | None) -> str:
    """Return a number without blanks and differences of case."""
    return re.sub(r"\s", "", number or "").casefold()


def _requested(row: CitizenRequest) -> dt.datetime:
    moment = row.requested_datetime
    assert moment is not None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _date(value: object) -> dt.date | None:
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        return None
