"""An answer of the hub taken apart by department, and what is missing from it or wrong in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from hub.cli.population_check import LISTS

REGISTRY = "registry"
HUB = "hub"
"""Stands for the department where the hub answers out of its manifests."""
GOOD_STATES = frozenset({"LIVE", "CACHED", "STALE"})
UNKNOWN_CODE = "UNKNOWN_CODE"
STATES_BY_CODE = {
    "DEPARTMENT_MAINTENANCE": "MAINTENANCE",
    "DEPARTMENT_AUTH_FAILED": "AUTH_FAILED",
    "DEPARTMENT_CIRCUIT_OPEN": "CIRCUIT_OPEN",
}
STATUS_FIELDS = ("applicationStatus", "enrollmentStatus", "status", "departmentStatus", "timeline")

Place = tuple[str, str]
"""A list or a record of an answer, and the department that it comes from."""


@dataclass(slots=True)
class Slot:
    """One department's part of one list.

    Attributes:
        rows: by number, as the answer has them.
        states: what `sources` says of the department there; of a single record, what its error
            says.
    """

    rows: dict[str, Any] = field(default_factory=dict)
    states: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A department's part that is not as it is on a calm day.

    Attributes:
        department: whose part.
        states: what the answer says of the department there; empty when it says nothing.
        wrong: one sentence per row that is not true; empty when rows are only missing.
    """

    department: str
    states: frozenset[str]
    wrong: tuple[str, ...] = ()


class AnswerReader:
    """Takes one response apart.

    Args:
        owner: the department of a record that the answer does not name a department for.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self.slots: dict[Place, Slot] = {}

    def read(self, response: Mapping[str, Any]) -> dict[Place, Slot]:
        for name, value in (response.get("data") or {}).items():
            if value is None:
                continue
            if name == "citizen":
                self._read_citizen(value)
            elif name == "services":
                self._slot(name, HUB).rows.update({s["serviceCode"]: s for s in value["nodes"]})
            elif name in LISTS:
                self._read_list(name, value)
            else:
                self._slot(name, self._owner).rows["record"] = value
        for error in response.get("errors", ()):
            self._read_error(error)
        return self.slots

    def _slot(self, name: str, department: str) -> Slot:
        return self.slots.setdefault((name, department), Slot())

    def _read_citizen(self, citizen: dict[str, Any]) -> None:
        person = {name: value for name, value in citizen.items() if name not in LISTS}
        # Without the registry the hub knows a citizen by numbers alone.
        if citizen["name"] is not None:
            self._slot("citizen", REGISTRY).rows["record"] = person
        for name in LISTS:
            if citizen.get(name) is not None:
                self._read_list(name, citizen[name])

    def _read_list(self, name: str, connection: dict[str, Any]) -> None:
        for source in connection["sources"]:
            department = source["department"]
            place = "citizen" if department == REGISTRY else name
            self._slot(place, department).states.add(source["state"])
        number = LISTS[name]
        for row in connection["nodes"]:
            holder = row.get("agencyResponsible") or row["department"]
            self._slot(name, holder["identifier"]).rows[row[number]] = row

    def _read_error(self, error: Mapping[str, Any]) -> None:
        """Lists must tell by `sources`; a record has no such place, so its error tells."""
        extensions = error.get("extensions", {})
        department, path = extensions.get("department"), error.get("path") or [""]
        of_a_record = path[0] not in ("citizen", *LISTS)
        if department and (of_a_record or department == REGISTRY):
            state = STATES_BY_CODE.get(extensions.get("code", ""), "UNAVAILABLE")
            self._slot(str(path[0]), department).states.add(state)


def flaws_in(expected: Mapping[Place, Slot], answer: Mapping[Place, Slot]) -> tuple[Flaw, ...]:
    """What differs from the answer of a calm day; empty when every department's part is whole."""
    nothing = Slot()
    flaws: list[Flaw] = []
    for place, slot in expected.items():
        found = answer.get(place, nothing)
        states = frozenset(found.states)
        if found.rows != slot.rows or states - GOOD_STATES:
            flaws.append(_flaw(place, slot.rows, found.rows, states))
    flaws += [
        Flaw(place[1], frozenset(slot.states), (f"{place[0]}: rows nobody has",))
        for place, slot in answer.items()
        if place not in expected and slot.rows
    ]
    return tuple(flaws)


def _flaw(
    place: Place, expected: Mapping[str, Any], found: Mapping[str, Any], states: frozenset[str]
) -> Flaw:
    wrong: list[str] = []
    for number, row in found.items():
        if number not in expected:
            wrong.append(f"{place[0]}: {number} is invented")
        elif row != expected[number]:
            if _only_status_unknown(expected[number], row):
                states |= {UNKNOWN_CODE}
            else:
                wrong.append(f"{place[0]}: {number} is not as the population has it")
    return Flaw(place[1], states, tuple(wrong))


def _only_status_unknown(expected: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Whether the row says itself that the department's status code is in no table."""
    if "UNKNOWN" not in (row.get(name) for name in STATUS_FIELDS):
        return False
    return all(row[name] == value for name, value in expected.items() if name not in STATUS_FIELDS)
