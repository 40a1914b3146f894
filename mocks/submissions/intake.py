"""The table of writes that a mock department has received."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

from mocks.faults.writes import note_write
from mocks.submissions.arrival_file import ArrivalFile
from mocks.submissions.clock import SimulatedClock


class Kind(StrEnum):
    """What a write was."""

    APPLICATION = "APPLICATION"
    GRIEVANCE = "GRIEVANCE"
    APPEAL = "APPEAL"
    FEEDBACK = "FEEDBACK"
    CORRECTION = "CORRECTION"
    WITHDRAWAL = "WITHDRAWAL"
    QUERY_RESPONSE = "QUERY_RESPONSE"
    DOCUMENT = "DOCUMENT"


@dataclass(frozen=True, slots=True)
class Arrival:
    """One write that a department has carried out.

    Attributes:
        number: position in the order of arrival, from 1.
        kind: what it was.
        hub_reference: the hub's receipt number; empty if the caller sent none.
        reference: the department's number of what the write created, or of what it concerns.
        service: the hub's code of the service; empty if it concerns none.
        owner: the person's number in the department; empty if the person has none yet.
        member_id: Family ID member number of the person.
        fields: what was sent, as JSON has it.
        arrived_at: simulated local time, without a zone.
    """

    number: int
    kind: Kind
    hub_reference: str
    reference: str
    service: str
    owner: str
    member_id: str
    fields: Mapping[str, Any]
    arrived_at: datetime


class SubmissionControl(Protocol):
    """What the control API needs from a mock that receives submissions."""

    async def summary(self) -> list[dict[str, Any]]:
        """Return what was received: `hubReference`, `reference`, `copies`, `status`, `kind`."""

    async def clear(self) -> None:
        """Forget everything that was received, and set the clock back."""

    async def advance(self, by: timedelta) -> datetime:
        """Advance the simulated clock; return its time."""


class Intake:
    """The writes that one department has received, in order. Copies are kept, to be counted.

    Attributes:
        clock: the department's simulated clock.
        status_of: returns the present status of an arrival, for the control API.
    """

    def __init__(self) -> None:
        self.clock = SimulatedClock()
        self.status_of: Callable[[Arrival], str] = lambda _: "RECEIVED"
        self._file: ArrivalFile | None = None
        self._forget()

    def _forget(self) -> None:
        self._arrivals: list[Arrival] = []
        self._by_hub_reference: defaultdict[str, list[Arrival]] = defaultdict(list)
        self._by_reference: defaultdict[str, list[Arrival]] = defaultdict(list)
        self._by_owner: defaultdict[str, list[Arrival]] = defaultdict(list)

    def keep_in(self, path: Path) -> None:
        """Keep the table in a SQLite file from now on, and load what the file holds."""
        self._file = ArrivalFile(path)
        for row in self._file.rows():
            self._add(Arrival(**{**row, "kind": Kind(row["kind"])}))
        self.clock.advanced = self._file.advanced()

    def receive(
        self,
        kind: Kind,
        hub_reference: str,
        reference: str | Callable[[int], str],
        *,
        service: str = "",
        owner: str = "",
        member_id: str = "",
        fields: Mapping[str, Any] | None = None,
    ) -> Arrival:
        """Add a row for a write, also if there is one with the same hub reference already.

        Args:
            reference: the department's number that the write concerns, or a function that makes a
                new one from the row's number.
        """
        number = len(self._arrivals) + 1
        arrival = Arrival(
            number=number,
            kind=kind,
            hub_reference=hub_reference,
            reference=reference if isinstance(reference, str) else reference(number),
            service=service,
            owner=owner,
            member_id=member_id,
            fields=fields or {},
            arrived_at=self.clock.now(),
        )
        self._add(arrival)
        if self._file is not None:
            self._file.append(asdict(arrival))
        note_write()
        return arrival

    def _add(self, arrival: Arrival) -> None:
        self._arrivals.append(arrival)
        self._by_hub_reference[arrival.hub_reference].append(arrival)
        self._by_reference[arrival.reference].append(arrival)
        self._by_owner[arrival.owner].append(arrival)

    def __len__(self) -> int:
        return len(self._arrivals)

    def of_kind(self, kind: Kind) -> list[Arrival]:
        """Return all arrivals of this kind, in order."""
        return [each for each in self._arrivals if each.kind is kind]

    def by_hub_references(self, references: Iterable[str], kind: Kind) -> list[Arrival]:
        """Return the arrivals of this kind with these numbers of the hub."""
        return [
            arrival
            for reference in references
            if reference
            for arrival in self._by_hub_reference.get(reference, ())
            if arrival.kind is kind
        ]

    def of_reference(self, reference: str) -> list[Arrival]:
        """Return the arrivals that created or concern this number of the department, in order."""
        return list(self._by_reference.get(reference, ()))

    def of_owner(self, owner: str, kind: Kind) -> list[Arrival]:
        """Return the arrivals of this kind from the person with this number."""
        return [each for each in self._by_owner.get(owner, ()) if owner and each.kind is kind]

    async def summary(self) -> list[dict[str, Any]]:
        """Return one entry for each hub reference and kind, in the order of arrival.

        Returns:
            `hubReference`, `reference` (of the first copy), `copies`, `status` and `kind`. Each
            write without a hub reference has an entry of its own.
        """
        groups: dict[tuple[Kind, str | int], list[Arrival]] = {}
        for each in self._arrivals:
            groups.setdefault((each.kind, each.hub_reference or each.number), []).append(each)
        return [
            {
                "hubReference": copies[0].hub_reference or None,
                "reference": copies[0].reference,
                "copies": len(copies),
                "status": self.status_of(copies[0]),
                "kind": copies[0].kind.value,
            }
            for copies in groups.values()
        ]

    async def clear(self) -> None:
        """Forget all arrivals, and set the clock back."""
        self._forget()
        self.clock.advanced = timedelta(0)
        if self._file is not None:
            self._file.clear()

    async def advance(self, by: timedelta) -> datetime:
        """Advance the simulated clock; return its time."""
        self.clock.advanced += by
        if self._file is not None:
            self._file.set_advanced(self.clock.advanced)
        return self.clock.now()
