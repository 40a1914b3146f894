"""One call: its limits, what it releases, and what the department's health learns from it."""

import asyncio
import gc
import logging
import weakref
from typing import Any

import pytest

from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    DepartmentUnreachableError,
    LookUpReply,
    MalformedReplyError,
)
from hub.link.maintenance import Closure
from tests.link.scripted import HANG, Stage, fault, until
from tests.support.calls import call_context

NO_RETRIES: dict[str, Any] = {"retries": {"attempts": 1}}


class Body:
    """The body of a reply."""


async def test_a_disconnected_client_leaves_no_queued_call() -> None:
    stage = Stage(concurrency=1, queue=5, **NO_RETRIES)
    stage.adapter.script = [HANG]
    calls = [asyncio.ensure_future(stage.look_up(str(number))) for number in range(3)]
    await until(lambda: (stage.link.in_flight, stage.link.waiting) == (1, 2))
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await until(stage.is_idle)
    assert stage.adapter.cancelled == 1
    assert stage.measured("hub_department_calls_total", outcome="cancelled") == 1
    assert stage.measured("hub_department_calls_total", outcome="ok") == 0


async def test_a_client_that_disconnects_during_a_probe_frees_the_probe() -> None:
    stage = Stage(breaker={"calls": 2, "probes": 1}, **NO_RETRIES)
    stage.adapter.script = [fault(), fault(), HANG, None]
    await stage.outcome("1")
    await stage.outcome("2")
    assert stage.link.breaker == "open"
    stage.clock.advance(5)
    probe = asyncio.ensure_future(stage.look_up("3"))
    await until(lambda: stage.adapter.under_way == 1)
    assert await stage.outcome("4") == "CIRCUIT_OPEN"
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    await until(stage.is_idle)
    assert await stage.outcome("5") == "ok"
    assert stage.link.breaker == "closed"


async def test_a_pause_stops_calls_that_wait_for_the_rate() -> None:
    stage = Stage(rate={"calls": 1, "per": "50ms"}, **NO_RETRIES)
    look_ups = [asyncio.ensure_future(stage.outcome(str(number))) for number in range(4)]
    await until(lambda: len(stage.adapter.calls) == 1)
    stage.link.maintenance.pause(Closure(None, "closed"))
    codes = await asyncio.gather(*look_ups)
    assert sorted(codes) == ["DEPARTMENT_MAINTENANCE"] * 3 + ["ok"]
    assert len(stage.adapter.calls) == 1


async def test_an_opening_breaker_stops_calls_that_wait_for_the_rate() -> None:
    breaker = {"consecutive": 2}
    stage = Stage(rate={"calls": 1, "per": "30ms"}, breaker=breaker, concurrency=8, **NO_RETRIES)
    stage.adapter.script = [fault()]
    codes = await asyncio.gather(*(stage.outcome(str(number)) for number in range(8)))
    assert sorted(codes) == ["CIRCUIT_OPEN"] * 6 + ["DEPARTMENT_FAULT"] * 2
    assert len(stage.adapter.calls) == 2
    assert stage.is_idle()


async def test_a_client_that_disconnects_before_a_retry_leaves_nothing() -> None:
    stage = Stage(deadline="6h", retries={"attempts": 5, "backoff": "1h", "budget": "100%"})
    stage.adapter.script = [fault()]
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await stage.look_up("1", seconds=20_000)
    await until(stage.is_idle)


async def test_queued_calls_fail_when_the_breaker_opens() -> None:
    stage = Stage(concurrency=1, queue=9, breaker={"calls": 2}, **NO_RETRIES)
    stage.adapter.script = [fault()]
    outcomes = await asyncio.gather(*(stage.outcome(str(number)) for number in range(6)))
    assert outcomes == ["DEPARTMENT_FAULT"] * 2 + ["CIRCUIT_OPEN"] * 4
    assert len(stage.adapter.calls) == 2


async def test_the_operations_deadline_bounds_the_call() -> None:
    stage = Stage(**NO_RETRIES)
    stage.adapter.script = [HANG]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await stage.outcome("1", seconds=0.05) == "DEADLINE_EXCEEDED"
    assert loop.time() - begun < 0.5


