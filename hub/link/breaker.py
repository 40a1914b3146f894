"""A circuit breaker over the calls of the last seconds (Nygard, *Release It!*)."""

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NewType

from adapters.contract import DepartmentError
from adapters.manifest.limits import BreakerRule
from hub.link.errors import CircuitOpenError
from schema.provenance import SourceState


class BreakerState(Enum):
    """CLOSED lets calls through, OPEN none, HALF_OPEN a few to probe the department."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


Permit = NewType("Permit", int)
"""That a call was admitted; the number of the breaker's state then, counted from the beginning."""

TELLING = frozenset({SourceState.MAINTENANCE, SourceState.AUTH_FAILED})
"""States that say more than CIRCUIT_OPEN does: they are told on while it is open."""


class Breaker:
    """Opens when too many of the last calls failed or were slow; probes before it closes.

    A call counts only in the state in which it was admitted: what was under way when the breaker
    opened is no probe, however it ends.

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
        self._failed_in_a_row = 0
        self._state = BreakerState.CLOSED
        self._permit = Permit(0)
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

    def admit(self) -> Permit:
        """Before each call; raises `CircuitOpenError`. After it, `record` or `forget` must come."""
        if self._state is BreakerState.CLOSED:
            return self._permit
        if self._state is BreakerState.OPEN and self.state is BreakerState.HALF_OPEN:
            self._enter(BreakerState.HALF_OPEN)
        probes = self._probes_out + self._probes_passed
        if self._state is BreakerState.OPEN or probes >= self._rule.probes:
            raise self._refused()
        self._probes_out += 1
        return self._permit

    def admit_again(self, permit: Permit) -> Permit:
        """After waiting: the permit while it holds, else as `admit`."""
        return permit if self.holds(permit) else self.admit()

    def holds(self, permit: Permit) -> bool:
        """Whether the state in which a call was admitted still stands."""
        return permit == self._permit

    def record(self, permit: Permit, seconds: float, failure: DepartmentError | None) -> None:
        """What became of an admitted call, and how long the department took."""
        if not self.holds(permit):
            return
        slow = seconds >= self._slow
        if self._state is BreakerState.HALF_OPEN:
            self._record_probe(seconds, failure, slow)
        else:
            self._record_call(seconds, failure, slow)

    def forget(self, permit: Permit) -> None:
        """An admitted call came to no end that tells anything of the department."""
        if self.holds(permit) and self._state is BreakerState.HALF_OPEN:
            self._probes_out -= 1

    def reset(self) -> None:
        """Closes it, because somebody knows that the department is well again."""
        self._close()

    def refusal(self) -> DepartmentError | None:
        """What callers are told unless they probe; None while it is closed, or probed well."""
        well = self._state is BreakerState.CLOSED or self._probes_passed > 0
        return None if well else self._refused()

    def _record_probe(self, seconds: float, failure: DepartmentError | None, slow: bool) -> None:
        self._probes_out -= 1
        if failure is not None or slow:
            self._open(failure, self._clock() - seconds)
            return
        self._probes_passed += 1
        if self._probes_passed >= self._rule.probes:
            self._close()

    def _record_call(self, seconds: float, failure: DepartmentError | None, slow: bool) -> None:
        failed = failure is not None
        now = self._clock()
        self._calls.append((now, failed, slow))
        self._failed += failed
        self._slow_calls += slow
        self._failed_in_a_row = self._failed_in_a_row + 1 if failed else 0
        self._drop_before(now - self._rule.window)
        # Only by what is bad: a call that went well may be the one that makes them enough to judge.
        if failed and self._fails_often():
            self._open(failure, now - seconds)
        elif slow and self._is_often_slow():
            self._open(None, now - seconds)

    def _fails_often(self) -> bool:
        # A busy department that dies would be asked hundreds of times before the share is so, and a
        # window never holds enough calls of one that hangs.
        if self._failed_in_a_row >= self._rule.consecutive:
            return True
        count = len(self._calls)
        return count >= self._rule.calls and self._failed >= self._rule.failures * count

    def _is_often_slow(self) -> bool:
        count = len(self._calls)
        return count >= self._rule.calls and self._slow_calls >= self._rule.slow_calls * count

    def _drop_before(self, moment: float) -> None:
        while self._calls and self._calls[0][0] < moment:
            _, failed, slow = self._calls.popleft()
            self._failed -= failed
            self._slow_calls -= slow

    def _open(self, cause: DepartmentError | None, since: float) -> None:
        """Since the call began that told: one that hung would add its deadline to the time that a
        department, well again meanwhile, is left alone."""
        self._reopens_at = since + self._rule.open_for
        self._cause = cause
        self._enter(BreakerState.OPEN)

    def _close(self) -> None:
        self._cause = None
        self._enter(BreakerState.CLOSED)

    def _enter(self, state: BreakerState) -> None:
        """Every state begins with nothing counted, and with permits of its own."""
        self._state = state
        self._permit = Permit(self._permit + 1)
        self._probes_out = self._probes_passed = 0
        self._calls.clear()
        self._failed = self._slow_calls = self._failed_in_a_row = 0

    def _refused(self) -> DepartmentError:
        cause = self._cause
        reason = "failed often" if cause is not None else "was too slow"
        error = CircuitOpenError(
            self._department,
            f"{self._department} {reason}; the hub asks it again in a moment.",
            fault=cause.fault if cause is not None else None,
        )
        if cause is not None and cause.state in TELLING:
            error.state = cause.state
            error.back_at = cause.back_at
        return error
