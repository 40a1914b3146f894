"""Requests to correct the register: they are decided in simulated days and change the record."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from mocks.population.citizen import Citizen, Family
from mocks.population.clock import iso_instant
from mocks.submissions import Arrival, Intake, Kind
from mocks.submissions.progress import FIRST_RECEIVED, STEP

FIELDS = ("NAME", "NAME_HI", "BIRTH_DATE", "MOBILE", "DECEASED")
NOT_DECEASED = ("false", "n", "no")
MOBILE_DIGITS = 10
LONGEST_NAME = 100


class Corrections:
    """The corrections that the register has received, and the records as they are now."""

    def __init__(self, intake: Intake) -> None:
        self._intake = intake
        intake.status_of = self.state

    def receive(
        self, hub_reference: str, member_id: str, fields: Mapping[str, Any]
    ) -> tuple[Arrival, bool]:
        """Store a request, unless there is one with this number of the hub.

        Returns:
            The request, and True if it was there before.
        """
        for earlier in self.find([hub_reference]):
            return earlier, True
        year = self._intake.clock.now().year
        stored = self._intake.receive(
            Kind.CORRECTION,
            hub_reference,
            lambda number: f"PPPC/{year}/{FIRST_RECEIVED + number}",
            owner=member_id,
            member_id=member_id,
            fields=fields,
        )
        return stored, False

    def find(self, hub_references: Iterable[str]) -> list[Arrival]:
        """Return the requests with these numbers of the hub."""
        return self._intake.by_hub_references(hub_references, Kind.CORRECTION)

    def of_member(self, member_id: str) -> list[Arrival]:
        """Return the requests about this citizen, in the order of arrival."""
        return self._intake.of_owner(member_id, Kind.CORRECTION)

    def state(self, correction: Arrival) -> str:
        """Return RECEIVED, IN_VERIFICATION, and then APPROVED or (one in five) REJECTED."""
        age = self._intake.clock.now() - correction.arrived_at
        if age < STEP:
            return "RECEIVED"
        if age < 2 * STEP:
            return "IN_VERIFICATION"
        dice = random.Random(correction.reference)
        return dice.choices(("APPROVED", "REJECTED"), (80, 20))[0]

    def applied_to(self, citizen: Citizen) -> Citizen:
        """Return the citizen's record after all approved corrections."""
        for correction in self.of_member(citizen.member_id):
            if self.state(correction) == "APPROVED":
                citizen = _corrected(citizen, correction)
        return citizen

    def applied_to_family(self, family: Family) -> Family:
        """Return a family with the records of its members after all approved corrections."""
        if not len(self._intake):
            return family
        return replace(family, members=tuple(map(self.applied_to, family.members)))

    def wire(self, correction: Arrival) -> dict[str, Any]:
        """Return a request as JSON."""
        return {
            "correctionNo": correction.reference,
            "hubRef": correction.hub_reference,
            "memberId": correction.member_id,
            "field": correction.fields["field"],
            "newValue": correction.fields["newValue"],
            "state": self.state(correction),
            "receivedAt": iso_instant(correction.arrived_at),
        }


def _corrected(citizen: Citizen, correction: Arrival) -> Citizen:
    value = correction.fields["newValue"]
    changed = replace(citizen, updated_at=correction.arrived_at + 2 * STEP)
    match correction.fields["field"]:
        case "NAME":
            return replace(changed, name=citizen.name._replace(latin=value))
        case "NAME_HI":
            name = citizen.name._replace(devanagari=value)
            return replace(changed, name=name, name_local_known=True)
        case "BIRTH_DATE":
            return replace(changed, born=date.fromisoformat(value), birth_precision="DAY")
        case "MOBILE":
            return replace(changed, mobile=value)
        case _:
            return replace(changed, life_status="ALIVE", died=None)


def value_problem(field: str, value: str) -> str | None:
    """Return what is wrong with the new value of a field; None if nothing is."""
    if field == "BIRTH_DATE":
        try:
            date.fromisoformat(value)
        except ValueError:
            return "newValue must be a day yyyy-mm-dd."
    if field == "MOBILE" and not (value.isdecimal() and len(value) == MOBILE_DIGITS):
        return "newValue must have ten digits."
    if field == "DECEASED" and value.casefold() not in NOT_DECEASED:
        return "newValue must be false: a death is registered by its certificate."
    return f"newValue is longer than {LONGEST_NAME}." if len(value) > LONGEST_NAME else None
