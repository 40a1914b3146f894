"""A whole link over a scripted adapter: limits under load, batches, status and metrics."""

import asyncio
import math
import traceback

import pytest

from adapters.contract import DepartmentError, DepartmentFaultError
from schema.provenance import SourceState
from tests.link.scripted import HANG, Stage, fault


async def test_a_hanging_department_gets_no_more_calls_than_its_concurrency() -> None:
    stage = Stage(concurrency=6, queue=20, deadline="2s", retries={"attempts": 1})
    stage.adapter.script = [HANG]
    ended: list[str] = []

    async def call(number: int) -> None:
        ended.append(await stage.outcome(str(number)))

    await asyncio.gather(*(call(number) for number in range(200)))
    # 174 calls found a full queue and 20 waited in it; both are errors of the hub.
    assert ended == ["DEPARTMENT_BUSY"] * 194 + ["DEPARTMENT_TIMEOUT"] * 6
    assert stage.adapter.most_under_way == 6
    assert stage.is_idle()


async def test_one_large_look_up_does_not_fill_its_own_queue() -> None:
    stage = Stage(concurrency=4, queue=4, keys_at_once=1)
    stage.adapter.script = [0.001]
    reply = await stage.look_up(*map(str, range(40)))
    failed = [key for key, rows in reply.results.items() if isinstance(rows, DepartmentError)]
    assert failed == []
    assert len(stage.adapter.calls) == 40
    assert stage.adapter.most_under_way == 2


async def test_a_large_look_up_respects_a_reduced_number_of_slots() -> None:
    stage = Stage(concurrency=8, queue=2, adaptive=True, keys_at_once=1)
    for _ in range(20):
        stage.link._calls.bulkhead.learn(began=math.inf, well=False)
    stage.adapter.script = [0.001]
    reply = await stage.look_up(*map(str, range(8)))
    assert not any(isinstance(rows, DepartmentError) for rows in reply.results.values())


async def test_the_traceback_of_a_shared_error_does_not_grow() -> None:
    stage = Stage(retries={"attempts": 1})
    stage.adapter.script = [fault()]
    look_ups = (stage.look_up("1") for _ in range(50))
    errors = await asyncio.gather(*look_ups, return_exceptions=True)
    assert len(stage.adapter.calls) == 1
    for error in errors:
        assert isinstance(error, DepartmentFaultError)
        assert len(list(traceback.walk_tb(error.__traceback__))) < 10


async def test_a_failed_batch_costs_only_its_own_keys() -> None:
    stage = Stage(keys_at_once=2, retries={"attempts": 1})
    stage.adapter.script = [fault(), None]
    reply = await stage.look_up("1", "2", "3")
    failed = {key for key, rows in reply.results.items() if isinstance(rows, DepartmentError)}
    assert failed == {"1", "2"}


async def test_an_error_of_all_batches_is_raised() -> None:
    stage = Stage(keys_at_once=1, retries={"attempts": 1})
    stage.adapter.script = [fault()]
    with pytest.raises(DepartmentFaultError):
        await stage.look_up("1", "2", "3")


async def test_the_status_shows_the_latest_call() -> None:
    stage = Stage(concurrency=1, queue=0, retries={"attempts": 1})
    assert stage.link.status() is None
    assert await stage.outcome("1") == "ok"
    status = stage.link.status()
    assert status is not None
    assert (status.state, status.as_of) == (SourceState.LIVE, stage.clock.now())
    stage.adapter.script = [fault()]
    assert await stage.outcome("1") == "DEPARTMENT_FAULT"
    status = stage.link.status()
    assert status is not None
    assert (status.state, status.message) == (
        SourceState.UNAVAILABLE,
        "pensions reports a failure.",
    )


async def test_a_refusal_of_the_hub_does_not_change_the_status() -> None:
    stage = Stage(concurrency=1, queue=0)
    assert await stage.outcome("1") == "ok"
    stage.adapter.script = [0.05]
    outcomes = await asyncio.gather(stage.outcome("2"), stage.outcome("3"))
    assert sorted(outcomes) == ["DEPARTMENT_BUSY", "ok"]
    status = stage.link.status()
    assert status is not None
    assert status.state is SourceState.LIVE


async def test_the_metrics_show_the_link() -> None:
    stage = Stage(concurrency=1, queue=5)
    stage.adapter.script = [HANG]
    calls = [asyncio.ensure_future(stage.outcome(str(number), seconds=0.1)) for number in range(3)]
    await asyncio.sleep(0.02)
    assert stage.measured("hub_department_in_flight") == 1
    assert stage.measured("hub_department_waiting") == 2
    assert stage.measured("hub_department_breaker", state="closed") == 1
    await asyncio.gather(*calls)
    assert stage.measured("hub_department_in_flight") == 0
