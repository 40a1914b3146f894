"""Generates the timeline of an application: the offices that it passes through."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from mocks.population.citizen import Address
from mocks.population.records import Officer, TimelineEvent
from mocks.population.services import PENSIONS, Department, Status

VILLAGE_DESKS = frozenset({"Patwari", "Kanungo", "Tehsil Welfare Officer", "Principal"})
WAITING = frozenset({Status.UNDER_PROCESS, Status.ON_HOLD})
"""Statuses in which the last step waits for its officer."""
WITH_AN_OFFICER = WAITING | {Status.SUBMITTED, Status.APPROVED, Status.UNKNOWN}


def officer(designation: str, address: Address) -> Officer:
    """Return the officer with this designation who is responsible for an address."""
    at_village = designation in VILLAGE_DESKS
    return Officer(designation, address.village if at_village else address.district.name)


def pending_with(department: Department, status_code: str, address: Address) -> Officer | None:
    """Return the officer who has the application; None if it is finished or with the citizen."""
    step = department.steps[status_code]
    if step.status not in WITH_AN_OFFICER:
        return None
    return officer(step.desk or department.front_desk, address)


def timeline(
    department: Department,
    path: Sequence[str],
    moments: Sequence[datetime],
    address: Address,
    remarks: Mapping[int, str] | None = None,
) -> tuple[TimelineEvent, ...]:
    """Return one event for each status code.

    Args:
        path: status codes.
        moments: ascending times of the executed events; one less than `path` if the last step
            waits for its officer.
        remarks: remarks by index in `path`.
    """
    # The pension system does not store when it received an application.
    receipt = None if department is PENSIONS else moments[0]
    events = []
    for position, code in enumerate(path):
        step = department.steps[code]
        done = position < len(moments)
        events.append(
            TimelineEvent(
                action=step.action,
                action_no=step.action_no,
                task_name=step.task_name,
                performed_by=officer(step.desk, address) if step.desk else None,
                received=moments[position - 1] if position else receipt,
                executed=moments[position] if done else None,
                remarks=(remarks or {}).get(position),
                status_code=code,
            )
        )
    return tuple(events)


def path_to(department: Department, status_code: str, rng: random.Random) -> tuple[str, ...]:
    """Return the status codes up to a status; one path in ten was sent back once."""
    step = department.steps[status_code]
    path = (*step.way, status_code)
    sent_back = rng.random() < 0.1
    if len(path) > 2 and sent_back and step.status is not Status.SENT_BACK:
        detour = next(c for c, s in department.steps.items() if s.status is Status.SENT_BACK)
        path = (*path[:2], detour, *path[1:])
    return path


def moments_between(
    first: datetime, last: datetime, count: int, rng: random.Random
) -> list[datetime]:
    """Return `count` ascending times from `first` to `last`; only `first` if `count` is 1."""
    if count == 1:
        return [first]
    span = int((last - first).total_seconds())
    between = sorted(rng.randint(0, span) for _ in range(count - 2))
    return [first, *(first + timedelta(seconds=offset) for offset in between), last]
