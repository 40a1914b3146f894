"""The experiments of a chaos run: each fault, and the states that the hub may report for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocks.lab.chaos.responses import UNKNOWN_CODE
from mocks.lab.console import LabError
from mocks.lab.faults.control import DEPARTMENTS

KILL = "kill"
FAILED = frozenset({"UNAVAILABLE", "CIRCUIT_OPEN"})


@dataclass(frozen=True, slots=True)
class ChaosFault:
    """One way in which a department fails.

    Attributes:
        settings: faults of the mock. Empty for `kill`, which ends the mock's process.
        states: states that the hub may report for a department with this fault.
    """

    settings: Mapping[str, float] = field(default_factory=dict)
    states: frozenset[str] = FAILED


FAULTS = {
    KILL: ChaosFault(),
    "refuse": ChaosFault({"refuse": 1}),
    "hang": ChaosFault({"hang": 1}),
    "latency": ChaosFault({"latency": 6}),
    "error": ChaosFault({"error": 0.3}),
    "garbage": ChaosFault({"garbage": 1}),
    "truncate": ChaosFault({"truncate": 1}),
    "stall": ChaosFault({"stall": 1}),
    "drip": ChaosFault({"drip": 64}),
    "oversize": ChaosFault({"oversize": 1}),
    "gzip-bomb": ChaosFault({"gzip_bomb": 1}),
    "charset": ChaosFault({"charset": 1}),
    "fault200": ChaosFault({"fault200": 1}),
    "redirect-loop": ChaosFault({"redirect_loop": 1}),
    "reset-after-write": ChaosFault({"reset_after_write": 1}),
    "maintenance": ChaosFault({"maintenance": 1}, FAILED | {"MAINTENANCE"}),
    "expired-session": ChaosFault({"expired_session": 1}, FAILED | {"AUTH_FAILED"}),
    "short-pages": ChaosFault({"short_pages": 1}, FAILED | {"INCOMPLETE"}),
    "lost-rows": ChaosFault({"lost_rows": 1}, FAILED | {"INCOMPLETE"}),
    "empty-file": ChaosFault({"empty_file": 1}, frozenset({"STALE"})),
    "unknown-code": ChaosFault({"unknown_code": 1}, frozenset({UNKNOWN_CODE})),
}
QUICK = (
    ("pensions", "hang"),
    ("scholarships", KILL),
    ("certificates", "latency"),
    ("registry", "error"),
    ("helpdesk", "maintenance"),
)
"""The experiments of `--quick`: departments with different protocols, one fault each."""


@dataclass(frozen=True, slots=True)
class Experiment:
    """One fault at one department.

    Attributes:
        department: identifier of the department.
        fault_name: key in `FAULTS`.
    """

    department: str
    fault_name: str

    @property
    def fault(self) -> ChaosFault:
        return FAULTS[self.fault_name]


def departments_to_start(
    departments: Sequence[str], faults: Sequence[str], *, quick: bool
) -> list[str]:
    """Return all departments, or those of `QUICK` so that a quick run starts sooner."""
    if quick and not departments and not faults:
        return [department for department, _ in QUICK]
    return list(DEPARTMENTS)


def choose_experiments(
    supported: Mapping[str, Mapping[str, Any]],
    departments: Sequence[str],
    faults: Sequence[str],
    *,
    quick: bool,
) -> list[Experiment]:
    """Return every fault at every department that supports it.

    Args:
        supported: faults that the mock of each department supports.
        departments: only these departments; all if empty.
        faults: only these faults; all if empty.
        quick: return `QUICK` instead, unless departments or faults are given.

    Raises:
        LabError: if no department supports any of the faults.
    """
    if quick and not departments and not faults:
        chosen = [Experiment(*each) for each in QUICK]
    else:
        chosen = [
            Experiment(department, name)
            for department in departments or supported
            for name in faults or FAULTS
        ]
    possible = [each for each in chosen if _is_supported(supported[each.department], each.fault)]
    if not possible:
        raise LabError("none of these departments supports any of these faults.")
    return possible


def check_named(departments: Sequence[str], faults: Sequence[str]) -> None:
    """Raise `LabError` if a department or fault does not exist."""
    _check("department", departments, DEPARTMENTS)
    _check("fault", faults, tuple(FAULTS))


def _is_supported(supported: Mapping[str, Any], fault: ChaosFault) -> bool:
    # A mock without faults is a SQLite file, which has no process to kill either.
    return bool(supported) and fault.settings.keys() <= supported.keys()


def _check(what: str, named: Sequence[str], known: Sequence[str]) -> None:
    for name in named:
        if name not in known:
            raise LabError(f"unknown {what} {name!r}. {what.title()}s: {', '.join(known)}.")
