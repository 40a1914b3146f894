"""Second attempts: only of reads, within budget and deadline; hedges that release their slots."""

import asyncio

import pytest

from adapters.contract import CallContext, DepartmentError, LookUpReply
from tests.link.scripted import HANG, Stage, call_runner, fault, until
from tests.support.calls import call_context

ALL = "100%"


async def test_retries_stay_within_a_tenth_of_calls() -> None:
    never = {"calls": 10_000, "consecutive": 10_000}
    stage = Stage(breaker=never, retries={"attempts": 5, "backoff": "1ms"})
    stage.adapter.script = [fault()]
    for number in range(300):
        assert await stage.outcome(str(number)) == "DEPARTMENT_FAULT"
    retries = len(stage.adapter.calls) - 300
    assert 20 <= retries <= 30
    assert stage.measured("hub_department_retries_total") == retries


async def test_a_read_that_failed_once_is_answered_by_its_second_attempt() -> None:
    stage = Stage(retries={"attempts": 2, "backoff": "1ms", "budget": ALL})
    stage.adapter.script = [fault(), None]
    assert await stage.outcome("1") == "ok"
    assert len(stage.adapter.calls) == 2
    assert stage.measured("hub_department_retries_total") == 1


async def test_a_failed_retry_is_counted_once_and_reports_the_last_error() -> None:
    stage = Stage(retries={"attempts": 2, "backoff": "1ms", "budget": ALL})
    stage.adapter.script = [fault(), DepartmentError("pensions", "the second")]
    with pytest.raises(DepartmentError, match="the second"):
        await stage.look_up("1")
    assert stage.measured("hub_department_retries_total") == 1


async def test_no_retry_comes_after_the_deadline() -> None:
    stage = Stage(deadline="100ms", retries={"attempts": 5, "backoff": "1h", "budget": ALL})
    stage.adapter.script = [fault()]
    loop = asyncio.get_running_loop()
    begun = loop.time()
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"
    assert loop.time() - begun < 1
    assert stage.measured("hub_department_retries_total") == len(stage.adapter.calls) - 1


async def test_a_write_is_made_once() -> None:
    attempts = call_runner(
        retries={"attempts": 5, "backoff": "1ms", "budget": ALL}, hedge="1ms", deadline="2s"
    )
    calls = 0

    async def write(_: CallContext) -> LookUpReply:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.02)
        raise fault()

    with pytest.raises(DepartmentError):
        await attempts.run_once(write, call_context())
    assert calls == 1
    with pytest.raises(DepartmentError):
        await attempts.run(write, call_context())
    assert calls == 1 + 2


async def test_a_hedge_replies_instead_of_a_slow_first_attempt() -> None:
    stage = Stage(hedge="10ms", retries={"budget": ALL})
    stage.adapter.script = [HANG, None]
    assert await stage.outcome("1") == "ok"
    assert len(stage.adapter.calls) == 2
    assert stage.adapter.cancelled == 1
    assert stage.is_idle()


async def test_a_fast_read_is_not_hedged() -> None:
    stage = Stage(hedge="1s", retries={"budget": ALL})
    assert await stage.outcome("1") == "ok"
    assert len(stage.adapter.calls) == 1


async def test_a_hedge_takes_no_slot_of_another_call() -> None:
    stage = Stage(concurrency=2, hedge="5ms", retries={"budget": ALL})
    stage.adapter.script = [0.05]
    await asyncio.gather(*(stage.look_up(str(number)) for number in range(4)))
    assert stage.adapter.most_under_way == 2
    assert stage.is_idle()


async def test_hedges_are_within_the_budget() -> None:
    stage = Stage(hedge="1ms", concurrency=64, queue=400)
    stage.adapter.script = [0.01]
    for number in range(100):
        await stage.look_up(str(number))
    assert len(stage.adapter.calls) <= 110


async def test_a_hedge_that_is_not_made_takes_no_slot() -> None:
    stage = Stage(concurrency=2, hedge="10ms")
    stage.adapter.script = [0.1]
    look_ups = asyncio.ensure_future(stage.look_up("1"))
    await asyncio.sleep(0.05)
    assert stage.link.in_flight == 1
    await look_ups


async def test_a_failed_hedge_frees_its_slot() -> None:
    stage = Stage(concurrency=2, hedge="10ms", retries={"budget": ALL})
    stage.adapter.script = [0.2, fault()]
    look_ups = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: len(stage.adapter.calls) == 2)
    await until(lambda: stage.link.in_flight == 1)
    assert not look_ups.done()
    await look_ups
    assert stage.is_idle()


