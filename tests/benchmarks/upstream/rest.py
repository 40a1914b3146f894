"""JSON replies of the REST departments and of the registry."""

import re
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson

from tests.benchmarks.upstream.records import (
    DASHBOARD_NUMBER,
    DASHBOARD_ROWS,
    GROWTH_NUMBER,
    GROWTH_ROWS,
    KEYS,
    Application,
    Benefit,
    Event,
    applications,
    benefits,
    citizens,
    rest_number,
)

DAY = "%d-%m-%Y"
MOMENT = "%d-%m-%Y %H:%M:%S"

_IDENTIFIER = re.compile(rb'"([A-Z0-9_]+:[A-Z0-9]+)"')
_CITIZENS = {key.encode(): orjson.dumps(entry) for key, entry in citizens().items()}


@lru_cache(maxsize=256)
def citizens_batch(request: bytes) -> bytes:
    """Return the registry's reply to `{"identifiers": [...]}`, in the same order."""
    entries = (
        b'{"requested":"%b","citizen":%b}' % (key, _CITIZENS.get(key, b"null"))
        for key in _IDENTIFIER.findall(request)
    )
    return b'{"results":[%b]}' % b",".join(entries)


@lru_cache(maxsize=16)
def worklist(events: int, rows: int) -> bytes:
    """Return one page of a department's applications, with `events` steps each."""
    numbers = [rest_number(index) for index in range(KEYS)]
    return _reply([_application(each) for each in applications(numbers, rows, events)])


@lru_cache(maxsize=16)
def applications_of(number: str) -> bytes:
    """Return the applications of one citizen; none if the number is unknown."""
    count = {DASHBOARD_NUMBER: DASHBOARD_ROWS, GROWTH_NUMBER: GROWTH_ROWS}.get(number, 0)
    return _reply([_application(each) for each in applications([number], count, 2)])


@lru_cache(maxsize=16)
def benefits_of(number: str) -> bytes:
    """Return the benefits of one citizen."""
    count = DASHBOARD_ROWS if number == DASHBOARD_NUMBER else 0
    return _reply([_benefit(each) for each in benefits(number, count)])


def _reply(rows: Sequence[dict[str, Any]]) -> bytes:
    return orjson.dumps({"total": len(rows), "data": rows})


def _application(row: Application) -> dict[str, Any]:
    return {
        "applNo": row.number,
        "citizenNo": row.citizen,
        "serviceCode": row.service,
        "status": row.status,
        "statusText": row.status_text,
        "remarks": row.remarks,
        "source": "CSC",
        "appliedOn": row.applied.strftime(MOMENT),
        "statusDate": row.updated.strftime(MOMENT),
        "dueOn": row.due.strftime(DAY),
        "pendingWith": {"post": row.post, "office": row.office},
        "applicantName": row.name,
        "mobile": row.mobile,
        "trail": [_event(each) for each in row.events],
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "action": event.action,
        "step": event.step,
        "post": event.post,
        "office": event.office,
        "in": event.received.strftime(MOMENT),
        "out": event.executed.strftime(MOMENT),
        "note": event.note,
        "status": event.status,
    }


def _benefit(row: Benefit) -> dict[str, Any]:
    return {
        "awardNo": row.number,
        "citizenNo": row.citizen,
        "serviceCode": row.service,
        "state": row.status,
        "stateText": row.status_text,
        "amount": row.amount,
        "sanctionedOn": row.since.strftime(DAY),
        "paidOn": row.last_paid.strftime(DAY),
    }
