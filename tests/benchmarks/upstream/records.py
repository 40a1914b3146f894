"""Records of the benchmark's departments. They are invented, and the same in each run."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

ROWS = 100
"""Number of rows in each list."""
KEYS = 10
"""Number of citizens in each list."""
DASHBOARD_ROWS = 5
"""Number of rows from each of the three departments of `dashboard`."""
GROWTH_ROWS = 2
"""Number of rows from each department when there are many departments."""

DASHBOARD_NUMBER = "D0001"
GROWTH_NUMBER = "G0001"
SERVICE_CODES = ("BEN-INC", "BEN-RES")
STATUSES = (
    ("01", "Application Received"),
    ("02", "Under Verification"),
    ("04", "Sanctioned"),
    ("05", "Rejected"),
    ("06", "Delivered"),
)
EPOCH = dt.datetime(2026, 1, 5, 10, 0, 0)


@dataclass(frozen=True, slots=True)
class Event:
    """One step of an application."""

    action: str
    step: str
    post: str
    office: str
    received: dt.datetime
    executed: dt.datetime
    note: str
    status: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application. Each department writes it in its own form."""

    number: str
    citizen: str
    service: str
    status: str
    status_text: str
    remarks: str
    applied: dt.datetime
    updated: dt.datetime
    due: dt.datetime
    post: str
    office: str
    name: str
    mobile: str
    events: Sequence[Event]


@dataclass(frozen=True, slots=True)
class Benefit:
    """A benefit that a department gives."""

    number: str
    citizen: str
    service: str
    status: str
    status_text: str
    amount: int
    since: dt.date
    last_paid: dt.date


def rest_number(index: int) -> str:
    """Return the REST department's number of the n-th citizen."""
    return f"R{index + 1:04}"


def sql_number(index: int) -> str:
    """Return the SQL department's number of the n-th citizen."""
    return f"S{index + 1:04}"


def applications(numbers: Sequence[str], count: int, events: int = 0) -> list[Application]:
    """Return `count` applications, of these citizens in turn, with `events` steps each."""
    return [_application(index, numbers[index % len(numbers)], events) for index in range(count)]


def _application(index: int, citizen: str, events: int) -> Application:
    status, status_text = STATUSES[index % len(STATUSES)]
    applied = EPOCH + dt.timedelta(hours=7 * index)
    return Application(
        number=f"BEN/2026/{index + 1:06}",
        citizen=citizen,
        service=SERVICE_CODES[index % len(SERVICE_CODES)],
        status=status,
        status_text=status_text,
        remarks=f"File {index + 1} of the district office, page {index % 17}",
        applied=applied,
        updated=applied + dt.timedelta(days=3, minutes=index),
        due=applied + dt.timedelta(days=30),
        post="Tehsildar",
        office="Karnal",
        name="RAMESH KUMAR",
        mobile="5900000001",
        events=[_event(applied, step) for step in range(events)],
    )


def _event(applied: dt.datetime, step: int) -> Event:
    received = applied + dt.timedelta(hours=5 * step)
    return Event(
        action=f"Step {step + 1} taken",
        step="Verification",
        post="Patwari",
        office="Nissing",
        received=received,
        executed=received + dt.timedelta(hours=2),
        note=f"Seen and passed on, entry {step + 1}",
        status=STATUSES[step % len(STATUSES)][0],
    )


def benefits(citizen: str, count: int) -> list[Benefit]:
    """Return `count` benefits of one citizen."""
    return [
        Benefit(
            number=f"BEN-B-{index + 1:05}",
            citizen=citizen,
            service=SERVICE_CODES[index % len(SERVICE_CODES)],
            status="A",
            status_text="Active",
            amount=3000 + 250 * index,
            since=dt.date(2023, 4, 1 + index),
            last_paid=dt.date(2026, 10, 1 + index),
        )
        for index in range(count)
    ]


JOINED_CITIZENS = [f"9BENCH01{index + 1:02}" for index in range(KEYS)]
SQL_CITIZENS = [f"9BENCH02{index + 1:02}" for index in range(KEYS)]
DASHBOARD_CITIZEN = "9BENCH0301"
GROWTH_CITIZEN = "9BENCH0401"
MAX_DEPARTMENTS = 200
APPLICANTS = [f"9BENCH{index:04}" for index in range(1000, 1500)]
"""The citizens who submit something."""


def scheme_of(department: int) -> str:
    """Return the numbering scheme of the n-th department."""
    return f"BENCH_{department:03}_NO"


def citizens() -> dict[str, dict[str, Any]]:
    """Return the registry's citizens by each of their identifiers, `SCHEME:number`."""
    links: dict[str, list[tuple[str, str]]] = {
        DASHBOARD_CITIZEN: [
            ("BENCH_REST_NO", DASHBOARD_NUMBER),
            ("BENCH_SOAP_NO", DASHBOARD_NUMBER),
            ("BENCH_SQL_NO", DASHBOARD_NUMBER),
        ],
        GROWTH_CITIZEN: [(scheme_of(n), GROWTH_NUMBER) for n in range(MAX_DEPARTMENTS)],
    }
    for index, member in enumerate(JOINED_CITIZENS):
        links[member] = [("BENCH_REST_NO", rest_number(index))]
    for index, member in enumerate(SQL_CITIZENS):
        links[member] = [("BENCH_SQL_NO", sql_number(index))]
    for index, member in enumerate(APPLICANTS):
        links[member] = [("BENCH_OFFICE_NO", f"F{index + 1:04}")]
    found: dict[str, dict[str, Any]] = {}
    for member, numbers in links.items():
        entry = _citizen(member, numbers)
        for scheme, number in [("PPP_MEMBER", member), *numbers]:
            found[f"{scheme}:{number}"] = entry
    return found


def _citizen(member: str, links: Sequence[tuple[str, str]]) -> dict[str, Any]:
    return {
        "memberId": member,
        "familyId": member[:8],
        "nameEn": f"SUNITA  DEVI {member[-2:]}",
        "nameHi": "सुनीता देवी",
        "gender": "F",
        "dob": "1961-04-12",
        "lifeStatus": "ALIVE",
        "mobile": f"59000000{member[-2:]}",
        "email": None,
        "address": {
            "house": "112",
            "village": "Nissing",
            "districtCode": "061",
            "district": "Karnal",
            "state": "HR",
            "pin": "132024",
        },
        "links": [{"scheme": scheme, "value": value} for scheme, value in links],
        "updatedAt": "2026-10-02T11:20:00+05:30",
    }