async def test_a_call_that_waits_for_the_rate_is_not_hedged() -> None:
    stage = Stage(rate={"calls": 1, "per": "100ms"}, hedge="20ms", retries={"budget": ALL})
    await asyncio.gather(*(stage.look_up(str(number)) for number in range(3)))
    assert len(stage.adapter.calls) == 3
    assert stage.measured("hub_department_retries_total") == 0


async def test_a_client_that_leaves_before_a_retry_does_not_use_the_budget() -> None:
    never = {"calls": 10_000, "consecutive": 10_000}
    retries = {"attempts": 2, "backoff": "1h", "budget": ALL}
    stage = Stage(deadline="10h", breaker=never, retries=retries)
    stage.adapter.script = [fault()]
    look_ups = [asyncio.ensure_future(stage.look_up(str(n), seconds=36_000)) for n in range(8)]
    await until(lambda: len(stage.adapter.calls) == 8)
    await asyncio.sleep(0.02)
    for each in look_ups:
        each.cancel()
    await asyncio.gather(*look_ups, return_exceptions=True)
    assert stage.measured("hub_department_retries_total") == 0


async def test_a_probe_is_not_hedged() -> None:
    stage = Stage(hedge="5ms", breaker={"consecutive": 2}, retries={"attempts": 1, "budget": ALL})
    stage.adapter.script = [fault(), fault(), 0.03]
    for number in range(2):
        await stage.outcome(str(number))
    stage.clock.advance(5)
    assert await stage.outcome("3") == "ok"
    assert len(stage.adapter.calls) == 3


async def test_no_hedge_is_sent_after_the_breaker_opened() -> None:
    stage = Stage(
        hedge="30ms",
        breaker={"consecutive": 2},
        concurrency=9,
        retries={"attempts": 1, "budget": ALL},
    )
    stage.adapter.script = [0.06, fault()]
    look_ups = asyncio.ensure_future(stage.outcome("1"))
    await until(lambda: stage.adapter.under_way == 1)
    for number in (2, 3):
        await stage.outcome(str(number))
    assert stage.link.breaker == "open"
    assert await look_ups == "ok"
    assert len(stage.adapter.calls) == 3


async def test_a_disconnected_client_cancels_both_attempts() -> None:
    stage = Stage(hedge="5ms", retries={"budget": ALL})
    stage.adapter.script = [HANG]
    look_ups = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 2)
    look_ups.cancel()
    await asyncio.gather(look_ups, return_exceptions=True)
    await until(stage.is_idle)
    assert stage.adapter.cancelled == 2


async def test_when_both_attempts_fail_the_first_error_is_raised() -> None:
    stage = Stage(hedge="5ms", retries={"attempts": 1, "budget": ALL})
    failures = iter(("the first", "the hedge"))

    async def fail(*_: object) -> LookUpReply:
        reason = next(failures)
        await asyncio.sleep(0.03)
        raise DepartmentError("pensions", reason)

    stage.adapter.look_up = fail  # type: ignore[assignment]
    with pytest.raises(DepartmentError, match="the first"):
        await stage.look_up("1")
    await until(stage.is_idle)


TWICE = {"attempts": 2, "backoff": "1ms", "budget": ALL}


async def test_each_attempt_counts_against_a_failing_department() -> None:
    stage = Stage(breaker={"consecutive": 4}, retries=TWICE)
    stage.adapter.script = [fault()]
    assert [await stage.outcome(key) for key in "12"] == ["DEPARTMENT_FAULT"] * 2
    assert len(stage.adapter.calls) == 4
    assert await stage.outcome("3") == "CIRCUIT_OPEN"


async def test_no_second_attempt_is_made_after_the_breaker_opened() -> None:
    stage = Stage(breaker={"consecutive": 4}, retries=TWICE | {"backoff": "50ms"})
    stage.adapter.script = [fault()]
    codes = await asyncio.gather(*map(stage.outcome, "1234"))
    assert codes == ["DEPARTMENT_FAULT"] * 4
    assert len(stage.adapter.calls) == 4


async def test_a_failed_probe_is_not_repeated() -> None:
    stage = Stage(breaker={"consecutive": 2, "open_for": "1s"}, retries=TWICE)
    stage.adapter.script = [fault()]
    await stage.outcome("1")
    stage.clock.advance(2)
    assert await stage.outcome("2") == "DEPARTMENT_FAULT"
    assert len(stage.adapter.calls) == 3
    assert await stage.outcome("3") == "CIRCUIT_OPEN"
