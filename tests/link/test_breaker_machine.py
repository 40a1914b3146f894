"""The breaker with random sequences of attempts, outcomes, cancellations and waits."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from adapters.contract import DepartmentFaultError
from adapters.manifest.limits import BreakerRule
from hub.link.breaker import Breaker, BreakerState, Permit
from hub.link.errors import CircuitOpenError
from tests.link.stage_clock import StageClock

RULE = BreakerRule(calls=3, probes=2)
FAULT = DepartmentFaultError("pensions", "down")


class BreakerMachine(RuleBasedStateMachine):
    """Models the permits that are in use, of any age."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = StageClock()
        self.breaker = Breaker("pensions", RULE, 1.0, self.clock.monotonic)
        self.out: list[tuple[Permit, BreakerState]] = []
        self.opened_at = self.clock.seconds

    @rule()
    def admit(self) -> None:
        before = self.breaker.state
        try:
            permit = self.breaker.admit()
        except CircuitOpenError:
            assert before is not BreakerState.CLOSED
            if before is BreakerState.HALF_OPEN:
                assert any(state is BreakerState.HALF_OPEN for _, state in self.out)
            return
        assert before is not BreakerState.OPEN
        self.out.append((permit, before))

    @precondition(lambda self: self.out)
    @rule(data=st.data(), failed=st.booleans(), seconds=st.sampled_from([0.1, 2.0]))
    def end(self, data: st.DataObject, failed: bool, seconds: float) -> None:
        before = self.breaker.state
        index = data.draw(st.integers(0, len(self.out) - 1))
        permit, admitted_in = self.out.pop(index)
        self.breaker.record(permit, seconds, FAULT if failed else None)
        after = self.breaker.state
        if after is not before and admitted_in is BreakerState.CLOSED:
            assert (before, after) == (BreakerState.CLOSED, BreakerState.OPEN)
        if before is not BreakerState.OPEN and after is BreakerState.OPEN:
            self.opened_at = self.clock.seconds

    @precondition(lambda self: self.out)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        before = self.breaker.state
        index = data.draw(st.integers(0, len(self.out) - 1))
        self.breaker.forget(self.out.pop(index)[0])
        assert self.breaker.state is before

    @rule(seconds=st.sampled_from([0.5, RULE.open_for, RULE.window]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @invariant()
    def is_open_no_longer_than_it_says(self) -> None:
        if self.breaker.state is BreakerState.OPEN:
            assert self.clock.seconds - self.opened_at < RULE.open_for

    @invariant()
    def a_half_open_breaker_without_running_probes_admits_one(self) -> None:
        if self.breaker.state is BreakerState.HALF_OPEN and not self.out:
            self.breaker.forget(self.breaker.admit())

    def teardown(self) -> None:
        for permit, _ in self.out:
            self.breaker.forget(permit)
        self.clock.advance(RULE.open_for)
        probes = 0
        while self.breaker.state is BreakerState.HALF_OPEN:
            self.breaker.record(self.breaker.admit(), 0.1, None)
            probes += 1
        assert self.breaker.state is BreakerState.CLOSED
        assert probes <= RULE.probes


TestBreakerMachine = BreakerMachine.TestCase
TestBreakerMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
