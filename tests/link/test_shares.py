"""One operation uses at most half of a department's slots, so others are answered meanwhile."""

import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.contract import Capability, DepartmentError
from adapters.manifest.limits import share_of
from tests.link.scripted import HANG, Stage, until
from tests.support.calls import call_context

NO_RETRIES: dict[str, Any] = {"retries": {"attempts": 1}}


@pytest.mark.parametrize(("slots", "share"), [(1, 1), (2, 1), (3, 1), (8, 4), (256, 128)])
def test_a_share_is_half_of_the_slots_but_at_least_one(slots: int, share: int) -> None:
    assert share_of(slots) == share


@settings(max_examples=50, deadline=None)
@given(slots=st.integers(1, 9), keys=st.integers(1, 60), at_once=st.integers(1, 7))
def test_a_look_up_of_any_size_keeps_to_its_share(slots: int, keys: int, at_once: int) -> None:
    async def run() -> None:
        stage = Stage(concurrency=slots, queue=0, keys_at_once=at_once)
        stage.adapter.script = [0.0]
        reply = await stage.look_up(*map(str, range(keys)))
        assert not any(isinstance(rows, DepartmentError) for rows in reply.results.values())
        batches = -(-keys // at_once)
        assert len(stage.adapter.calls) == batches
        assert stage.adapter.most_under_way == min(share_of(slots), batches)
        assert stage.is_idle()

    asyncio.run(run())


async def test_another_operation_is_answered_while_one_waits_for_its_share() -> None:
    stage = Stage(concurrency=4, queue=1, keys_at_once=1)
    stage.adapter.script = [0.2, 0.2, None]
    large = asyncio.ensure_future(stage.look_up(*map(str, range(30))))
    await until(lambda: stage.link.in_flight == 2)
    assert stage.link.waiting == 0
    assert await stage.outcome("other") == "ok"
    assert not large.done()
    assert len((await large).results) == 30


async def test_searches_of_one_operation_keep_to_its_share() -> None:
    stage = Stage(concurrency=8, queue=0)
    stage.adapter.script = [0.001]
    context = call_context()
    searches = (stage.link.search(Capability.APPLICATIONS_SEARCH, {}, context) for _ in range(50))
    await asyncio.gather(*searches)
    assert len(stage.adapter.calls) == 50
    assert stage.adapter.most_under_way == 4


async def test_each_operation_has_a_share_of_its_own() -> None:
    stage = Stage(concurrency=4, queue=0, keys_at_once=1)
    stage.adapter.script = [0.001]
    await asyncio.gather(stage.look_up(*"abcdef"), stage.look_up(*"ghijkl"))
    assert stage.adapter.most_under_way == 4


async def test_a_slow_department_answers_all_batches_after_its_deadline() -> None:
    stage = Stage(concurrency=4, deadline="100ms", keys_at_once=1)
    stage.adapter.script = [0.03]
    reply = await stage.look_up(*map(str, range(20)))
    assert not any(isinstance(rows, DepartmentError) for rows in reply.results.values())


async def test_batches_that_ended_before_the_operations_deadline_are_returned() -> None:
    stage = Stage(concurrency=2, deadline="100ms", keys_at_once=1, **NO_RETRIES)
    stage.adapter.script = [0.06]
    reply = await stage.look_up(*map(str, range(20)), seconds=0.4)
    failed = [rows.code for rows in reply.results.values() if isinstance(rows, DepartmentError)]
    # A call that was running then has timed out.
    assert {"DEADLINE_EXCEEDED"} <= set(failed) <= {"DEADLINE_EXCEEDED", "DEPARTMENT_TIMEOUT"}
    assert 0 < len(failed) < 20
    await until(stage.is_idle)


async def test_waiting_for_the_share_ends_when_the_breaker_opens() -> None:
    stage = Stage(concurrency=8, deadline="50ms", keys_at_once=1, **NO_RETRIES)
    stage.adapter.script = [HANG]
    begun = asyncio.get_running_loop().time()
    assert await stage.outcome(*map(str, range(40)), seconds=60) == "DEPARTMENT_TIMEOUT"
    assert asyncio.get_running_loop().time() - begun < 1
    # The breaker opens at the eighth timeout; up to three more calls were sent before it.
    assert 8 <= len(stage.adapter.calls) < 12
    assert stage.is_idle()


async def test_a_cancelled_operation_leaves_nothing_behind() -> None:
    stage = Stage(concurrency=2, keys_at_once=1)
    stage.adapter.script = [HANG]
    look_ups = [asyncio.ensure_future(stage.look_up(*keys)) for keys in ("abc", "defg", "hi")]
    await until(lambda: (stage.link.in_flight, stage.link.waiting) == (2, 1))
    for each in look_ups:
        each.cancel()
    await asyncio.gather(*look_ups, return_exceptions=True)
    await until(stage.is_idle)
    assert stage.link._calls._shares._calls == {}
