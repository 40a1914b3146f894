"""The applications of one department, generated and received, in their present state."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mocks.population.application_index import ApplicationIndex
from mocks.population.citizen import Citizen
from mocks.population.records import Application
from mocks.population.services import Department, Status
from mocks.population.worklist import Worklist
from mocks.submissions.intake import Arrival, Intake, Kind
from mocks.submissions.progress import (
    FIRST_RECEIVED,
    Plan,
    advanced,
    code_of,
    due_steps,
    first_plan,
    new_application,
    plan_after_answer,
)

FINISHED = frozenset({Status.DELIVERED, Status.REJECTED, Status.WITHDRAWN})
DEFAULT_SOURCE = "PORTAL"


@dataclass(slots=True)
class _Kept:
    """An application as it was at a moment, after this last arrival."""

    moment: datetime
    last: Arrival | None
    application: Application


class ApplicationDesk:
    """Finds, lists and receives the applications of one department.

    Args:
        department: its services and workflow.
        generated: the generated applications, in order.
        citizens: all citizens by member id.
        intake: the table of writes; this desk gives it the statuses for the control API.
    """

    def __init__(
        self,
        department: Department,
        generated: Sequence[Application],
        citizens: Mapping[str, Citizen],
        intake: Intake,
    ) -> None:
        self.department = department
        self._generated = generated
        self._citizens = citizens
        self._intake = intake
        self._index = ApplicationIndex(generated)
        self._worklist = Worklist(generated)
        self._kept: dict[str, _Kept] = {}
        self._by_number = {
            number: citizen
            for citizen in citizens.values()
            for number in citizen.links.get(department.scheme, ())
        }
        intake.status_of = self._status_of

    def citizen(self, number: str, member_id: str = "") -> Citizen | None:
        """Return the person with this number of the department, or with this member number."""
        return self._by_number.get(number) or self._citizens.get(member_id)

    def receive(
        self,
        hub_reference: str,
        service_code: str,
        owner: str,
        member_id: str,
        fields: Mapping[str, Any],
    ) -> Application:
        """Store a new application, also if it is a copy, and return it.

        Args:
            service_code: the hub's code of a service of this department.
            owner: the person's number in the department; empty if there is none yet.
            member_id: member number of a known citizen.
            fields: what was sent; `channel` is PORTAL, CSC or KIOSK.
        """
        department, year = self.department, self._intake.clock.now().year
        digits = department.reference_digits
        arrival = self._intake.receive(
            Kind.APPLICATION,
            hub_reference,
            lambda number: f"{service_code}/{year}/{FIRST_RECEIVED + number:0{digits}d}",
            service=service_code,
            owner=owner,
            member_id=member_id,
            fields=fields,
        )
        return self._state(arrival.reference, self._new(arrival))

    def act(
        self,
        kind: Kind,
        hub_reference: str,
        application: Application,
        fields: Mapping[str, Any] | None = None,
    ) -> Application:
        """Store a write that concerns an application, and return the changed application.

        A withdrawal ends the application, and the answer to a query continues it.
        """
        self._intake.receive(
            kind,
            hub_reference,
            application.reference,
            service=application.service_code,
            owner=application.owner,
            member_id=application.member_id,
            fields=fields,
        )
        return self.get(application.reference) or application

    def is_finished(self, application: Application) -> bool:
        """Return True if nothing more can happen with the application."""
        return self.department.status(application.status_code) in FINISHED

    def is_sent_back(self, application: Application) -> bool:
        """Return True if the department waits for the citizen's answer."""
        return self.department.status(application.status_code) is Status.SENT_BACK

    def hub_reference(self, application: Application) -> str:
        """Return the hub's number of a received application; empty for others."""
        arrival = self._arrival(application.reference)
        return arrival.hub_reference if arrival is not None else ""

    def find(self, hub_references: Iterable[str]) -> list[Application]:
        """Return the applications with these numbers of the hub, each copy."""
        found = self._intake.by_hub_references(hub_references, Kind.APPLICATION)
        return [self._state(each.reference, self._new(each)) for each in found]

    def of_owners(self, numbers: Iterable[str]) -> list[Application]:
        """Return all applications of the people with these department numbers."""
        found: list[Application] = []
        for number in numbers:
            found += map(self._changed, self._index.of_owners([number]))
            received = self._intake.of_owner(number, Kind.APPLICATION)
            found += [self._state(each.reference, self._new(each)) for each in received]
        return found

    def by_references(self, references: Iterable[str]) -> list[Application]:
        """Return the applications with these reference numbers, without unknown ones."""
        found = map(self.get, references)
        return [each for each in found if each is not None]

    def get(self, reference: str) -> Application | None:
        """Return the application with this reference number."""
        generated = self._index.get(reference)
        if generated is not None:
            return self._changed(generated)
        arrival = self._arrival(reference)
        return self._state(reference, self._new(arrival)) if arrival is not None else None

    def everything(self) -> list[Application]:
        """Return all applications: the generated ones first, then the received ones."""
        return [*map(self._changed, self._generated), *self.received()]

    def received(self) -> list[Application]:
        """Return the received applications, in the order of arrival."""
        found = self._intake.of_kind(Kind.APPLICATION)
        return [self._state(each.reference, self._new(each)) for each in found]

    def matching(
        self, statuses: Collection[str] = (), since: date | None = None
    ) -> list[Application]:
        """Return the applications of a worklist, last changed first (see `Worklist`)."""
        worklist = self._worklist if not len(self._intake) else Worklist(self.everything())
        return worklist.matching(statuses, since)

    def _arrival(self, reference: str) -> Arrival | None:
        for arrival in self._intake.of_reference(reference):
            if arrival.kind is Kind.APPLICATION:
                return arrival
        return None

    def _new(self, arrival: Arrival) -> Application:
        channel = arrival.fields.get("channel")
        return new_application(
            self.department,
            self.department.service(arrival.service),
            arrival.reference,
            arrival.owner,
            self._citizens[arrival.member_id],
            arrival.arrived_at,
            channel if channel in ("PORTAL", "CSC", "KIOSK") else DEFAULT_SOURCE,
        )

    def _changed(self, generated: Application) -> Application:
        if not self._intake.of_reference(generated.reference):
            return generated
        return self._state(generated.reference, generated)

    def _state(self, reference: str, start: Application) -> Application:
        """Return the present state: the start, changed by arrivals and by planned steps."""
        arrivals, now = self._intake.of_reference(reference), self._intake.clock.now()
        last = arrivals[-1] if arrivals else None
        kept = self._kept.get(reference)
        if kept is not None and kept.moment == now and kept.last is last:
            return kept.application
        application, plan = start, self._first_plan(start, arrivals)
        for arrival in arrivals:
            application, plan = self._follow(application, plan, arrival.arrived_at)
            application, plan = self._apply(application, plan, arrival)
        application, _ = self._follow(application, plan, now)
        self._kept[reference] = _Kept(now, last, application)
        return application

    def _first_plan(self, start: Application, arrivals: Sequence[Arrival]) -> Plan:
        received = any(each.kind is Kind.APPLICATION for each in arrivals)
        return first_plan(self.department, start) if received else ()

    def _follow(
        self, application: Application, plan: Plan, until: datetime
    ) -> tuple[Application, Plan]:
        for code, moment in due_steps(plan, until):
            application = self._advanced(application, code, moment)
        return application, [step for step in plan if step[1] > until]

    def _apply(
        self, application: Application, plan: Plan, arrival: Arrival
    ) -> tuple[Application, Plan]:
        moment = arrival.arrived_at
        withdrawn = code_of(self.department, Status.WITHDRAWN)
        if arrival.kind is Kind.WITHDRAWAL and withdrawn and not self.is_finished(application):
            return self._advanced(application, withdrawn, moment), ()
        if arrival.kind is Kind.QUERY_RESPONSE and self.is_sent_back(application):
            return self._follow(application, plan_after_answer(self.department, moment), moment)
        return application, plan

    def _advanced(self, application: Application, code: str, moment: datetime) -> Application:
        address = self._citizens[application.member_id].address
        return advanced(self.department, application, code, moment, address)

    def _status_of(self, arrival: Arrival) -> str:
        found = self.get(arrival.reference)
        if found is None or arrival.kind is not Kind.APPLICATION:
            return "RECEIVED"
        return self.department.status(found.status_code).value
