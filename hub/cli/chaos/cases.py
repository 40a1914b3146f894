"""What goes wrong in a chaos run: each fault, and what `sources` must say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from hub.cli.chaos.answers import UNKNOWN_CODE
from hub.cli.failures import CliError
from hub.cli.faults.control import DEPARTMENTS

KILL = "kill"
FAILED = frozenset({"UNAVAILABLE", "CIRCUIT_OPEN"})


@dataclass(frozen=True, slots=True)
class Fault:
    """One way to fail.

    Attributes:
        settings: the mock's switches; none for a kill, which ends the mock's process.
        states: what may be said of a department that speaks HTTP and has it.
    """

    settings: Mapping[str, float] = field(default_factory=dict)
    states: frozenset[str] = FAILED


FAULTS = {
    KILL: Fault(),
    "refuse": Fault({"refuse": 1}),
    "hang": Fault({"hang": 1}),
    "latency": Fault({"latency": 6}),
    "error": Fault({"error": 0.3}),
    "garbage": Fault({"garbage": 1}),
    "truncate": Fault({"truncate": 1}),
    "stall": Fault({"stall": 1}),
    "drip": Fault({"drip": 64}),
    "oversize": Fault({"oversize": 1}),
    "gzip-bomb": Fault({"gzip_bomb": 1}),
    "charset": Fault({"charset": 1}),
    "fault200": Fault({"fault200": 1}),
    "redirect-loop": Fault({"redirect_loop": 1}),
    "reset-after-write": Fault({"reset_after_write": 1}),
    "maintenance": Fault({"maintenance": 1}, FAILED | {"MAINTENANCE"}),
    "expired-session": Fault({"expired_session": 1}, FAILED | {"AUTH_FAILED"}),
    "unknown-code": Fault({"unknown_code": 1}, frozenset({UNKNOWN_CODE})),
}
QUICK = (
    ("pensions", "hang"),
    ("scholarships", KILL),
    ("certificates", "latency"),
    ("registry", "error"),
    ("helpdesk", "maintenance"),
)
"""One fault for each of the five departments of most kinds."""


@dataclass(frozen=True, slots=True)
class Case:
    """One fault at one department."""

    department: str
    name: str

    @property
    def fault(self) -> Fault:
        return FAULTS[self.name]


def departments_on_stage(
    departments: Sequence[str], faults: Sequence[str], *, quick: bool
) -> list[str]:
    """All of them; of a quick run only those that have a case, which are started sooner."""
    if quick and not departments and not faults:
        return [department for department, _ in QUICK]
    return list(DEPARTMENTS)


def choose_cases(
    supported: Mapping[str, Mapping[str, Any]],
    departments: Sequence[str],
    faults: Sequence[str],
    *,
    quick: bool,
) -> list[Case]:
    """Every fault that each department's mock can play, narrowed to those named.

    Args:
        supported: by department, the switches of its mock.
        departments: only these; all when empty.
        faults: only these; all when empty.
        quick: a few that are typical, unless departments or faults are named.
    """
    if quick and not departments and not faults:
        chosen = [Case(*each) for each in QUICK]
    else:
        chosen = [
            Case(department, name)
            for department in departments or supported
            for name in faults or FAULTS
        ]
    playable = [case for case in chosen if _can_play(supported[case.department], case.fault)]
    if not playable:
        raise CliError("none of these departments can play any of these faults.")
    return playable


def check_named(departments: Sequence[str], faults: Sequence[str]) -> None:
    """Raises `CliError` for a name that nothing has."""
    _check("department", departments, DEPARTMENTS)
    _check("fault", faults, tuple(FAULTS))


def _can_play(supported: Mapping[str, Any], fault: Fault) -> bool:
    """A mock without switches is a SQLite file, which can't even be killed."""
    return bool(supported) and fault.settings.keys() <= supported.keys()


def _check(what: str, named: Sequence[str], known: Sequence[str]) -> None:
    for name in named:
        if name not in known:
            raise CliError(f"there is no {what} {name!r}; there are {', '.join(known)}.")
