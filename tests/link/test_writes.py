"""Writes through a link: sent once, never repeated, and visible in the next look-up."""

import asyncio
import datetime as dt
from typing import Any

import pytest

from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
)
from adapters.writes import WriteCapability
from hub.link.maintenance import Closure
from schema.provenance import SourceState
from tests.connectors.writing_department import SUBMIT, application
from tests.link.scripted import APPLICATIONS, HANG, Stage, fault
from tests.support.calls import call_context


class Sent:
    """Counts the calls of `on_sent`."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self) -> None:
        self.times += 1


async def write(stage: Stage, sent: Sent | None = None, seconds: float = 10) -> Any:
    context = call_context(seconds, on_sent=sent)
    return await stage.link.write(SUBMIT, application(citizen="1"), context)


async def failure(stage: Stage, sent: Sent | None = None, seconds: float = 10) -> DepartmentError:
    with pytest.raises(DepartmentError) as caught:
        await write(stage, sent, seconds)
    return caught.value


def writes(stage: Stage) -> int:
    return sum(isinstance(capability, WriteCapability) for capability, _, _ in stage.adapter.calls)


async def test_a_write_is_sent_once_and_reports_that_it_leaves() -> None:
    stage, sent = Stage(), Sent()
    reply = await write(stage, sent)
    assert reply.reference == "SJE-1"
    assert (writes(stage), sent.times) == (1, 1)
    assert stage.measured("hub_department_calls_total", outcome="ok") == 1
    status = stage.link.status()
    assert status is not None
    assert status.state is SourceState.LIVE


async def test_a_failed_write_is_neither_repeated_nor_hedged() -> None:
    retries = {"attempts": 3, "budget": "100%"}
    stage, sent = Stage(retries=retries, hedge="50ms", concurrency=4), Sent()
    stage.adapter.script = [fault(), None]
    error = await failure(stage, sent)
    assert not error.not_done
    stage.adapter.script = [0.2]
    await write(stage, sent)
    assert (writes(stage), sent.times) == (2, 2)


async def test_a_write_that_the_department_does_not_answer_may_have_had_an_effect() -> None:
    stage, sent = Stage(deadline="200ms"), Sent()
    stage.adapter.script = [HANG]
    error = await failure(stage, sent)
    assert isinstance(error, DepartmentTimeoutError)
    assert (error.not_done, sent.times) == (False, 1)


async def test_what_the_hub_does_not_send_has_no_effect() -> None:
    stage, sent = Stage(breaker={"calls": 2}), Sent()
    stage.adapter.script = [fault()]
    await failure(stage)
    await failure(stage)
    opened = await failure(stage, sent)
    assert (opened.code, opened.not_done) == ("CIRCUIT_OPEN", True)
    late = await failure(stage, sent, seconds=-1)
    assert (late.code, late.not_done) == ("DEADLINE_EXCEEDED", True)
    paused = Stage()
    paused.link.maintenance.pause(Closure(None, "stock-taking"))
    closed = await failure(paused, sent)
    assert (closed.code, closed.not_done) == ("DEPARTMENT_MAINTENANCE", True)
    assert sent.times == 0
    assert (writes(stage), writes(paused)) == (2, 0)


async def test_a_busy_link_sends_nothing() -> None:
    stage, sent = Stage(concurrency=1, queue=1, deadline="400ms"), Sent()
    stage.adapter.script = [HANG]
    running = [asyncio.ensure_future(failure(stage)) for _ in range(2)]
    await asyncio.sleep(0.05)
    error = await failure(stage, sent)
    assert (error.code, error.not_done, sent.times) == ("DEPARTMENT_BUSY", True, 0)
    await asyncio.gather(*running)


CACHE = {"fresh": "10m", "stale": "1d"}


async def first_states(stage: Stage) -> tuple[SourceState, SourceState]:
    """Look up two citizens; return the state of their rows."""
    reply = await stage.look_up("1", "2")
    states: list[SourceState] = []
    for key in ("1", "2"):
        rows = reply.results[key]
        assert not isinstance(rows, DepartmentError)
        states.append(rows.state)
    return states[0], states[1]


@pytest.mark.parametrize(
    ("error", "forgets"),
    [
        (None, True),
        (fault(), True),
        (DepartmentRefusedError("pensions", "No."), False),
    ],
)
async def test_the_next_look_up_shows_the_write(
    error: DepartmentError | None, forgets: bool
) -> None:
    stage = Stage(cache=CACHE)
    cached, live = SourceState.CACHED, SourceState.LIVE
    assert await first_states(stage) == (live, live)
    assert await first_states(stage) == (cached, cached)
    stage.adapter.script = [error, None]
    if error is None:
        await write(stage)
    else:
        await failure(stage)
    # Only the copies of the citizen of the write are deleted.
    assert await first_states(stage) == (live if forgets else cached, cached)


async def test_whether_a_submission_has_arrived_is_never_read_from_a_copy() -> None:
    stage = Stage(cache=CACHE)
    for _ in range(2):
        for capability in (Capability.FIND_SUBMISSION, Capability.FIND_GRIEVANCE):
            await stage.link.look_up(capability, ["CH1"], call_context(10))
    assert len(stage.adapter.calls) == 4
    await stage.link.look_up(APPLICATIONS, ["CH1"], call_context(10))
    stage.clock.advance(dt.timedelta(seconds=1).total_seconds())
    await stage.link.look_up(APPLICATIONS, ["CH1"], call_context(10))
    assert len(stage.adapter.calls) == 5


async def test_a_connection_that_could_not_be_opened_counts_against_the_department() -> None:
    stage = Stage(breaker={"calls": 2})
    unreachable = DepartmentUnreachableError("pensions", "No route.")
    unreachable.not_done = True
    stage.adapter.script = [unreachable]
    assert (await failure(stage)).not_done
    assert (await failure(stage)).not_done
    assert stage.link.breaker == "open"


async def test_a_write_that_times_out_just_after_it_left_may_have_had_an_effect() -> None:
    stage, sent = Stage(deadline="10s"), Sent()
    stage.adapter.script = [HANG]
    error = await failure(stage, sent, seconds=0.05)
    assert (error.code, error.not_done, sent.times) == ("DEADLINE_EXCEEDED", False, 1)


async def test_a_write_that_is_stopped_before_it_leaves_keeps_no_probe() -> None:
    class TooLateError(Exception):
        pass

    def stop() -> None:
        raise TooLateError

    stage = Stage(breaker={"calls": 1, "probes": 1, "open_for": "5s"})
    stage.adapter.script = [fault(), None]
    await failure(stage)
    stage.clock.advance(6)
    with pytest.raises(TooLateError):
        await stage.link.write(SUBMIT, application(), call_context(10, on_sent=stop))
    assert (await write(stage)).reference == "SJE-1"