async def test_queued_calls_fail_before_the_calls_of_a_hanging_department() -> None:
    stage = Stage(concurrency=1, queue=9, deadline="400ms", breaker={"calls": 99}, **NO_RETRIES)
    stage.adapter.script = [HANG]
    outcomes: list[tuple[str, str]] = []

    async def look_up(number: str) -> None:
        outcome = await stage.outcome(number, seconds=60)
        outcomes.append((number, outcome))

    await asyncio.gather(*map(look_up, ("1", "2", "3")))
    queued = [("2", "DEPARTMENT_BUSY"), ("3", "DEPARTMENT_BUSY")]
    assert outcomes == [*queued, ("1", "DEPARTMENT_TIMEOUT")]
    assert len(stage.adapter.calls) == 1


async def test_a_hurried_operation_does_not_count_against_the_department() -> None:
    stage = Stage(breaker={"calls": 2}, **NO_RETRIES)
    stage.adapter.script = [HANG]
    for number in range(4):
        assert await stage.outcome(str(number), seconds=0.01) == "DEADLINE_EXCEEDED"
    assert stage.link.breaker == "closed"
    assert stage.link.status() is None


async def test_a_hang_is_noticed_even_if_clients_leave_first() -> None:
    stage = Stage(deadline="100ms", breaker={"consecutive": 3}, **NO_RETRIES)
    stage.adapter.script = [HANG]
    for number in range(3):
        assert await stage.outcome(str(number), seconds=0.08) == "DEPARTMENT_TIMEOUT"
        await until(stage.is_idle)
    assert await stage.outcome("4") == "CIRCUIT_OPEN"


async def test_queued_calls_fail_with_maintenance_when_the_department_closes() -> None:
    stage = Stage(concurrency=1, queue=5, **NO_RETRIES)
    stage.adapter.script = [0.05]
    calls = [asyncio.ensure_future(stage.outcome(str(number))) for number in range(3)]
    await until(lambda: (stage.link.in_flight, stage.link.waiting) == (1, 2))
    stage.link.maintenance.pause(Closure(back_at=None, note=None))
    assert await asyncio.gather(*calls) == ["ok"] + ["DEPARTMENT_MAINTENANCE"] * 2
    assert len(stage.adapter.calls) == 1


@pytest.mark.parametrize("coalesce", [True, False])
async def test_an_operation_without_time_makes_no_call(coalesce: bool) -> None:
    stage = Stage(coalesce=coalesce)
    assert await stage.outcome("1", seconds=0) == "DEADLINE_EXCEEDED"
    assert stage.adapter.calls == []


async def test_slow_calls_open_the_breaker() -> None:
    stage = Stage(breaker={"calls": 3, "slow": "10ms"}, **NO_RETRIES)
    stage.adapter.script = [0.02]
    for number in range(3):
        assert await stage.outcome(str(number)) == "ok"
    assert await stage.outcome("4") == "CIRCUIT_OPEN"
    status = stage.link.status()
    assert status is not None
    assert status.state.name == "CIRCUIT_OPEN"


async def test_the_hubs_rate_limit_does_not_count_against_the_department() -> None:
    stage = Stage(
        rate={"calls": 1, "per": "1h"}, deadline="100ms", breaker={"calls": 2}, **NO_RETRIES
    )
    assert await stage.outcome("1") == "ok"
    outcomes = [await stage.outcome(str(number)) for number in range(2, 5)]
    assert outcomes == ["DEPARTMENT_BUSY"] * 3
    assert len(stage.adapter.calls) == 1
    assert stage.link.breaker == "closed"
    assert stage.measured("hub_department_call_seconds_count") == 1


async def test_a_refused_second_attempt_reports_the_first_failure() -> None:
    stage = Stage(
        rate={"calls": 1, "per": "1h"},
        deadline="100ms",
        breaker={"consecutive": 2},
        retries={"attempts": 2, "backoff": "1ms", "budget": "100%"},
    )
    stage.adapter.script = [fault()]
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"
    assert len(stage.adapter.calls) == 1
    assert stage.link.breaker == "closed"
    status = stage.link.status()
    assert status is not None
    assert status.state.name == "UNAVAILABLE"


