"""Finds requests at the help desk."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mocks.helpdesk.wire_format import request_status
from mocks.population import Population
from mocks.population.clock import INDIA, NOW
from mocks.population.records import Grievance

YEARS = range(1900, 2201)
SPAN = timedelta(days=90)
MOST = 1000
"""The Open311 default: 90 days or 1000 requests, whichever is smaller."""


@dataclass(frozen=True, slots=True)
class GrievanceFilter:
    """What a list of requests is narrowed by; None narrows nothing. Moments are local."""

    service_codes: frozenset[str] | None
    statuses: frozenset[str] | None
    start: datetime | None
    end: datetime | None


class GrievanceIndex:
    """Requests by id, account, registration number, or a wish."""

    def __init__(self, population: Population) -> None:
        self._newest_first = sorted(population.grievances, key=lambda g: g.request_id)
        self._newest_first.sort(key=lambda g: g.requested_at, reverse=True)
        self._by_id = _grouped(self._newest_first, lambda g: g.request_id)
        self._by_account = _grouped(self._newest_first, lambda g: g.owner)
        self._by_number = _grouped(self._newest_first, lambda g: g.registration_number)

    def by_ids(self, ids: Iterable[str]) -> list[Grievance]:
        """By service_request_id."""
        return [grievance for key in ids for grievance in self._by_id.get(key, ())]

    def by_accounts(self, accounts: Iterable[str]) -> list[Grievance]:
        """By the citizen's account."""
        return [grievance for key in accounts for grievance in self._by_account.get(key, ())]

    def by_numbers(self, numbers: Iterable[str]) -> list[Grievance]:
        """By registration number."""
        return [grievance for key in numbers for grievance in self._by_number.get(key, ())]

    def search(self, wish: GrievanceFilter) -> list[Grievance]:
        """The newest that fit; 90 days before the end (or after the start) unless both stand."""
        end = wish.end or (wish.start + SPAN if wish.start else NOW)
        start = wish.start or end - SPAN
        found = [
            grievance
            for grievance in self._newest_first
            if start <= grievance.requested_at <= end
            and (wish.service_codes is None or grievance.service_code in wish.service_codes)
            and (wish.statuses is None or request_status(grievance) in wish.statuses)
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
    """A W3C moment as naive local time; Open311 demands its zone. Raises ValueError."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("the time zone is missing")
    if moment.year not in YEARS:
        raise ValueError(f"the year {moment.year} is out of range")
    return moment.astimezone(INDIA).replace(tzinfo=None)
