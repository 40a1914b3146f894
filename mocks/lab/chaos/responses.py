"""Splits a response of the hub by department, and finds missing and wrong rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocks.lab.population_check import LISTS

REGISTRY = "registry"
HUB = "hub"
"""Used as the department of data that comes from the hub's manifests."""
GOOD_STATES = frozenset({"LIVE", "CACHED", "STALE"})
COMPLETE_STATES = frozenset({"LIVE", "CACHED", "NOT_FOUND"})
"""If only these states are reported, the response claims that no row is missing."""
UNKNOWN_CODE = "UNKNOWN_CODE"
STATES_BY_CODE = {
    "DEPARTMENT_MAINTENANCE": "MAINTENANCE",
    "DEPARTMENT_AUTH_FAILED": "AUTH_FAILED",
    "CIRCUIT_OPEN": "CIRCUIT_OPEN",
    "DEPARTMENT_INCOMPLETE_REPLY": "INCOMPLETE",
    "UNUSABLE_ROW": "INCOMPLETE",
    "NOT_FOUND": "NOT_FOUND",
}
STATUS_FIELDS = (
    "applicationStatus",
    "grievanceStatus",
    "enrollmentStatus",
    "paymentStatus",
    "certificateStatus",
    "departmentStatus",
    "timeline",
    "grievanceStatusLabel",
    "statusGroup",
    "actionRequired",
    "isOverdue",
    "daysLeft",
)
"""The fields of a row that depend on its status code."""

PartKey = tuple[str, str]
"""Name of a list or record of the response, and the department that it comes from."""


@dataclass(slots=True)
class Part:
    """The part of a list or record that comes from one department.

    Attributes:
        rows: rows of the response by number.
        states: states of the department according to `sources`, or to the error of a record.
    """

    rows: dict[str, Any] = field(default_factory=dict)
    states: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Flaw:
    """A part of a response that differs from the expected response.

    Attributes:
        department: the department that the part comes from.
        states: reported states of the department; empty if none is reported.
        wrong: one sentence for each wrong row; empty if rows are only missing, and reported.
    """

    department: str
    states: frozenset[str]
    wrong: tuple[str, ...] = ()


class ResponseReader:
    """Splits one response into parts.

    Args:
        owner: department of the records that do not name their department.
    """

    def __init__(self, owner: str) -> None:
        self._owner = owner
        self.parts: dict[PartKey, Part] = {}

    def read(self, response: Mapping[str, Any]) -> dict[PartKey, Part]:
        """Return the parts of the response."""
        for name, value in (response.get("data") or {}).items():
            if value is None:
                continue
            if name == "citizen":
                self._read_citizen(value)
            elif name == "services":
                self._part(name, HUB).rows.update({s["code"]: s for s in value["nodes"]})
            elif name in LISTS:
                self._read_list(name, value)
            else:
                self._part(name, self._owner).rows["record"] = value
        for error in response.get("errors", ()):
            self._read_error(error)
        return self.parts

    def _part(self, name: str, department: str) -> Part:
        return self.parts.setdefault((name, department), Part())

    def _read_citizen(self, citizen: dict[str, Any]) -> None:
        status = citizen.get("sourceStatus")
        if status is not None:
            self._part("citizen", REGISTRY).states.add(status["state"])
        others = ("sourceStatus", *LISTS)
        person = {name: value for name, value in citizen.items() if name not in others}
        # Without the registry, the hub knows only the numbers of a citizen.
        if citizen["personName"] is not None:
            self._part("citizen", REGISTRY).rows["record"] = person
        for name in LISTS:
            if citizen.get(name) is not None:
                self._read_list(name, citizen[name])

    def _read_list(self, name: str, connection: dict[str, Any]) -> None:
        for source in connection["sources"]:
            department = source["department"]["identifier"]
            part_name = "citizen" if department == REGISTRY else name
            self._part(part_name, department).states.add(source["state"])
        number = LISTS[name]
        for row in connection["nodes"]:
            self._part(name, row["department"]["identifier"]).rows[row[number]] = row

    def _read_error(self, error: Mapping[str, Any]) -> None:
        """Read the state from the error of a record. Lists report it in `sources` instead."""
        extensions = error.get("extensions", {})
        code, path = extensions.get("code", ""), error.get("path") or [""]
        is_record = path[0] not in ("citizen", *LISTS)
        department = extensions.get("department")
        if code == "NOT_FOUND" and is_record:
            department = self._owner
        if department and (is_record or department == REGISTRY):
            state = STATES_BY_CODE.get(code, "UNAVAILABLE")
            self._part(str(path[0]), department).states.add(state)


def find_flaws(
    expected: Mapping[PartKey, Part], received: Mapping[PartKey, Part]
) -> tuple[Flaw, ...]:
    """Return the parts that differ from the expected response; empty if it is complete."""
    nothing = Part()
    flaws: list[Flaw] = []
    for key, part in expected.items():
        found = received.get(key, nothing)
        states = frozenset(found.states)
        if found.rows != part.rows or states - GOOD_STATES:
            flaws.append(_flaw(key, part.rows, found.rows, states))
    flaws += [
        Flaw(key[1], frozenset(part.states), (f"{key[0]}: unexpected rows",))
        for key, part in received.items()
        if key not in expected and part.rows
    ]
    return tuple(flaws)


def _flaw(
    key: PartKey, expected: Mapping[str, Any], found: Mapping[str, Any], states: frozenset[str]
) -> Flaw:
    wrong: list[str] = []
    for number, row in found.items():
        if number not in expected:
            wrong.append(f"{key[0]}: {number} is invented")
        elif row != expected[number]:
            if _only_status_unknown(expected[number], row):
                states |= {UNKNOWN_CODE}
            else:
                wrong.append(f"{key[0]}: {number} differs from the population")
    if states and states <= COMPLETE_STATES:
        reported = ", ".join(sorted(states))
        wrong += [
            f"{key[0]}: {number} is missing, reported as {reported}"
            for number in expected
            if number not in found
        ]
    return Flaw(key[1], states, tuple(wrong))


def _only_status_unknown(expected: Mapping[str, Any], row: Mapping[str, Any]) -> bool:
    """Return whether the only differences are status codes that the hub reports as unknown.

    A benefit has a status, and so has each of its payments.
    """
    depends = STATUS_FIELDS if "UNKNOWN" in map(row.get, STATUS_FIELDS) else ()
    return all(
        name in depends
        or row[name] == value
        or (name == "payments" and _only_payments_unknown(value, row[name]))
        for name, value in expected.items()
    )


def _only_payments_unknown(
    expected: Sequence[Mapping[str, Any]], payments: Sequence[Mapping[str, Any]]
) -> bool:
    return len(expected) == len(payments) and all(map(_only_status_unknown, expected, payments))
