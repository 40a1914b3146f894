"""The grievances of the help desk, generated and received, in their present state."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from mocks.helpdesk.grievance_index import GrievanceFilter, GrievanceIndex, matching
from mocks.population import Population
from mocks.population.citizen import HELPDESK_ACCOUNT, Citizen
from mocks.population.grievances import NOTES, OPEN_STATES
from mocks.population.records import Grievance
from mocks.population.services import GRIEVANCE_STATES
from mocks.submissions import Arrival, Intake, Kind
from mocks.submissions.progress import FIRST_RECEIVED, STEP

ANSWERED_WITHIN = timedelta(days=30)
CLOSED = {"RESOLVED": "CLOSEDAFTERRESOLUTION", "REJECTED": "CLOSEDAFTERREJECTION"}
"""The state of a grievance after the citizen has rated the answer."""


class GrievanceDesk:
    """Finds and receives grievances, and feedback on them."""

    def __init__(self, population: Population, intake: Intake) -> None:
        self._intake = intake
        self._index = GrievanceIndex(population.grievances)
        self._citizens = population.by_member_id
        self._by_account = {
            account: citizen
            for citizen in population.citizens
            for account in citizen.links.get(HELPDESK_ACCOUNT, ())
        }
        intake.status_of = self._status_of

    def citizen(self, account: str, member_id: str) -> Citizen | None:
        """Return the person with this account, or with this member number."""
        return self._by_account.get(account) or self._citizens.get(member_id)

    def receive(
        self, hub_reference: str, account: str, member_id: str, fields: Mapping[str, Any]
    ) -> Grievance:
        """Store a new grievance, also if it is a copy, and return it."""
        year = self._intake.clock.now().year
        arrival = self._intake.receive(
            Kind.GRIEVANCE,
            hub_reference,
            lambda number: f"CMOFF/{year}/{FIRST_RECEIVED + number:07d}",
            owner=account,
            member_id=member_id,
            fields=fields,
        )
        return self._received(arrival)

    def rate(
        self, hub_reference: str, grievance: Grievance, rating: int, fields: Mapping[str, Any]
    ) -> None:
        """Store the citizen's rating of a grievance that has been answered."""
        self._intake.receive(
            Kind.FEEDBACK,
            hub_reference,
            grievance.registration_number,
            owner=grievance.owner,
            member_id=grievance.member_id,
            fields={**fields, "rating": rating},
        )

    def has_feedback(self, hub_reference: str) -> bool:
        """Return True if feedback with this number of the hub has been stored."""
        return bool(self._intake.by_hub_references([hub_reference], Kind.FEEDBACK))

    def hub_reference(self, grievance: Grievance) -> str:
        """Return the hub's number of a received grievance; empty for others."""
        for arrival in self._intake.of_reference(grievance.registration_number):
            if arrival.kind is Kind.GRIEVANCE:
                return arrival.hub_reference
        return ""

    def find(self, hub_references: Iterable[str]) -> list[Grievance]:
        """Return the grievances with these numbers of the hub, each copy."""
        return list(
            map(self._received, self._intake.by_hub_references(hub_references, Kind.GRIEVANCE))
        )

    def by_ids(self, ids: Iterable[str]) -> list[Grievance]:
        """Return the requests with these values of `service_request_id`."""
        found: list[Grievance] = []
        for request_id in ids:
            found += map(self._changed, self._index.by_ids([request_id]))
            found += self._received_as(_registration_number(request_id))
        return found

    def by_accounts(self, accounts: Iterable[str]) -> list[Grievance]:
        """Return the requests of these citizens' accounts, the newest of each account first."""
        found: list[Grievance] = []
        for account in accounts:
            received = self._intake.of_owner(account, Kind.GRIEVANCE)
            found += map(self._received, reversed(received))
            found += map(self._changed, self._index.by_accounts([account]))
        return found

    def by_numbers(self, numbers: Iterable[str]) -> list[Grievance]:
        """Return the requests with these registration numbers."""
        found: list[Grievance] = []
        for number in numbers:
            found += map(self._changed, self._index.by_numbers([number]))
            found += self._received_as(number)
        return found

    def search(self, wanted: GrievanceFilter) -> list[Grievance]:
        """Return the newest matching requests (see `matching`)."""
        received = reversed(self._intake.of_kind(Kind.GRIEVANCE))
        newest_first = [
            *map(self._received, received),
            *map(self._changed, self._index.newest_first),
        ]
        return matching(newest_first, wanted, self._intake.clock.now())

    def _received_as(self, number: str) -> list[Grievance]:
        arrivals = self._intake.of_reference(number)
        return [self._received(each) for each in arrivals if each.kind is Kind.GRIEVANCE]

    def _received(self, arrival: Arrival) -> Grievance:
        """Return the grievance of an arrival in its present state."""
        number, asked_at = arrival.reference, arrival.arrived_at
        new = Grievance(
            request_id=_request_id(number),
            registration_number=number,
            owner=arrival.owner,
            member_id=arrival.member_id,
            service_code=arrival.fields["service_code"],
            description=arrival.fields["description"],
            status_code="PENDINGFORASSIGNMENT",
            status_notes=None,
            requested_at=asked_at,
            updated_at=asked_at,
            expected_at=asked_at + ANSWERED_WITHIN,
            rating=None,
        )
        dice = random.Random(number)
        answer = dice.choices(("RESOLVED", "REJECTED"), (80, 20))[0]
        for nth, state in enumerate(("PENDINGATLME", answer), 1):
            moment = asked_at + STEP * nth
            if moment <= self._intake.clock.now():
                note = NOTES[state][0]
                new = replace(new, status_code=state, status_notes=note, updated_at=moment)
        return self._changed(new)

    def _changed(self, grievance: Grievance) -> Grievance:
        """Return a grievance with the citizen's rating, if there is one."""
        for arrival in self._intake.of_reference(grievance.registration_number):
            if arrival.kind is Kind.FEEDBACK:
                state = CLOSED.get(grievance.status_code, grievance.status_code)
                grievance = replace(
                    grievance,
                    status_code=state,
                    rating=arrival.fields["rating"],
                    updated_at=max(grievance.updated_at, arrival.arrived_at),
                )
        return grievance

    def _status_of(self, arrival: Arrival) -> str:
        if arrival.kind is not Kind.GRIEVANCE:
            return "RECEIVED"
        return GRIEVANCE_STATES[self._received(arrival).status_code][1]


def is_open(grievance: Grievance) -> bool:
    """Return True if the help desk has not answered yet."""
    return grievance.status_code in OPEN_STATES


def _request_id(registration_number: str) -> str:
    _, year, serial = registration_number.split("/")
    return f"HD-{year}-{int(serial):06d}"


def _registration_number(request_id: str) -> str:
    prefix, _, serial = request_id.rpartition("-")
    return f"CMOFF/{prefix.removeprefix('HD-')}/0{serial}"
