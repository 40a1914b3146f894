"""Patience: an operation leaves a look-up that goes on, and the next operation gets its rows."""

import asyncio
from typing import Any

import pytest

from adapters.contract import LookUpReply, Rows
from hub.link import coalescing
from hub.link.coalescing import MOST_KEPT
from schema.provenance import SourceState
from tests.link.scripted import HANG, Stage, fault, until

SOON = 0.01


async def patient(stage: Stage, *keys: str, wait: float = SOON, **context: Any) -> str:
    """Look up the keys with patience; return `ok` or the code of the error."""
    return await stage.outcome(
        *keys, wait_until=asyncio.get_running_loop().time() + wait, **context
    )


async def until_ended(stage: Stage) -> None:
    """Wait until the call that goes on has ended and its reply is kept."""
    await until(lambda: bool(stage.link._coalescing._kept))


async def patient_reply(stage: Stage, *keys: str, wait: float = SOON) -> LookUpReply:
    return await stage.look_up(*keys, wait_until=asyncio.get_running_loop().time() + wait)


def state_of(reply: LookUpReply, key: str = "1") -> SourceState:
    rows = reply.results[key]
    assert isinstance(rows, Rows)
    assert len(rows.records) == 1
    return rows.records[0].origin.state if rows.records[0].origin else rows.state


async def test_the_next_operation_gets_the_rows_of_the_running_call() -> None:
    stage = Stage()
    stage.adapter.script = [0.1]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    reply = await patient_reply(stage, "1", wait=5)
    assert state_of(reply) is SourceState.LIVE
    assert len(stage.adapter.calls) == 1
    assert stage.measured("hub_department_calls_total", outcome="ok") == 1


async def test_the_next_operation_gets_the_rows_of_a_call_that_has_ended() -> None:
    stage = Stage()
    stage.adapter.script = [0.03]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    first, second = await patient_reply(stage, "1"), await patient_reply(stage, "1")
    assert state_of(first) is state_of(second) is SourceState.CACHED
    assert first.results["1"].records[0] is not second.results["1"].records[0]  # type: ignore[union-attr]
    assert len(stage.adapter.calls) == 1


async def test_an_operation_without_patience_makes_a_call_of_its_own() -> None:
    stage = Stage()
    stage.adapter.script = [0.03, None]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    assert state_of(await stage.look_up("1")) is SourceState.LIVE
    assert len(stage.adapter.calls) == 2


async def test_without_waiting_the_call_is_made_all_the_same() -> None:
    stage = Stage()
    stage.adapter.script = [0.01]
    assert await patient(stage, "1", wait=0) == "DEPARTMENT_PENDING"
    await until_ended(stage)
    assert await patient(stage, "1", wait=0) == "ok"


async def test_a_failure_is_reported_once_and_the_breaker_learns_from_it() -> None:
    stage = Stage()
    error = fault()

    async def fail(*_: object) -> LookUpReply:
        await asyncio.sleep(0.02)
        raise error

    answer = stage.adapter.look_up
    stage.adapter.look_up = fail  # type: ignore[method-assign, assignment]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    stage.adapter.look_up = answer  # type: ignore[method-assign]
    status = stage.link.status()
    assert status is not None
    assert status.error_code == "DEPARTMENT_FAULT"
    assert await patient(stage, "1") == "DEPARTMENT_FAULT"
    assert await patient(stage, "1", wait=5) == "ok"


async def test_a_hanging_call_ends_at_the_departments_deadline() -> None:
    stage = Stage(deadline="100ms")
    stage.adapter.script = [HANG]
    assert await patient(stage, "1", seconds=0.3) == "DEPARTMENT_PENDING"
    await until_ended(stage)
    assert await patient(stage, "1", wait=5) == "DEPARTMENT_TIMEOUT"
    assert stage.measured("hub_department_calls_total", outcome="DEPARTMENT_TIMEOUT") == 1


async def test_an_operation_with_less_time_than_patience_gets_its_timeout() -> None:
    stage = Stage(deadline="100ms")
    stage.adapter.script = [HANG]
    assert await patient(stage, "1", wait=5, seconds=0.05) == "DEPARTMENT_TIMEOUT"


async def test_other_keys_are_returned_and_only_the_missing_ones_are_awaited() -> None:
    stage = Stage()
    stage.adapter.script = [0.05, None]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    reply = await patient_reply(stage, "1", "2")
    assert state_of(reply, "2") is SourceState.LIVE
    pending = reply.results["1"]
    assert not isinstance(pending, Rows)
    assert pending.code == "DEPARTMENT_PENDING"


async def test_scopes_do_not_share_rows() -> None:
    stage = Stage()
    stage.adapter.script = [0.02, None]
    assert await patient(stage, "1", scope="CITIZEN:1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    await patient(stage, "1", wait=5, scope="CITIZEN:2")
    assert len(stage.adapter.calls) == 2


async def test_a_department_without_coalescing_gives_the_rows_too() -> None:
    stage = Stage(coalesce=False)
    stage.adapter.script = [0.05]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    assert await patient(stage, "1", wait=5) == "ok"
    assert len(stage.adapter.calls) == 1


async def test_a_cached_copy_is_made_of_rows_that_came_later() -> None:
    stage = Stage(cache={"fresh": "1h"})
    stage.adapter.script = [0.03]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    assert await patient(stage, "1") == "ok"
    assert state_of(await stage.look_up("1")) is SourceState.CACHED
    assert len(stage.adapter.calls) == 1


async def test_a_stale_copy_is_not_shown_while_the_department_may_still_reply() -> None:
    stage = Stage(cache={"stale": "1h"})
    stage.adapter.script = [None, 0.05]
    await stage.look_up("1")
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"


async def test_nothing_is_kept_if_nobody_asks_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coalescing, "KEPT_SECONDS", 0.02)
    stage = Stage()
    stage.adapter.script = [0.02]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    own = stage.link._coalescing
    await until(lambda: bool(own._kept))
    await until(lambda: not (own._kept or own._ended or own._flights or own._running))
    stage.adapter.script = [None]
    assert await patient(stage, "1", wait=5) == "ok"
    assert len(stage.adapter.calls) == 2


async def test_few_replies_are_kept() -> None:
    stage = Stage(concurrency=8)
    stage.adapter.script = [0.001]
    own = stage.link._coalescing
    for number in range(MOST_KEPT + 5):
        assert await patient(stage, str(number), wait=0) == "DEPARTMENT_PENDING"
        await until(lambda: not own._running)
    assert len(own._kept) == len(own._ended) == MOST_KEPT
    await stage.link.close()
    assert not own._kept
    assert not own._ended


async def test_erased_rows_are_not_returned() -> None:
    stage = Stage()
    stage.adapter.script = [0.02, 0.05, None]
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await until_ended(stage)
    await stage.link.erase({"1"})
    assert await patient(stage, "1") == "DEPARTMENT_PENDING"
    await stage.link.erase({"1"})
    await until(lambda: not stage.link._coalescing._running)
    assert await patient(stage, "1", wait=5) == "ok"
    assert len(stage.adapter.calls) == 3


async def test_a_cancelled_operation_does_not_let_its_call_go_on() -> None:
    stage = Stage()
    stage.adapter.script = [HANG]
    task = asyncio.create_task(patient(stage, "1", wait=5))
    await until(lambda: stage.adapter.under_way == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await until(stage.is_idle)
    assert stage.adapter.cancelled == 1
