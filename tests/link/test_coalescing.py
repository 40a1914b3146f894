"""Coalescing: one look-up for all operations that need a key, each with its own deadline."""

import asyncio
from collections.abc import Sequence

import pytest

from adapters.contract import DepartmentError, DepartmentTimeoutError, LookUpReply, Rows
from schema.application import Application
from schema.needed_fields import NeededFields
from schema.provenance import SourceState
from tests.link.scripted import HANG, Stage, fault, until
from tests.link.stage_clock import BEGIN


def application_in(rows: object) -> Application:
    assert isinstance(rows, Rows)
    (record,) = rows.records
    assert isinstance(record, Application)
    return record


async def test_one_key_is_looked_up_once_and_each_operation_has_its_own_records() -> None:
    stage = Stage()
    stage.adapter.script = [0.02]
    replies = await asyncio.gather(*(stage.look_up("1") for _ in range(5)))
    assert len(stage.adapter.calls) == 1
    records = [application_in(reply.results["1"]) for reply in replies]
    assert len({id(record) for record in records}) == 5
    assert {record.application_reference_number for record in records} == {"SJE-1"}
    assert stage.measured("hub_department_coalesced_keys_total") == 4


async def test_a_shared_reply_keeps_its_age_and_failure() -> None:
    """Return the reply of a department with files: it has an age, and the next file is late."""
    stage = Stage()
    late = fault()

    async def look_up(_: object, keys: Sequence[str], __: object) -> LookUpReply:
        await asyncio.sleep(0.02)
        rows = Rows((), (), "1", SourceState.STALE, BEGIN, late)
        return LookUpReply(dict.fromkeys(keys, rows), 1, BEGIN)

    stage.adapter.look_up = look_up  # type: ignore[assignment]
    for reply in await asyncio.gather(stage.look_up("1"), stage.look_up("1")):
        rows = reply.results["1"]
        assert isinstance(rows, Rows)
        assert (rows.state, rows.as_of, rows.failure) == (SourceState.STALE, BEGIN, late)


async def test_a_batch_looks_up_only_keys_that_are_not_being_looked_up() -> None:
    stage = Stage()
    stage.adapter.script = [0.02]
    first, second = await asyncio.gather(stage.look_up("1", "2"), stage.look_up("2", "3"))
    assert [keys for _, keys, _ in stage.adapter.calls] == [("1", "2"), ("3",)]
    assert set(first.results) == {"1", "2"}
    assert set(second.results) == {"2", "3"}


async def test_scopes_and_needed_fields_are_separate() -> None:
    stage = Stage()
    stage.adapter.script = [0.02]
    await asyncio.gather(
        stage.look_up("1"),
        stage.look_up("1", scope="OFFICER:"),
        stage.look_up("1", needed=NeededFields({"Application": {"timeline"}})),
        stage.look_up("1", needed=NeededFields({"Application": {"timeline"}})),
    )
    assert len(stage.adapter.calls) == 3


async def test_all_waiting_operations_get_the_error_and_the_next_calls_again() -> None:
    stage = Stage(retries={"attempts": 1})
    stage.adapter.script = [fault(), None]
    outcomes = await asyncio.gather(*(stage.outcome("1") for _ in range(3)))
    assert outcomes == ["DEPARTMENT_FAULT"] * 3
    assert await stage.outcome("1") == "ok"


async def test_an_error_costs_only_the_keys_of_its_call() -> None:
    stage = Stage(retries={"attempts": 1})
    stage.adapter.script = [0.02, fault()]
    _, mixed = await asyncio.gather(stage.look_up("1"), stage.look_up("1", "2"))
    assert application_in(mixed.results["1"])
    assert isinstance(mixed.results["2"], DepartmentError)


async def test_an_operation_that_runs_out_of_time_leaves_the_others_waiting() -> None:
    stage = Stage()
    stage.adapter.script = [0.1]
    patient = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    with pytest.raises(DepartmentTimeoutError):
        await stage.look_up("1", seconds=0.01)
    assert application_in((await patient).results["1"])
    assert len(stage.adapter.calls) == 1


@pytest.mark.parametrize("seconds", [0.3, 0.5])
async def test_time_that_ends_in_the_hubs_own_queue_is_an_error_of_the_hub(seconds: float) -> None:
    stage = Stage(concurrency=1)
    stage.adapter.script = [HANG]
    running = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    first = asyncio.ensure_future(stage.outcome("2", seconds=seconds))
    assert await stage.outcome("2", seconds=seconds) == "DEADLINE_EXCEEDED"
    assert await first == "DEADLINE_EXCEEDED"
    assert [keys for _, keys, _ in stage.adapter.calls] == [("1",)]
    running.cancel()


async def test_time_that_ends_after_the_call_was_sent_is_the_departments_timeout() -> None:
    stage = Stage(concurrency=1)
    stage.adapter.script = [HANG]
    assert await stage.outcome("1", seconds=0.4) == "DEPARTMENT_TIMEOUT"


async def test_the_operation_that_started_a_look_up_may_leave() -> None:
    stage = Stage()
    stage.adapter.script = [0.1]
    first = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    second = asyncio.ensure_future(stage.look_up("1"))
    await asyncio.sleep(0)
    first.cancel()
    assert application_in((await second).results["1"])
    assert stage.adapter.cancelled == 0


async def test_a_look_up_without_waiting_operations_is_cancelled() -> None:
    stage = Stage()
    stage.adapter.script = [HANG]
    calls = [asyncio.ensure_future(stage.look_up("1")) for _ in range(3)]
    await until(lambda: stage.adapter.under_way == 1)
    for call in calls:
        call.cancel()
    await asyncio.gather(*calls, return_exceptions=True)
    await until(stage.is_idle)
    assert stage.adapter.cancelled == 1


async def test_no_operation_joins_a_look_up_that_is_being_cancelled() -> None:
    stage = Stage()
    stage.adapter.script = [HANG, None]
    first = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    with pytest.raises(DepartmentTimeoutError):
        await stage.look_up("1", seconds=0.01)
    first.cancel()
    second = asyncio.ensure_future(stage.look_up("1"))
    third = asyncio.ensure_future(stage.look_up("1", "2"))
    with pytest.raises(asyncio.CancelledError):
        await first
    assert application_in((await second).results["1"])
    assert application_in((await third).results["1"])


async def test_a_new_look_up_can_be_joined_while_the_old_one_is_cancelled() -> None:
    stage = Stage()
    stage.adapter.script = [HANG, 0.02]
    first = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.under_way == 1)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.ensure_future(stage.look_up("1"))
    await until(lambda: stage.adapter.cancelled == 1)
    await asyncio.gather(second, stage.look_up("1"))
    assert len(stage.adapter.calls) == 2


async def test_closing_cancels_running_look_ups() -> None:
    stage = Stage()
    stage.adapter.script = [HANG]
    look_ups = asyncio.ensure_future(stage.outcome("1"))
    await until(lambda: stage.adapter.under_way == 1)
    await stage.link.close()
    assert stage.is_idle()
    assert stage.adapter.closed
    assert await look_ups == "DEPARTMENT_TIMEOUT"
