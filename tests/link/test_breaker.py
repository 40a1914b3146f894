"""The breaker: it opens after failures or slow calls, and probes before it closes."""

import pytest

from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
)
from adapters.manifest.limits import BreakerRule
from hub.link.breaker import Breaker, BreakerState
from hub.link.errors import CircuitOpenError
from schema.errors import DepartmentFault
from schema.provenance import SourceState
from tests.link.stage_clock import BEGIN, StageClock

RULE = BreakerRule(calls=4, probes=1)
FAULT = DepartmentFaultError("pensions", "down", fault=DepartmentFault("HTTP 500"))
SLOW = 1.0


@pytest.fixture
def clock() -> StageClock:
    return StageClock()


def breaker_of(clock: StageClock, rule: BreakerRule = RULE) -> Breaker:
    return Breaker("pensions", rule, SLOW, clock.monotonic)


def state_of(breaker: Breaker) -> BreakerState:
    return breaker.state


def opened(clock: StageClock, rule: BreakerRule = RULE) -> Breaker:
    breaker = breaker_of(clock, rule)
    for _ in range(rule.calls):
        breaker.record(breaker.admit(), 0.0, FAULT)
    assert state_of(breaker) is BreakerState.OPEN
    return breaker


def test_it_opens_when_half_of_the_calls_failed(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    for failure in (None, FAULT, None):
        breaker.record(breaker.admit(), 0.1, failure)
        assert state_of(breaker) is BreakerState.CLOSED
    breaker.record(breaker.admit(), 0.1, FAULT)
    assert state_of(breaker) is BreakerState.OPEN
    with pytest.raises(CircuitOpenError) as refusal:
        breaker.admit()
    assert refusal.value.fault == FAULT.fault
    assert refusal.value.state is SourceState.CIRCUIT_OPEN


def test_it_opens_when_most_calls_were_slow_and_says_so(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    for _ in range(4):
        breaker.record(breaker.admit(), SLOW, None)
    assert state_of(breaker) is BreakerState.OPEN
    with pytest.raises(CircuitOpenError, match="pensions was too slow"):
        breaker.admit()


def test_a_successful_call_never_opens_it(clock: StageClock) -> None:
    """A rarely called department may be healthy again before its calls reach the minimum."""
    breaker = breaker_of(clock)
    for failure in (FAULT, FAULT, FAULT, None, None, None):
        breaker.record(breaker.admit(), 0.1, failure)
    assert state_of(breaker) is BreakerState.CLOSED
    breaker.record(breaker.admit(), 0.1, FAULT)
    with pytest.raises(CircuitOpenError, match="failed repeatedly") as refusal:
        breaker.admit()
    assert refusal.value.fault == FAULT.fault


def test_the_pause_starts_when_the_failed_call_began(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    clock.advance(4.0)
    for _ in range(RULE.calls):
        breaker.record(breaker.admit(), 4.0, FAULT)
    clock.advance(RULE.open_for - 4.1)
    assert state_of(breaker) is BreakerState.OPEN
    clock.advance(0.2)
    assert state_of(breaker) is BreakerState.HALF_OPEN


def test_consecutive_failures_open_it_after_many_successes(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    for _ in range(500):
        breaker.record(breaker.admit(), 0.1, None)
    for number in range(RULE.consecutive):
        assert state_of(breaker) is BreakerState.CLOSED, number
        breaker.record(breaker.admit(), 0.1, FAULT)
        clock.advance(0.01)
    assert state_of(breaker) is BreakerState.OPEN


def test_few_or_old_calls_do_not_open_it(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    for failed in [*[True] * (RULE.consecutive - 1), False] * 3:
        breaker.record(breaker.admit(), 0.1, FAULT if failed else None)
        clock.advance(RULE.window / 2)
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_hanging_department_opens_it_with_few_calls_in_the_window(
    clock: StageClock,
) -> None:
    breaker = breaker_of(clock)
    for number in range(RULE.consecutive):
        assert state_of(breaker) is BreakerState.CLOSED, number
        permit = breaker.admit()
        clock.advance(RULE.window * 0.8)
        breaker.record(permit, RULE.open_for / 2, FAULT)
    assert state_of(breaker) is BreakerState.OPEN


def test_it_recovers_by_one_probe_after_open_for(clock: StageClock) -> None:
    breaker = opened(clock)
    clock.advance(RULE.open_for - 0.01)
    with pytest.raises(CircuitOpenError):
        breaker.admit()
    clock.advance(0.01)
    assert state_of(breaker) is BreakerState.HALF_OPEN
    probe = breaker.admit()
    with pytest.raises(CircuitOpenError):
        breaker.admit()
    breaker.record(probe, 0.1, None)
    assert state_of(breaker) is BreakerState.CLOSED
    assert breaker.refusal() is None


def test_a_failed_probe_opens_it_again(clock: StageClock) -> None:
    breaker = opened(clock)
    clock.advance(RULE.open_for)
    breaker.record(breaker.admit(), 0.1, FAULT)
    assert state_of(breaker) is BreakerState.OPEN
    clock.advance(RULE.open_for)
    breaker.record(breaker.admit(), 0.1, None)
    assert state_of(breaker) is BreakerState.CLOSED


def test_the_next_probe_is_due_open_for_after_a_hanging_one_began(clock: StageClock) -> None:
    breaker = opened(clock)
    clock.advance(RULE.open_for)
    probe = breaker.admit()
    clock.advance(4.0)
    breaker.record(probe, 4.0, FAULT)
    clock.advance(RULE.open_for - 4.1)
    assert state_of(breaker) is BreakerState.OPEN
    clock.advance(0.2)
    assert state_of(breaker) is BreakerState.HALF_OPEN


def test_a_slow_probe_does_not_close_it(clock: StageClock) -> None:
    breaker = opened(clock)
    clock.advance(RULE.open_for)
    breaker.record(breaker.admit(), SLOW, None)
    assert state_of(breaker) is BreakerState.OPEN


def test_a_forgotten_probe_lets_another_through(clock: StageClock) -> None:
    breaker = opened(clock)
    clock.advance(RULE.open_for)
    breaker.forget(breaker.admit())
    breaker.record(breaker.admit(), 0.1, None)
    assert state_of(breaker) is BreakerState.CLOSED


def test_the_number_of_probes_is_limited(clock: StageClock) -> None:
    breaker = opened(clock, BreakerRule(calls=4, probes=2))
    clock.advance(RULE.open_for)
    first, second = breaker.admit(), breaker.admit()
    breaker.record(first, 0.1, None)
    with pytest.raises(CircuitOpenError):
        breaker.admit()
    breaker.record(second, 0.1, None)
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_call_admitted_before_it_opened_is_not_a_probe(clock: StageClock) -> None:
    breaker = breaker_of(clock)
    early = [breaker.admit() for _ in range(3)]
    for _ in range(RULE.calls):
        breaker.record(breaker.admit(), 0.1, FAULT)
    clock.advance(RULE.open_for)
    probe = breaker.admit()
    breaker.record(early[0], 0.1, None)
    breaker.record(early[1], 0.1, FAULT)
    breaker.forget(early[2])
    assert state_of(breaker) is BreakerState.HALF_OPEN
    with pytest.raises(CircuitOpenError):
        breaker.admit()
    breaker.record(probe, 0.1, None)
    assert state_of(breaker) is BreakerState.CLOSED


def test_a_probe_of_an_earlier_round_is_ignored(clock: StageClock) -> None:
    breaker = opened(clock, BreakerRule(calls=4, probes=2))
    clock.advance(RULE.open_for)
    failing, late = breaker.admit(), breaker.admit()
    breaker.record(failing, 0.1, FAULT)
    clock.advance(RULE.open_for)
    current = breaker.admit()
    breaker.record(late, 0.1, None)
    breaker.record(current, 0.1, None)
    assert state_of(breaker) is BreakerState.HALF_OPEN


def test_check_refuses_what_admit_would_refuse_and_takes_no_probe(clock: StageClock) -> None:
    breaker = opened(clock, BreakerRule(calls=4, probes=1))
    with pytest.raises(CircuitOpenError):
        breaker.check()
    clock.advance(RULE.open_for)
    breaker.check()
    breaker.check()
    breaker.admit()
    with pytest.raises(CircuitOpenError):
        breaker.check()


def test_an_open_breaker_reports_the_departments_own_state(clock: StageClock) -> None:
    maintenance = DepartmentMaintenanceError("pensions", "closed")
    maintenance.back_at = BEGIN
    for cause in (DepartmentAuthError("pensions", "no"), maintenance):
        breaker = breaker_of(clock)
        for _ in range(RULE.calls):
            breaker.record(breaker.admit(), 0.1, cause)
        with pytest.raises(CircuitOpenError) as refusal:
            breaker.admit()
        assert (refusal.value.state, refusal.value.back_at) == (cause.state, cause.back_at)
