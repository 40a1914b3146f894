"""Submissions of a mock whose database stores them by itself.

The database is the only record of what arrived: its procedures write the arrivals. Simulated time
is replayed from them in Python, with the same rules as in the other mocks, and the present state of
each application is written back to the tables that the hub reads.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from mocks.population import Population
from mocks.population.clock import NOW
from mocks.population.records import Application
from mocks.population.services import Department
from mocks.submissions import ApplicationDesk, Intake, Kind


@dataclass(frozen=True, slots=True)
class ArrivedRow:
    """One row of the table of arrivals; attributes as in `mocks.submissions.Arrival`."""

    kind: str
    hub_reference: str
    reference: str
    service: str
    owner: str
    member_id: str
    arrived_at: datetime


class SubmissionTables(Protocol):
    """The tables of one database that concern submissions."""

    async def arrivals(self) -> Sequence[ArrivedRow]:
        """Return all arrivals, in order."""

    async def store(self, applications: Sequence[Application]) -> None:
        """Write the present state of received applications to the tables that the hub reads."""

    async def set_clock(self, now: datetime) -> None:
        """Store the simulated time, which the procedures use."""

    async def clear(self) -> None:
        """Delete everything that was received."""


class DatabaseSubmissions:
    """Implements `mocks.submissions.SubmissionControl`."""

    def __init__(
        self, department: Department, population: Population, tables: SubmissionTables
    ) -> None:
        self._department = department
        self._population = population
        self._tables = tables
        self._advanced = timedelta(0)
        self._generated: Sequence[Application] | None = None

    async def summary(self) -> list[dict[str, Any]]:
        intake, _ = await self._replayed()
        return await intake.summary()

    async def clear(self) -> None:
        await self._tables.clear()
        self._advanced = timedelta(0)
        await self._tables.set_clock(NOW)

    async def advance(self, by: timedelta) -> datetime:
        self._advanced += by
        now = NOW + self._advanced
        await self._tables.set_clock(now)
        _, desk = await self._replayed()
        await self._tables.store(desk.received())
        return now

    async def _replayed(self) -> tuple[Intake, ApplicationDesk]:
        """Return what has arrived, in its present state."""
        intake = Intake()
        if self._generated is None:
            self._generated = self._population.applications_at(self._department)
        citizens = self._population.by_member_id
        desk = ApplicationDesk(self._department, self._generated, citizens, intake)
        for row in await self._tables.arrivals():
            intake.clock.advanced = row.arrived_at - NOW
            intake.receive(
                Kind(row.kind),
                row.hub_reference,
                row.reference,
                service=row.service,
                owner=row.owner,
                member_id=row.member_id,
            )
        intake.clock.advanced = self._advanced
        return intake, desk
