"""Consents with random sequences of requests, decisions, codes and waits."""

import asyncio
import tempfile
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from hub.access.consent import Consent, GivenBy
from hub.access.consent.counts import HourlyLimits
from schema.codes import ErrorCode
from tests.support.consents import (
    CITIZEN,
    NOBODY,
    OFFICER,
    OPERATOR,
    OTHER_OPERATOR,
    ConsentBench,
    consent_bench,
    outcome_of,
)

PRINCIPALS = {"operator": OPERATOR, "other": OTHER_OPERATOR, "officer": OFFICER}
Key = tuple[str, str, str]
LIMITS = HourlyLimits(10_000, 10_000, 10_000, 10_000, 10_000)


class ConsentMachine(RuleBasedStateMachine):
    """Models the consents that citizens gave and did not withdraw, with their expiry."""

    requests = Bundle("requests")
    codes = Bundle("codes")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.folder = tempfile.TemporaryDirectory()
        self.stack = AsyncExitStack()
        context = consent_bench(Path(self.folder.name), LIMITS)
        self.bench: ConsentBench = self.run(self.stack.enter_async_context(context))
        self.given: dict[str, tuple[Key, Consent]] = {}

    def run(self, awaitable: Any) -> Any:
        return self.loop.run_until_complete(awaitable)

    def teardown(self) -> None:
        self.run(self.stack.aclose())
        self.loop.close()
        self.folder.cleanup()

    @rule(
        target=requests,
        who=st.sampled_from(sorted(PRINCIPALS)),
        citizen=st.sampled_from([CITIZEN, NOBODY]),
        purpose=st.sampled_from(["A", "B"]),
        departments=st.sets(st.sampled_from(["pensions", "power"]), min_size=1),
    )
    def request(
        self, who: str, citizen: str, purpose: str, departments: set[str]
    ) -> tuple[Key, str, set[str]]:
        consent_id = self.run(
            self.bench.consents.request_for(PRINCIPALS[who], citizen, purpose, departments)
        )
        return (who, citizen, purpose), consent_id, departments

    @rule(request=requests)
    def give(self, request: tuple[Key, str, set[str]]) -> None:
        key, consent_id, departments = request
        giving = self.bench.consents.give(PRINCIPALS[key[0]], consent_id, GivenBy.CITIZEN)
        given = self.run(outcome_of(giving))
        if isinstance(given, ErrorCode):
            assert given is ErrorCode.CONSENT_ENDED
            return
        assert departments <= given.departments
        self.given[consent_id] = key, given

    @rule(request=requests, withdraw=st.booleans())
    def end(self, request: tuple[Key, str, set[str]], withdraw: bool) -> None:
        key, consent_id, _ = request
        end = self.bench.consents.withdraw if withdraw else self.bench.consents.refuse
        outcome = self.run(outcome_of(end(PRINCIPALS[key[0]], consent_id)))
        if isinstance(outcome, ErrorCode):
            assert outcome is ErrorCode.CONSENT_ENDED
            return
        assert withdraw or consent_id not in self.given
        self.given.pop(consent_id, None)

    @rule(target=codes, request=requests)
    def make_code(self, request: tuple[Key, str, set[str]]) -> tuple[Key, str, str]:
        key, consent_id, _ = request
        made = self.run(outcome_of(self.bench.codes.make(PRINCIPALS[key[0]], consent_id)))
        if isinstance(made, ErrorCode):
            assert made in (ErrorCode.CONSENT_ENDED, ErrorCode.RATE_LIMITED)
            return key, consent_id, "none"
        return key, consent_id, made.code

    @rule(code=consumes(codes), who=st.sampled_from(sorted(PRINCIPALS)), is_right=st.booleans())
    def confirm(self, code: tuple[Key, str, str], who: str, is_right: bool) -> None:
        key, consent_id, digits = code
        entered = digits if is_right else digits[::-1] + "0"
        confirming = self.bench.codes.confirm(PRINCIPALS[who], consent_id, entered)
        given = self.run(outcome_of(confirming))
        if isinstance(given, ErrorCode):
            refusals = (ErrorCode.CODE_REJECTED, ErrorCode.CONSENT_ENDED)
            assert given in ((ErrorCode.NOT_FOUND,) if who != key[0] else refusals)
            return
        assert is_right
        assert who == key[0]
        self.given[consent_id] = key, given

    @rule(minutes=st.sampled_from([1, 9, 31, 60 * 24 * 7, 60 * 24 * 31]))
    def wait(self, minutes: int) -> None:
        self.bench.wait(minutes=minutes)

    @invariant()
    def exactly_the_given_consents_are_active(self) -> None:
        now = self.bench.now
        expected = {
            key
            for key, consent in self.given.values()
            if consent.expires_at is not None and now < consent.expires_at
        }
        found = {
            (who, citizen, purpose)
            for who, principal in PRINCIPALS.items()
            for citizen in (CITIZEN, NOBODY)
            for purpose in ("A", "B")
            if self.run(self.bench.consents.active(principal, citizen, purpose)) is not None
        }
        assert found == expected


TestConsentMachine = ConsentMachine.TestCase
TestConsentMachine.settings = settings(
    max_examples=12,
    stateful_step_count=15,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