async def test_waiting_for_the_rate_does_not_count_as_the_departments_time() -> None:
    stage = Stage(
        rate={"calls": 1, "per": "40ms"}, breaker={"calls": 3, "slow": "30ms"}, **NO_RETRIES
    )
    for number in range(6):
        assert await stage.outcome(str(number)) == "ok"
    assert stage.link.breaker == "closed"


async def test_the_rate_is_respected() -> None:
    stage = Stage(rate={"calls": 4, "per": "200ms"})
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.gather(*(stage.look_up(str(number)) for number in range(12)))
    # Four at the same time, then one every 50 ms.
    assert 0.35 < loop.time() - begun < 1.5


async def test_a_refused_call_does_not_count_against_the_department() -> None:
    stage = Stage(breaker={"calls": 2}, **NO_RETRIES)
    stage.adapter.script = [DepartmentRefusedError("pensions", "no")]
    for number in range(4):
        assert await stage.outcome(str(number)) == "DEPARTMENT_REFUSED"
    assert stage.link.breaker == "closed"


async def test_an_unexpected_error_is_reported_without_logging_its_message(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stage = Stage(**NO_RETRIES)
    stage.adapter.script = [ValueError("invalid literal: '7KNL042101'")]
    with caplog.at_level(logging.ERROR):
        assert await stage.outcome("1") == "DEPARTMENT_MALFORMED_REPLY"
    assert "unexpected ValueError while reading a reply of pensions" in caplog.text
    assert "7KNL042101" not in caplog.text


@pytest.mark.parametrize("attempts", [1, 2])
async def test_an_error_does_not_keep_the_reply_in_memory(attempts: int) -> None:
    stage = Stage(retries={"attempts": attempts, "backoff": "1ms", "budget": "100%"})
    bodies: list[weakref.ref[Body]] = []

    async def read(*_: Any) -> LookUpReply:
        body = Body()
        bodies.append(weakref.ref(body))
        try:
            raise ValueError(body)
        except ValueError as error:
            raise MalformedReplyError("pensions", "not JSON") from error

    stage.adapter.look_up = read  # type: ignore[method-assign, assignment]
    gc.disable()
    try:
        assert await stage.outcome("1") == "DEPARTMENT_MALFORMED_REPLY"
        assert len(bodies) == attempts
        assert not any(body() for body in bodies)
    finally:
        gc.enable()


async def test_a_probe_closes_the_breaker_within_open_for() -> None:
    stage = Stage(breaker={"calls": 2, "open_for": "5s"}, **NO_RETRIES)
    stage.adapter.script = [DepartmentUnreachableError("pensions", "gone")]
    await stage.outcome("1")
    await stage.outcome("2")
    assert await stage.outcome("3") == "CIRCUIT_OPEN"
    stage.adapter.script = [None]
    stage.clock.advance(4.9)
    assert await stage.outcome("4") == "CIRCUIT_OPEN"
    stage.clock.advance(0.1)
    for number in range(3):
        assert stage.link.breaker == "half-open"
        assert await stage.outcome(f"probe {number}") == "ok"
        status = stage.link.status()
        assert status is not None
        assert status.state.name == "LIVE"
    assert stage.link.breaker == "closed"


async def test_an_empty_reply_does_not_close_the_breaker_of_a_department_that_fails() -> None:
    stage = Stage(breaker={"consecutive": 3, "open_for": "5s"}, **NO_RETRIES)
    stage.adapter.script = [fault()]
    for key in "123":
        await stage.outcome(key)
    stage.clock.advance(5)
    stage.adapter.script = [None, fault()]
    assert [await stage.outcome(key) for key in "456"] == ["ok", "DEPARTMENT_FAULT", "CIRCUIT_OPEN"]


async def test_a_search_passes_through_the_same_stages() -> None:
    stage = Stage(concurrency=1, queue=0, breaker={"calls": 2}, **NO_RETRIES)
    stage.adapter.script = [fault()]
    for _ in range(2):
        with pytest.raises(DepartmentError):
            await stage.link.search(Capability.APPLICATIONS_SEARCH, {}, call_context())
    with pytest.raises(DepartmentError) as refusal:
        await stage.link.search(Capability.APPLICATIONS_SEARCH, {}, call_context())
    assert refusal.value.code == "CIRCUIT_OPEN"
