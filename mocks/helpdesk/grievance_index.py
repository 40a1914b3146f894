"""Finds generated grievances, which Open311 calls requests."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mocks.helpdesk.wire_format import request_status
from mocks.population.clock import INDIA
from mocks.population.records import Grievance

YEARS = range(1900, 2201)
SPAN = timedelta(days=90)
MOST = 1000
"""Limits of Open311: 90 days or 1000 requests, whichever is less."""


@dataclass(frozen=True, slots=True)
class GrievanceFilter:
    """Filter of a list of requests; None matches all. Times are local, without a zone."""

    service_codes: frozenset[str] | None
    statuses: frozenset[str] | None
    start: datetime | None
    end: datetime | None


class GrievanceIndex:
    """Finds requests by id, account or registration number.

    Attributes:
        newest_first: all requests.
    """

    def __init__(self, grievances: Iterable[Grievance]) -> None:
        self.newest_first = sorted(grievances, key=lambda g: g.request_id)
        self.newest_first.sort(key=lambda g: g.requested_at, reverse=True)
        self._by_id = _grouped(self.newest_first, lambda g: g.request_id)
        self._by_account = _grouped(self.newest_first, lambda g: g.owner)
        self._by_number = _grouped(self.newest_first, lambda g: g.registration_number)

    def by_ids(self, ids: Iterable[str]) -> list[Grievance]:
        """Return the requests with these values of `service_request_id`."""
        return [grievance for key in ids for grievance in self._by_id.get(key, ())]

    def by_accounts(self, accounts: Iterable[str]) -> list[Grievance]:
        """Return the requests of these citizens' accounts."""
        return [grievance for key in accounts for grievance in self._by_account.get(key, ())]

    def by_numbers(self, numbers: Iterable[str]) -> list[Grievance]:
        """Return the requests with these registration numbers."""
        return [grievance for key in numbers for grievance in self._by_number.get(key, ())]


def matching(
    newest_first: Iterable[Grievance], wanted: GrievanceFilter, now: datetime
) -> list[Grievance]:
    """Return the newest matching requests.

    If the filter has only one limit of time or none, the list covers 90 days.
    """
    end = wanted.end or (wanted.start + SPAN if wanted.start else now)
    start = wanted.start or end - SPAN
    found = [
        grievance
        for grievance in newest_first
        if start <= grievance.requested_at <= end
        and (wanted.service_codes is None or grievance.service_code in wanted.service_codes)
        and (wanted.statuses is None or request_status(grievance) in wanted.statuses)
    ]
    return found[:MOST]


def _grouped(
    grievances: Iterable[Grievance], key_of: Callable[[Grievance], str]
) -> dict[str, list[Grievance]]:
    groups: dict[str, list[Grievance]] = {}
    for grievance in grievances:
        groups.setdefault(key_of(grievance), []).append(grievance)
    return groups


def local_moment(text: str) -> datetime:
    """Parse a W3C date-time as local time without a zone.

    Raises:
        ValueError: it has no zone, which Open311 requires, or is not a date-time.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time zone is missing")
    if moment.year not in YEARS:
        raise ValueError(f"the year {moment.year} is out of range")
    return moment.astimezone(INDIA).replace(tzinfo=None)
