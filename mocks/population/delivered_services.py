"""Generates the results of delivered applications: pensions, awards and certificates."""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta

from mocks.population.citizen import Citizen
from mocks.population.clock import TODAY
from mocks.population.records import Application, Benefit, Certificate
from mocks.population.services import PENSIONS, SCHOLARSHIPS, Department, Status

MONTHLY_PAISE = {"SJE-OAS": (300_000,), "SJE-WDP": (275_000, 300_000), "SJE-DIS": (300_000,)}
YEARLY_PAISE = {"WEL-AMC": (800_000, 1_000_000, 1_200_000), "WEL-VSY": (500_000, 750_000)}
VALID_DAYS = {"REV-INC": 365, "REV-RES": 3 * 365}
FIRST_NUMBER = 1000


def generate_pensions(
    applications: Sequence[Application], citizens: Mapping[str, Citizen], rng: random.Random
) -> Iterator[Benefit]:
    """Yield a pension for each delivered application."""
    for number, application in enumerate(_delivered(PENSIONS, applications), start=1):
        state = rng.choices("ASC", (86, 9, 5))[0]
        if citizens[application.member_id].life_status == "DECEASED":
            state = "D"
        sanctioned_on = application.updated_at.date()
        changed_on = None if state == "A" else _day_after(sanctioned_on, rng)
        last_day = changed_on or TODAY
        paid_on = _last_seventh(sanctioned_on, last_day)
        yield Benefit(
            number=f"PN-{FIRST_NUMBER + number:06d}",
            owner=application.owner,
            member_id=application.member_id,
            service_code=application.service_code,
            amount_paise=rng.choice(MONTHLY_PAISE[application.service_code]),
            sanctioned_on=sanctioned_on,
            status_code=state,
            status_changed_on=changed_on,
            paid_on=paid_on,
        )


def generate_awards(applications: Sequence[Application], rng: random.Random) -> Iterator[Benefit]:
    """Yield an award for each paid scholarship."""
    for number, application in enumerate(_delivered(SCHOLARSHIPS, applications), start=1):
        state = rng.choices(("ACTIVE", "STOPPED", "COMPLETED"), (60, 8, 32))[0]
        sanctioned_on = application.updated_at.date()
        changed_on = None if state == "ACTIVE" else _day_after(sanctioned_on, rng)
        yield Benefit(
            number=f"AW-{FIRST_NUMBER + number:06d}",
            owner=application.owner,
            member_id=application.member_id,
            service_code=application.service_code,
            amount_paise=rng.choice(YEARLY_PAISE[application.service_code]),
            sanctioned_on=sanctioned_on,
            status_code=state,
            status_changed_on=changed_on,
            paid_on=_day_after(sanctioned_on, rng) if rng.random() < 0.85 else None,
        )


def generate_certificates(
    department: Department,
    applications: Sequence[Application],
    citizens: Mapping[str, Citizen],
    rng: random.Random,
) -> Iterator[Certificate]:
    """Yield a certificate for each delivered application; 1 % have an older second row."""
    for number, application in enumerate(_delivered(department, applications), start=1):
        service = department.service(application.service_code)
        issued_on = application.updated_at.date()
        days = VALID_DAYS.get(service.code)
        valid_to = issued_on + timedelta(days=days) if days else None
        expired = valid_to is not None and valid_to < TODAY
        state = "E" if expired else rng.choices("IR", (97, 3))[0]
        twin = rng.random() < 0.012
        yield Certificate(
            number=f"HR-{service.wire_code}-{issued_on.year}-{FIRST_NUMBER * 2 + number:06d}",
            application_reference=application.reference,
            owner=application.owner,
            member_id=application.member_id,
            service_code=service.code,
            holder_name_local=citizens[application.member_id].name.devanagari,
            issued_on=issued_on,
            valid_to=valid_to,
            status_code=state,
            issued_by="ADC-cum-DCRIO" if service.code == "REV-INC" else "Tehsildar",
            updated_at=application.updated_at,
            superseded_on=issued_on - timedelta(days=rng.randint(1, 9)) if twin else None,
        )


def _delivered(
    department: Department, applications: Sequence[Application]
) -> Iterator[Application]:
    for application in applications:
        if department.status(application.status_code) is Status.DELIVERED:
            yield application


def _day_after(day: date, rng: random.Random) -> date:
    return day + timedelta(days=rng.randint(0, max(0, (TODAY - day).days)))


def _last_seventh(first: date, last: date) -> date | None:
    """Return the last payment day (the 7th of a month); None before the first payment."""
    paid = last.replace(day=7)
    if paid > last:
        paid = (paid - timedelta(days=7)).replace(day=7)
    return paid if paid > first else None
