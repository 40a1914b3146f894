"""The durable work as a hub process runs it, with DBOS and its threads."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import text

from adapters.writes import WriteReply
from hub.durable import sweep
from hub.durable.delivery import Delivery
from hub.durable.model import Submission, TaskKind
from hub.durable.work import DurableWork, WorkOptions
from hub.store import Store, open_store
from schema.submission_state import SubmissionState
from tests.support.submissions import (
    CIPHER,
    LABOUR,
    MEMBER,
    SIGNER,
    Department,
    new_submission,
    unreachable,
)

CALLS = 8
FAST = WorkOptions(poll_seconds=0.1)


@dataclass(slots=True)
class SlowDepartment(Department):
    """A department that replies when the test allows it.

    Attributes:
        most: calls that were open at once.
    """

    may_reply: asyncio.Event = field(default_factory=asyncio.Event)
    is_full: asyncio.Event = field(default_factory=asyncio.Event)
    open_calls: int = 0
    most: int = 0

    async def send(self, submission: Submission, on_sent: Callable[[], None]) -> WriteReply:
        self.open_calls += 1
        self.most = max(self.most, self.open_calls)
        if self.open_calls == CALLS:
            self.is_full.set()
        await self.may_reply.wait()
        # `super()` does not work in a class with slots that a decorator makes.
        reply = await Department.send(self, submission, on_sent)
        self.open_calls -= 1
        return reply


@asynccontextmanager
async def working(
    folder: Path, department: Department, options: WorkOptions = FAST
) -> AsyncIterator[tuple[DurableWork, Store]]:
    store = await open_store(f"sqlite+aiosqlite:///{folder}/hub.db")
    work = DurableWork(store, CIPHER, SIGNER, {LABOUR: CALLS}, options)
    await work.open()
    await work.start(department)
    try:
        yield work, store
    finally:
        await work.close()
        await store.close()


async def test_the_number_is_known_soon_and_all_threads_end(tmp_path: Path) -> None:
    before = set(threading.enumerate())
    async with working(tmp_path, Department()) as (work, _store):
        accepted = await work.submissions.accept(new_submission())
        answered = await work.submissions.wait(accepted.receipt, 10)
        assert answered is not None and answered.reference == "REG-1"
    end = time.monotonic() + 5
    while left := {
        thread.name
        for thread in set(threading.enumerate()) - before
        if not thread.name.startswith("asyncio_")
    }:
        assert time.monotonic() < end, left
        await asyncio.sleep(0.05)


async def test_those_that_can_not_call_yet_have_not_begun(tmp_path: Path) -> None:
    department = SlowDepartment()
    async with working(tmp_path, department) as (work, _store):
        accepted = [
            await work.submissions.accept(new_submission(str(number)))
            for number in range(2 * CALLS)
        ]
        await asyncio.wait_for(department.is_full.wait(), 10)
        # The others were taken from the queue too, but an attempt with a deadline has not begun.
        await asyncio.sleep(0.5)
        stored = [await work.submissions.by_receipt(each.receipt) for each in accepted]
        assert sum(each is not None and each.is_sending for each in stored) == CALLS
        department.may_reply.set()
        for each in accepted:
            settled = await work.submissions.wait(each.receipt, 20)
            assert settled is not None and settled.state is SubmissionState.ACKNOWLEDGED
    assert department.most == CALLS


async def test_the_end_is_quick_and_leaves_the_rest_to_the_next_start(tmp_path: Path) -> None:
    department = Department(is_down=lambda: True)
    async with working(tmp_path, department) as (work, _store):
        receipts = [
            (await work.submissions.accept(new_submission(str(number)))).receipt
            for number in range(20)
        ]
        await asyncio.sleep(0.5)
        began = time.monotonic()
    assert time.monotonic() - began < 5
    department.is_down = lambda: False
    async with working(tmp_path, department) as (work, _store):
        for receipt in receipts:
            end = time.monotonic() + 30
            while (stored := await work.submissions.by_receipt(receipt)) is None or (
                stored.state is not SubmissionState.ACKNOWLEDGED
            ):
                assert time.monotonic() < end
                await asyncio.sleep(0.1)
    assert department.copies == dict.fromkeys(receipts, 1)


async def test_a_process_that_only_accepts_sends_nothing(tmp_path: Path) -> None:
    department = Department()
    options = WorkOptions(delivers=False)
    async with working(tmp_path, department, options) as (work, _store):
        accepted = await work.submissions.accept(new_submission())
        waited = await work.submissions.wait(accepted.receipt, 1.2)
        assert waited is not None and waited.state is SubmissionState.NOT_SENT
    assert department.copies == {}


async def test_a_delivery_that_breaks_shows_no_data_of_the_submission(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def broken(_self: Delivery, _receipt: str, _delivery: int) -> None:
        raise ValueError(MEMBER)

    monkeypatch.setattr(Delivery, "run", broken)
    monkeypatch.setattr(sweep, "LOST_SECONDS", 0.1)
    caplog.set_level(logging.INFO)
    async with working(tmp_path, Department()) as (work, store):
        await work.submissions.accept(new_submission())
        end = time.monotonic() + 30
        while not (tasks := await work.tasks.list()):
            assert time.monotonic() < end
            await asyncio.sleep(0.1)
        assert [task.kind for task in tasks] == [TaskKind.EXHAUSTED]
        async with store.engine.connect() as connection:
            rows = [
                (await connection.execute(text(f"SELECT * FROM {table}"))).all()
                for table in ("workflow_status", "workflow_input", "workflow_output")
            ]
    assert rows[0] and MEMBER not in repr(rows)
    assert "ValueError" in caplog.text
    assert MEMBER not in caplog.text


async def test_a_held_department_stays_held_after_a_restart(tmp_path: Path) -> None:
    department = Department(behave=[(False, unreachable(not_done=True))])
    async with working(tmp_path, department) as (work, _store):
        accepted = await work.submissions.accept(new_submission())
        await work.submissions.wait(accepted.receipt, 10)
    department.behave = [(False, AssertionError("nothing may be sent"))]
    async with working(tmp_path, department) as (work, _store):
        await asyncio.sleep(1)
        assert len(department.behave) == 1
        department.behave.clear()
