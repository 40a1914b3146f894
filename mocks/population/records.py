"""What departments hold about people: the truth, before each department's own wire form.

Moments are naive local time (Asia/Kolkata), as the departments keep them; money is in paise.
"""

from dataclasses import dataclass
from datetime import date, datetime


@dataclass(frozen=True, slots=True)
class Officer:
    """An office holder by post, never by name."""

    designation: str
    location_name: str


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One step of an application. `executed` is None while the step is waiting for its officer."""

    action: str
    action_no: str | None
    task_name: str | None
    performed_by: Officer | None
    received: datetime | None
    executed: datetime | None
    remarks: str | None
    status_code: str


@dataclass(frozen=True, slots=True)
class Application:
    """One application; `owner` is the applicant's number in the department."""

    reference: str
    owner: str
    member_id: str
    service_code: str
    status_code: str
    remarks: str | None
    applied_at: datetime
    updated_at: datetime
    due_on: date | None
    source: str
    pending_with: Officer | None
    timeline: tuple[TimelineEvent, ...]


@dataclass(frozen=True, slots=True)
class Benefit:
    """A pension or a scholarship award that is (or was) paid."""

    number: str
    owner: str
    member_id: str
    service_code: str
    amount_paise: int
    sanctioned_on: date
    status_code: str
    status_changed_on: date | None
    paid_on: date | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """An issued certificate. `superseded_on`: the wrong issue date of an older twin row, if any."""

    number: str
    application_reference: str
    owner: str
    member_id: str
    service_code: str
    holder_name_local: str
    issued_on: date
    valid_to: date | None
    status_code: str
    issued_by: str
    updated_at: datetime
    superseded_on: date | None


@dataclass(frozen=True, slots=True)
class Grievance:
    """A complaint at the help desk."""

    request_id: str
    registration_number: str
    owner: str
    member_id: str
    service_code: str
    description: str
    status_code: str
    status_notes: str | None
    requested_at: datetime
    updated_at: datetime
    expected_at: datetime | None
    rating: int | None
