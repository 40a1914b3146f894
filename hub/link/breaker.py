"""A circuit breaker over the calls of the last seconds (Nygard, *Release It!*)."""

from collections import deque
from collections.abc import Callable
from enum import Enum

from adapters.contract import DepartmentError
from adapters.manifest.limits import BreakerRule
from hub.link.errors import CircuitOpenError
from schema.provenance import SourceState


class BreakerState(Enum):
    """CLOSED lets calls through, OPEN none, HALF_OPEN a few to probe the department."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


TELLING = frozenset({SourceState.MAINTENANCE, SourceState.AUTH_FAILED})
"""States that say more than CIRCUIT_OPEN does: they are told on while it is open."""


class Breaker:
    """Opens when too many of the last calls failed or were slow; probes before it closes.

    Args:
        department: identifier, for errors.
        rule: when it opens, and for how long.
        slow: seconds from which a call counts as slow.
        clock: seconds, monotonic.
    """

    def __init__(
        self, department: str, rule: BreakerRule, slow: float, clock: Callable[[], float]
    ) -> None:
        self._department = department
        self._rule = rule
        self._slow = slow
        self._clock = clock
        self._calls: deque[tuple[float, bool, bool]] = deque()
        self._failed = 0
        self._slow_calls = 0
        self._state = BreakerState.CLOSED
        self._reopens_at = 0.0
        self._probes_out = 0
        self._probes_passed = 0
        self._cause: DepartmentError | None = None

    @property
    def state(self) -> BreakerState:
        """OPEN becomes HALF_OPEN by the passing of time alone."""
        if self._state is BreakerState.OPEN and self._clock() >= self._reopens_at:
            return BreakerState.HALF_OPEN
        return self._state

    @property
    def cause(self) -> DepartmentError | None:
        """The failure that opened it; None while it is closed."""
        return self._cause

    def admit(self) -> None:
        """Before each call; raises `CircuitOpenError`. After it, `record` or `forget` must come."""
        if self._state is BreakerState.CLOSED:
            return
        if self.state is BreakerState.OPEN or self._probes_out >= self._rule.probes:
            raise self._refusal()
        if self._state is BreakerState.OPEN:
            self._state = BreakerState.HALF_OPEN
            self._probes_passed = 0
        self._probes_out += 1

    def record(self, seconds: float, failure: DepartmentError | None) -> None:
        """What became of an admitted call."""
        if self._state is BreakerState.HALF_OPEN:
            self._record_probe(failure)
        elif self._state is BreakerState.CLOSED:
            self._record_call(seconds, failure)

    def forget(self) -> None:
        """An admitted call came to no end that tells anything of the department."""
        if self._state is BreakerState.HALF_OPEN:
            self._probes_out -= 1

    def reset(self) -> None:
        """Closes it, because somebody knows that the department is well again."""
        self._close()

    def _record_probe(self, failure: DepartmentError | None) -> None:
        self._probes_out -= 1
        if failure is not None:
            self._open(failure)
            return
        self._probes_passed += 1
        if self._probes_passed >= self._rule.probes:
            self._close()

    def _record_call(self, seconds: float, failure: DepartmentError | None) -> None:
        failed, slow = failure is not None, seconds >= self._slow
        now = self._clock()
        self._calls.append((now, failed, slow))
        self._failed += failed
        self._slow_calls += slow
        self._drop_before(now - self._rule.window)
        count = len(self._calls)
        if count < self._rule.calls:
            return
        too_slow = self._slow_calls >= self._rule.slow_calls * count
        if self._failed >= self._rule.failures * count or too_slow:
            self._open(failure)

    def _drop_before(self, moment: float) -> None:
        while self._calls and self._calls[0][0] < moment:
            _, failed, slow = self._calls.popleft()
            self._failed -= failed
            self._slow_calls -= slow

    def _open(self, cause: DepartmentError | None) -> None:
        self._state = BreakerState.OPEN
        self._reopens_at = self._clock() + self._rule.open_for
        self._probes_out = 0
        self._cause = cause
        self._start_over()

    def _close(self) -> None:
        self._state = BreakerState.CLOSED
        self._probes_out = 0
        self._cause = None
        self._start_over()

    def _start_over(self) -> None:
        self._calls.clear()
        self._failed = self._slow_calls = 0

    def _refusal(self) -> DepartmentError:
        cause = self._cause
        error = CircuitOpenError(
            self._department,
            f"{self._department} failed often; the hub asks it again in a moment.",
            fault=cause.fault if cause is not None else None,
        )
        if cause is not None and cause.state in TELLING:
            error.state = cause.state
        return error
