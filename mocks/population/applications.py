"""Generates the applications of one department."""

import random
from collections.abc import Iterator
from datetime import date, timedelta

from mocks.population.citizen import REVENUE_PERSON_NO, Citizen
from mocks.population.clock import NOW, TODAY
from mocks.population.records import Application
from mocks.population.services import (
    CERTIFICATES,
    PENSIONS,
    SCHOLARSHIPS,
    Department,
    Service,
    Status,
)
from mocks.population.timeline import (
    WAITING,
    moments_between,
    path_to,
    pending_with,
    timeline,
)

COUNTS = (0, 1, 2, 3, 4)
COUNT_WEIGHTS = (8, 55, 22, 10, 5)
RECENT = frozenset(
    {
        Status.SUBMITTED,
        Status.UNDER_PROCESS,
        Status.SENT_BACK,
        Status.ON_HOLD,
        Status.APPROVED,
        Status.UNKNOWN,
    }
)
SOURCES = ("PORTAL", "CSC", "KIOSK")


def generate_applications(
    department: Department, citizens: list[Citizen], rng: random.Random
) -> Iterator[Application]:
    """Yield the applications of all citizens that the department knows."""
    serial = department.first_reference
    for citizen in citizens:
        owners = citizen.links.get(department.scheme)
        if not owners:
            continue
        for nth in range(rng.choices(COUNTS, COUNT_WEIGHTS)[0]):
            serial += 1
            owner = owners[nth % len(owners)]
            yield _application(department, citizen, owner, serial, rng)


def _application(
    department: Department, citizen: Citizen, owner: str, serial: int, rng: random.Random
) -> Application:
    codes = tuple(department.steps)
    weights = [step.weight for step in department.steps.values()]
    status_code = rng.choices(codes, weights)[0]
    step = department.steps[status_code]
    service = _service(department, citizen, rng)
    age_days = rng.randint(1, 80) if step.status in RECENT else rng.randint(15, 700)
    applied_at = NOW - timedelta(days=age_days, seconds=rng.randrange(86_400))
    longest = min(NOW - applied_at, timedelta(days=service.days * 1.6 + 1))
    last = applied_at + timedelta(seconds=rng.randint(3600, int(longest.total_seconds())))
    path = path_to(department, status_code, rng)
    executed = len(path) - (step.status in WAITING)
    moments = moments_between(applied_at, last, executed, rng)
    remarks = {
        position: rng.choice(department.steps[code].remarks)
        for position, code in enumerate(path)
        if department.steps[code].remarks and rng.random() < 0.8
    }
    digits = department.reference_digits
    return Application(
        reference=f"{service.code}/{applied_at.year}/{serial:0{digits}d}",
        owner=owner,
        member_id=citizen.member_id,
        service_code=service.code,
        status_code=status_code,
        remarks=remarks.get(len(path) - 1),
        applied_at=applied_at,
        updated_at=moments[-1],
        due_on=_due(applied_at.date(), service, rng),
        source=_source(department, rng),
        pending_with=pending_with(department, status_code, citizen.address),
        timeline=timeline(department, path, moments, citizen.address, remarks),
    )


def _due(applied_on: date, service: Service, rng: random.Random) -> date | None:
    return None if rng.random() < 0.08 else applied_on + timedelta(days=service.days)


def _source(department: Department, rng: random.Random) -> str:
    # Only the revenue database leaves the column blank.
    if department.scheme == REVENUE_PERSON_NO and rng.random() < 0.03:
        return "UNKNOWN"
    return rng.choices(SOURCES, (40, 45, 15))[0]


def _service(department: Department, citizen: Citizen, rng: random.Random) -> Service:
    if department is PENSIONS:
        old = (TODAY - citizen.born).days >= 60 * 365
        likely = "SJE-OAS" if old else "SJE-WDP" if citizen.marital_status == "W" else "SJE-DIS"
        return department.service(likely) if rng.random() < 0.85 else department.services[2]
    if department is SCHOLARSHIPS:
        return rng.choices(department.services, (7, 3))[0]
    if department is CERTIFICATES:
        return rng.choices(department.services, (30, 25, 35, 10))[0]
    return rng.choice(department.services)
