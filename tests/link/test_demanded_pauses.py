"""Pauses that a department demands with `Retry-After`: the link makes no call before they end."""

import datetime as dt
from typing import Any

import pytest

from adapters.contract import (
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentOverloadedError,
    DepartmentRefusedError,
)
from schema.provenance import SourceState
from tests.link.scripted import Stage
from tests.link.stage_clock import BEGIN


def demanding(
    seconds: float, kind: type[DepartmentError] = DepartmentOverloadedError
) -> DepartmentError:
    error = kind("pensions", "pensions demands fewer calls.")
    error.retry_after = seconds
    error.back_at = BEGIN + dt.timedelta(seconds=seconds)
    return error


def stage_of(*script: Any) -> Stage:
    stage = Stage(breaker={"open_for": "5s", "probes": 1})
    stage.adapter.script = list(script)
    return stage


async def failure_of(stage: Stage, key: str) -> DepartmentError:
    with pytest.raises(DepartmentError) as caught:
        await stage.look_up(key)
    return caught.value


@pytest.mark.parametrize(
    "kind", [DepartmentOverloadedError, DepartmentFaultError, DepartmentMaintenanceError]
)
async def test_no_call_is_made_before_the_pause_ends(kind: type[DepartmentError]) -> None:
    stage = stage_of(demanding(30, kind), None)
    first = await failure_of(stage, "1")
    for seconds in (0, 10, 19.9):
        stage.clock.advance(seconds)
        refusal = await failure_of(stage, "2")
        assert type(refusal) is kind
        assert (refusal.message, refusal.back_at) == (first.message, first.back_at)
    assert len(stage.adapter.calls) == 1
    stage.clock.advance(0.1)
    assert await stage.outcome("3") == "ok"
    assert await stage.outcome("4") == "ok"
    assert len(stage.adapter.calls) == 3


async def test_the_status_shows_when_the_department_is_called_again() -> None:
    stage = stage_of(demanding(30), None)
    await failure_of(stage, "1")
    status = stage.link.status()
    assert status is not None
    assert (status.state, status.back_at) == (
        SourceState.UNAVAILABLE,
        BEGIN + dt.timedelta(seconds=30),
    )


async def test_a_probe_may_demand_another_pause() -> None:
    stage = stage_of(demanding(30), demanding(60), None)
    await failure_of(stage, "1")
    stage.clock.advance(30)
    await failure_of(stage, "2")
    stage.clock.advance(59)
    await failure_of(stage, "3")
    assert len(stage.adapter.calls) == 2
    stage.clock.advance(1)
    assert await stage.outcome("4") == "ok"


async def test_a_short_pause_is_kept_too() -> None:
    stage = stage_of(demanding(1), None)
    await failure_of(stage, "1")
    stage.clock.advance(1)
    assert await stage.outcome("2") == "ok"


async def test_an_operator_can_end_the_pause() -> None:
    stage = stage_of(demanding(900), None)
    await failure_of(stage, "1")
    stage.link.reopen()
    assert await stage.outcome("2") == "ok"


async def test_a_demanded_pause_is_not_filled_with_retries() -> None:
    stage = stage_of(demanding(30, DepartmentFaultError))
    for number in range(20):
        await failure_of(stage, str(number))
    assert len(stage.adapter.calls) == 1


async def test_a_rejected_call_demands_no_pause() -> None:
    stage = stage_of(DepartmentRefusedError("pensions", "invalid"), None)
    await failure_of(stage, "1")
    assert await stage.outcome("2") == "ok"
