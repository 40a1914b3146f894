"""Generates the grievances of the help desk."""

import random
from collections.abc import Iterator
from datetime import timedelta

from mocks.population.applications import COUNT_WEIGHTS, COUNTS
from mocks.population.citizen import HELPDESK_ACCOUNT, Citizen
from mocks.population.clock import NOW
from mocks.population.records import Grievance
from mocks.population.services import GRIEVANCE_SERVICES, GRIEVANCE_STATES

STATE_WEIGHTS = (14, 22, 6, 14, 8, 28, 8)
OPEN_STATES = frozenset({"PENDINGFORASSIGNMENT", "PENDINGATLME", "PENDINGFORREASSIGNMENT"})
FIRST_NUMBER = 2000

COMPLAINTS = {
    "GRV-PEN": ("Pension not credited since two months", "Bank returned my pension"),
    "GRV-SCH": ("Scholarship of last session is not paid", "Application shows query, no reason"),
    "GRV-CRT": ("Certificate is late, school asks for it", "Father's name wrong in certificate"),
    "GRV-PPP": ("Living member is shown dead in family ID", "Income shown is wrong"),
    "GRV-STF": ("Patwari did not come for verification", "Clerk asked to come again"),
}
NOTES = {
    "RESOLVED": ("Corrected and informed", "Payment released"),
    "REJECTED": ("Not within this office", "Already decided"),
    "CLOSEDAFTERRESOLUTION": ("Closed on the citizen's word",),
    "CLOSEDAFTERREJECTION": ("Closed, appeal not filed",),
    "PENDINGATLME": ("With the field officer",),
}


def generate_grievances(citizens: list[Citizen], rng: random.Random) -> Iterator[Grievance]:
    """Yield the grievances of all citizens with a help desk account."""
    serial = FIRST_NUMBER
    for citizen in citizens:
        accounts = citizen.links.get(HELPDESK_ACCOUNT, ())
        if not accounts:
            continue
        for nth in range(rng.choices(COUNTS, COUNT_WEIGHTS)[0]):
            serial += 1
            yield _grievance(citizen, accounts[nth % len(accounts)], serial, rng)


def _grievance(citizen: Citizen, account: str, serial: int, rng: random.Random) -> Grievance:
    state = rng.choices(tuple(GRIEVANCE_STATES), STATE_WEIGHTS)[0]
    still_open = state in OPEN_STATES
    service_code = rng.choice(tuple(GRIEVANCE_SERVICES))
    days = rng.randint(0, 45) if still_open else rng.randint(5, 500)
    requested_at = NOW - timedelta(days=days, seconds=rng.randrange(1, 80_000))
    longest = min(NOW - requested_at, timedelta(days=45))
    updated_at = requested_at + timedelta(seconds=rng.randrange(int(longest.total_seconds())))
    notes = NOTES.get(state)
    return Grievance(
        request_id=f"HD-{requested_at.year}-{serial:06d}",
        registration_number=f"CMOFF/{requested_at.year}/{serial:07d}",
        owner=account,
        member_id=citizen.member_id,
        service_code=service_code,
        description=rng.choice(COMPLAINTS[service_code]),
        status_code=state,
        status_notes=rng.choice(notes) if notes and rng.random() < 0.8 else None,
        requested_at=requested_at,
        updated_at=updated_at,
        expected_at=requested_at + timedelta(days=30) if rng.random() < 0.85 else None,
        rating=rng.randint(1, 5) if state.startswith("CLOSED") and rng.random() < 0.6 else None,
    )
