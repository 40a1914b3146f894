"""A circuit breaker over the attempts of the last few seconds (Nygard, *Release It!*)."""

from collections import deque
from collections.abc import Callable
from enum import Enum
from typing import NewType

from adapters.contract import DepartmentError
from adapters.manifest.limits import BreakerRule
from hub.link.errors import CircuitOpenError
from schema.provenance import SourceState


class BreakerState(Enum):
    """CLOSED admits all calls, OPEN none, HALF_OPEN a few that probe the department."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


Permit = NewType("Permit", int)
"""Admits one attempt. It is the serial number of the breaker's state at that time."""

SPECIFIC_STATES = frozenset({SourceState.MAINTENANCE, SourceState.AUTH_FAILED})
"""States that say more than CIRCUIT_OPEN, so they are reported while the breaker is open."""


class Breaker:
    """Opens when too many recent attempts failed or were slow; probes before it closes.

    A failure with `retry_after` opens it at once, for as long as the department demands.

    An attempt counts only in the state that admitted it. An attempt that was running when the
    breaker opened is not a probe, whatever its outcome.

    Args:
        department: identifier, for errors.
        rule: when it opens, and for how long.
        slow: seconds from which an attempt counts as slow.
        clock: monotonic clock in seconds.
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
        """The current state; OPEN becomes HALF_OPEN with time."""
        if self._state is BreakerState.OPEN and self._clock() >= self._reopens_at:
            return BreakerState.HALF_OPEN
        return self._state

    def admit(self) -> Permit:
        """Admit an attempt; `record` or `forget` must follow.

        Raises:
            CircuitOpenError: the breaker is open, or enough probes are running.
        """
        if self._state is BreakerState.CLOSED:
            return self._permit
        self.check()
        if self._state is BreakerState.OPEN:
            self._enter(BreakerState.HALF_OPEN)
        self._probes_out += 1
        return self._permit

    def check(self) -> None:
        """Raise `CircuitOpenError` if `admit` would, without taking a permit."""
        if self._state is BreakerState.HALF_OPEN:
            refused = self._probes_out + self._probes_passed >= self._rule.probes
        else:
            refused = self.state is BreakerState.OPEN
        if refused:
            raise self._refused()

    def record(self, permit: Permit, seconds: float, failure: DepartmentError | None) -> None:
        """Record the outcome of an admitted attempt.

        Args:
            permit: what `admit` returned.
            seconds: how long the department took.
            failure: why it failed; None if it succeeded.
        """
        if permit != self._permit:
            return
        if failure is not None and failure.retry_after is not None:
            self._open(failure, self._clock() - seconds)
            return
        slow = seconds >= self._slow
        if self._state is BreakerState.HALF_OPEN:
            self._record_probe(seconds, failure, slow)
        else:
            self._record_call(seconds, failure, slow)

    def forget(self, permit: Permit) -> None:
        """Ignore the outcome of an admitted attempt: it says nothing about the department."""
        if permit == self._permit and self._state is BreakerState.HALF_OPEN:
            self._probes_out -= 1

    def reset(self) -> None:
        """Close the breaker: an operator reported that the department is healthy."""
        self._close()

    def refusal(self) -> DepartmentError | None:
        """Return why calls are refused; None if the breaker is closed or a probe succeeded."""
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
        # Only a bad attempt opens the breaker: a good one may be the call that reaches the minimum.
        if failed and self._fails_often():
            self._open(failure, now - seconds)
        elif slow and self._is_often_slow():
            self._open(None, now - seconds)

    def _fails_often(self) -> bool:
        # A share alone reacts too late: a busy department that dies would get hundreds of calls,
        # and one that hangs never has enough calls in the window.
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
        """Open from the start of the failed attempt: its duration must not lengthen the pause.

        A pause that the department demanded begins with its reply.
        """
        self._reopens_at = since + self._rule.open_for
        if cause is not None and cause.retry_after is not None:
            self._reopens_at = self._clock() + cause.retry_after
        self._cause = cause
        self._enter(BreakerState.OPEN)

    def _close(self) -> None:
        self._cause = None
        self._enter(BreakerState.CLOSED)

    def _enter(self, state: BreakerState) -> None:
        """Change the state; every state starts with a new permit and empty counts."""
        self._state = state
        self._permit = Permit(self._permit + 1)
        self._probes_out = self._probes_passed = 0
        self._calls.clear()
        self._failed = self._slow_calls = self._failed_in_a_row = 0

    def _refused(self) -> DepartmentError:
        cause = self._cause
        if cause is not None and cause.retry_after is not None:
            same = type(cause)(self._department, cause.message, fault=cause.fault)
            same.retry_after, same.back_at = cause.retry_after, cause.back_at
            return same
        reason = "failed repeatedly" if cause is not None else "was too slow"
        error = CircuitOpenError(
            self._department,
            f"{self._department} {reason}; the hub calls it again in a few seconds.",
            fault=cause.fault if cause is not None else None,
        )
        if cause is not None and cause.state in SPECIFIC_STATES:
            error.state = cause.state
            error.back_at = cause.back_at
        return error
