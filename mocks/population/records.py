"""Records of departments: the true data, before each department's own wire format.

Times are local (Asia/Kolkata) without a zone, as departments store them. `owner` is always the
person's number in the department, `member_id` the number in the Family ID register.
"""

from dataclasses import dataclass
from datetime import date, datetime

GRIEVANCE_SOURCES = ("web", "mobileapp", "ivr", "csc")


@dataclass(frozen=True, slots=True)
class Officer:
    """An officer: post and office, never a name."""

    designation: str
    location_name: str


@dataclass(frozen=True, slots=True)
class TimelineEvent:
    """One step of an application; `executed` is None while the step waits for its officer."""

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
    """An application for a service."""

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
    """A pension or a scholarship award, current or ended."""

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
class Payment:
    """One payment of a benefit.

    Attributes:
        period: first and last day that it is for.
        paid_on: when it was sent to the bank; None if it has not been sent.
        status: the hub's payment status.
        return_code: code of NPCI, if the bank returned it.
        account_last4: last four digits of the bank account.
    """

    period: tuple[date, date]
    amount_paise: int
    paid_on: date | None
    status: str
    return_code: str | None
    account_last4: str


@dataclass(frozen=True, slots=True)
class Certificate:
    """A certificate; `superseded_on` is the wrong issue date of an older row, if there is one."""

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
    """A grievance at the help desk."""

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

    @property
    def source(self) -> str:
        """Word of PGR for how it was submitted."""
        return GRIEVANCE_SOURCES[int(self.request_id[-4:]) % len(GRIEVANCE_SOURCES)]
