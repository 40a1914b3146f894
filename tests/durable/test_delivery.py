"""The state machine of a delivery: each end of an attempt, and what follows from it."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import update

from adapters.contract import DepartmentError, DepartmentFaultError, DepartmentMaintenanceError
from adapters.writes import WriteReply
from hub.durable.model import EarlierSubmissionError, EventKind, Submission, TaskKind
from hub.durable.tasks import TaskFilter, TaskOutcome
from hub.store.submission_tables import submission
from hub.store.transactions import writing
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionKind, SubmissionState
from tests.support.submissions import (
    LABOUR,
    Crash,
    DeliveryBench,
    Department,
    delivery_bench,
    new_submission,
    refused,
    unreachable,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[DeliveryBench]:
    async with delivery_bench(tmp_path) as made:
        yield made


async def accepted(bench: DeliveryBench, key: str = "key") -> str:
    return (await bench.submissions.accept(new_submission(key))).receipt


async def the_task(bench: DeliveryBench) -> tuple[TaskKind, str | None]:
    (task,) = await bench.tasks.list()
    return task.kind, task.error


async def test_a_department_answers_at_once(bench: DeliveryBench) -> None:
    receipt = await accepted(bench)
    await bench.run_enqueued()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.reference) == (SubmissionState.ACKNOWLEDGED, "REG-1")
    assert (stored.attempts, stored.is_sending, stored.next_attempt_at) == (1, False, None)
    assert await bench.events(receipt) == [
        EventKind.ACCEPTED,
        EventKind.SENDING,
        EventKind.ACKNOWLEDGED,
        EventKind.NOTIFIED,
    ]
    found = await bench.submissions.by_reference(LABOUR, "REG-1")
    assert found is not None and found.receipt == receipt
    assert bench.department.notified == [(receipt, "ACKNOWLEDGED")]


async def test_a_number_that_comes_later_is_asked_for(bench: DeliveryBench) -> None:
    bench.department.is_final = False
    receipt = await accepted(bench)
    await bench.run_enqueued()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.token) == (SubmissionState.SENT, "T-1")
    bench.wait(seconds=6)
    await bench.sweep_once()
    assert (await bench.stored(receipt)).state is SubmissionState.SENT
    bench.department.is_final = True
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.reference) == (SubmissionState.ACKNOWLEDGED, "REG-1")
    assert bench.department.copies == {receipt: 1}
    assert bench.department.notified == [(receipt, "SENT"), (receipt, "ACKNOWLEDGED")]


async def test_a_number_that_does_not_come_for_a_week_is_a_task(bench: DeliveryBench) -> None:
    bench.department.is_final = False
    receipt = await accepted(bench)
    await bench.run_enqueued()
    for _ in range(2 * 24 * 8):
        bench.wait(minutes=30)
        await bench.sweep.sweep()
    assert await the_task(bench) == (TaskKind.NOT_FOUND_YET, None)
    bench.department.is_final = True
    await bench.settle(seconds=3600)
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    assert await bench.tasks.list() == []


async def test_a_lost_reply_is_found_and_not_sent_again(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, unreachable(not_done=False))]
    receipt = await accepted(bench)
    await bench.run_enqueued()
    stored = await bench.stored(receipt)
    assert stored.state is SubmissionState.MAYBE_SENT
    assert stored.error == "DEPARTMENT_UNREACHABLE"
    await bench.settle()
    assert (await bench.stored(receipt)).reference == "REG-1"
    assert bench.department.copies == {receipt: 1}


async def test_it_is_sent_again_when_the_department_has_twice_said_no(
    bench: DeliveryBench,
) -> None:
    bench.department.behave = [(True, DepartmentFaultError(LABOUR, "fault"))]
    receipt = await accepted(bench)
    await bench.run_enqueued()
    # The department lost it.
    bench.department.copies.clear()
    bench.wait(seconds=6)
    await bench.sweep_once()
    bench.wait(seconds=50)
    await bench.sweep_once()
    assert (await bench.stored(receipt)).state is SubmissionState.MAYBE_SENT, "not settled"
    await bench.settle()
    stored = await bench.stored(receipt)
    assert stored.state is SubmissionState.ACKNOWLEDGED
    assert bench.now - stored.accepted_at > dt.timedelta(seconds=60)
    assert bench.department.copies == {receipt: 1}
    assert EventKind.NOT_FOUND in await bench.events(receipt)


async def test_an_unclear_end_is_a_task_if_the_department_can_not_be_asked(
    bench: DeliveryBench,
) -> None:
    bench.department.has_finder = False
    bench.department.behave = [(True, unreachable(not_done=False))]
    receipt = await accepted(bench)
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.has_task) == (SubmissionState.MAYBE_SENT, True)
    assert await the_task(bench) == (TaskKind.CANNOT_BE_ASKED, "DEPARTMENT_UNREACHABLE")
    assert bench.department.copies == {receipt: 1}


async def test_a_copy_that_the_department_ignores_may_be_sent(bench: DeliveryBench) -> None:
    bench.department.has_finder, bench.department.repeatable = False, True
    bench.department.behave = [(True, unreachable(not_done=False))] * 3
    receipt = await accepted(bench)
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.attempts) == (SubmissionState.ACKNOWLEDGED, 4)


async def test_a_department_that_does_not_answer_inquiries_for_a_day_is_a_task(
    bench: DeliveryBench,
) -> None:
    bench.department.behave = [(True, unreachable(not_done=False))]
    bench.department.finds = [unreachable(not_done=True)] * 40
    receipt = await accepted(bench)
    await bench.run_enqueued()
    for _ in range(26):
        bench.wait(hours=1)
        await bench.sweep_once()
    assert await the_task(bench) == (TaskKind.NOT_FOUND_YET, "DEPARTMENT_UNREACHABLE")
    bench.department.finds.clear()
    await bench.settle(seconds=3600)
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    assert await bench.tasks.list() == []


async def test_one_that_can_not_be_read_does_not_prevent_inquiries_about_others(
    bench: DeliveryBench,
) -> None:
    bench.department.behave = [(True, DepartmentFaultError(LABOUR, "fault")) for _ in range(2)]
    broken, other = await accepted(bench, "1"), await accepted(bench, "2")
    await bench.run_enqueued()
    of_another_key = update(submission).where(submission.c.receipt == broken)
    async with writing(bench.store) as connection:
        await connection.execute(of_another_key.values(content=b"?"))
    bench.wait(seconds=6)
    await bench.sweep_once()
    assert (await bench.stored(other)).state is SubmissionState.ACKNOWLEDGED


async def test_a_task_is_closed_when_the_department_says_no_and_it_is_sent_again(
    bench: DeliveryBench,
) -> None:
    bench.department.behave = [(True, unreachable(not_done=False))]
    bench.department.finds = [unreachable(not_done=True)] * 100
    receipt = await accepted(bench)
    await bench.run_enqueued()
    for _ in range(26):
        bench.wait(hours=1)
        await bench.sweep_once()
    bench.department.copies.clear()
    bench.department.finds.clear()
    await bench.settle(seconds=3600)
    assert bench.department.copies == {receipt: 1}
    (task,) = await bench.tasks.list(TaskFilter(is_open=False))
    assert (task.kind, task.outcome) == (TaskKind.NOT_FOUND_YET, TaskOutcome.RETRIED)


async def test_a_refusal_is_a_task_and_blocks_nobody(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, refused())]
    first, second = await accepted(bench, "1"), await accepted(bench, "2")
    bench.department.behave = [(True, refused())]
    await bench.settle()
    stored = await bench.stored(first)
    assert (stored.state, stored.error) == (SubmissionState.FAILED, "DEPARTMENT_REFUSED")
    assert await the_task(bench) == (TaskKind.REFUSED, "DEPARTMENT_REFUSED")
    assert (await bench.stored(second)).state is SubmissionState.ACKNOWLEDGED
    assert (first, "FAILED") in bench.department.notified


async def test_an_item_that_always_fails_does_not_block_the_others(bench: DeliveryBench) -> None:
    poison = DepartmentFaultError(LABOUR, "E503")
    poison.not_done = True
    first = await accepted(bench, "1")
    bench.department.behave = [(True, poison)]
    await bench.run_enqueued()
    second = await accepted(bench, "2")
    await bench.run_enqueued()
    assert (await bench.stored(second)).state is SubmissionState.ACKNOWLEDGED
    stored = await bench.stored(first)
    assert stored.state is SubmissionState.NOT_SENT and stored.next_attempt_at is not None
    bench.department.behave = [(True, poison)] * 20
    await bench.settle()
    assert (await bench.stored(first)).state is SubmissionState.FAILED
    assert await the_task(bench) == (TaskKind.EXHAUSTED, "DEPARTMENT_FAULT")


async def test_a_bug_before_the_call_is_a_task(bench: DeliveryBench) -> None:
    bench.department.behave = [(False, ZeroDivisionError())]
    receipt = await accepted(bench)
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.FAILED
    assert await the_task(bench) == (TaskKind.EXHAUSTED, "INTERNAL")
    assert bench.department.copies == {}


async def test_a_bug_after_the_call_is_an_unclear_end(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, ZeroDivisionError())]
    receipt = await accepted(bench)
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    assert bench.department.copies == {receipt: 1}


async def test_a_submission_that_can_not_be_sent_is_a_task(bench: DeliveryBench) -> None:
    missing = HubError(ErrorCode.NOT_FOUND, "A document is missing.")
    bench.department.behave = [(False, missing)]
    receipt = await accepted(bench)
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.attempts) == (SubmissionState.FAILED, 0)
    assert await the_task(bench) == (TaskKind.REFUSED, "NOT_FOUND")


async def test_an_act_waits_for_the_submission_that_it_concerns(bench: DeliveryBench) -> None:
    receipt = await accepted(bench)
    bench.department.behave = [(False, EarlierSubmissionError("CH1"))] * 12
    await bench.run_enqueued()
    assert not bench.holds.all
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.attempts) == (SubmissionState.ACKNOWLEDGED, 1)


async def test_a_department_without_the_call_is_a_task(bench: DeliveryBench) -> None:
    bench.department.has_call = False
    receipt = await accepted(bench)
    correction = new_submission("2", kind=SubmissionKind.CORRECTION)
    by_hand = (await bench.submissions.accept(correction)).receipt
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.FAILED
    stored = await bench.stored(by_hand)
    assert (stored.state, stored.has_task) == (SubmissionState.NOT_SENT, True)
    tasks = await bench.tasks.list()
    assert [task.kind for task in tasks] == [TaskKind.NO_CAPABILITY] * 2
    # A submission that an operator forwards is not a lost one.
    bench.wait(minutes=5)
    await bench.sweep_once()
    assert await bench.enqueued() == []


async def test_a_crash_during_the_call_is_an_unclear_end(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, Crash())]
    receipt = await accepted(bench)
    await bench.run_enqueued()
    assert (await bench.stored(receipt)).is_sending
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    assert bench.department.copies == {receipt: 1}


async def test_the_reply_to_an_attempt_that_a_peer_took_over_closes_the_task(
    bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.department.has_finder = False
    receipt = await accepted(bench)
    send = Department.send

    async def reply_late(*arguments: Any) -> WriteReply:
        await bench.delivery.run(receipt, 1)
        assert (await the_task(bench))[0] is TaskKind.CANNOT_BE_ASKED
        return await send(*arguments)

    monkeypatch.setattr(Department, "send", reply_late)
    await bench.run_enqueued()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.has_task) == (SubmissionState.ACKNOWLEDGED, False)
    assert bench.department.copies == {receipt: 1}


async def test_a_takeover_does_not_wait_for_calls_of_others(
    bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipts = [await accepted(bench, str(number)) for number in range(bench.calls + 1)]
    are_all_used, may_reply, sends = asyncio.Event(), asyncio.Event(), []
    send = Department.send

    async def reply_later(department: Department, sent: Submission, *more: Any) -> WriteReply:
        sends.append(sent.receipt)
        if len(sends) == bench.calls:
            are_all_used.set()
        await may_reply.wait()
        return await send(department, sent, *more)

    monkeypatch.setattr(Department, "send", reply_later)
    begun, interrupted = receipts[:-1], receipts[-1]
    running = [asyncio.create_task(bench.delivery.run(each, 1)) for each in begun]
    await are_all_used.wait()
    async with writing(bench.store) as connection:
        same = submission.c.receipt == interrupted
        await connection.execute(update(submission).where(same).values(open_attempt=1))
    await bench.delivery.run(interrupted, 1)
    assert (await bench.stored(interrupted)).state is SubmissionState.MAYBE_SENT
    may_reply.set()
    await asyncio.gather(*running)
    assert sorted(bench.department.copies) == sorted(begun)


async def test_a_message_that_a_crash_prevented_is_sent(
    bench: DeliveryBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    receipt = await accepted(bench)

    async def crash(_self: object, _submission: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr("tests.support.submissions.Department.notify", crash)
        await bench.run_enqueued()
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    await bench.run_enqueued()
    await bench.run_enqueued()
    assert bench.department.notified == [(receipt, "ACKNOWLEDGED")]
    assert bench.department.copies == {receipt: 1}


async def test_an_attempt_of_a_process_that_slept_is_not_sent(bench: DeliveryBench) -> None:
    receipt = await accepted(bench)
    bench.department.before_send = lambda: bench.wait(minutes=2)
    await bench.run_enqueued()
    bench.department.before_send = lambda: None
    assert bench.department.copies == {}
    assert (await bench.stored(receipt)).state is SubmissionState.NOT_SENT
    await bench.settle()
    assert bench.department.copies == {receipt: 1}


async def test_an_older_delivery_has_no_effect(bench: DeliveryBench) -> None:
    bench.department.behave = [(False, unreachable(not_done=True))]
    receipt = await accepted(bench)
    await bench.run_enqueued()
    assert await bench.enqueued() == [(receipt, 2)]
    await bench.delivery.run(receipt, 1)
    await bench.delivery.run("CH0000000000000", 1)
    assert bench.department.copies == {}


async def test_a_submission_without_a_delivery_gets_one(bench: DeliveryBench) -> None:
    receipt = await accepted(bench)
    await bench.end_all("SUCCESS")
    bench.wait(minutes=1)
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED


@pytest.mark.parametrize("status", ["ERROR", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"])
async def test_a_delivery_that_broke_is_a_task(bench: DeliveryBench, status: str) -> None:
    receipt = await accepted(bench)
    await bench.end_all(status)
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.FAILED
    assert await the_task(bench) == (TaskKind.EXHAUSTED, "INTERNAL")
    assert bench.department.notified == [(receipt, "FAILED")]


async def test_a_delivery_that_broke_during_the_call_is_asked_for(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, Crash())]
    receipt = await accepted(bench)
    await bench.run_enqueued()
    await bench.end_all("MAX_RECOVERY_ATTEMPTS_EXCEEDED")
    await bench.settle()
    assert (await bench.stored(receipt)).state is SubmissionState.ACKNOWLEDGED
    assert bench.department.copies == {receipt: 1}
    (task,) = await bench.tasks.list(TaskFilter(is_open=False))
    assert task.outcome is TaskOutcome.DELIVERED


@pytest.mark.parametrize(
    "error", [DepartmentMaintenanceError(LABOUR, "closed"), unreachable(not_done=True)]
)
async def test_nothing_is_sent_while_the_department_is_held(
    bench: DeliveryBench, error: DepartmentError
) -> None:
    bench.department.behave = [(False, error)]
    first, second = await accepted(bench, "1"), await accepted(bench, "2")
    bench.workflows.concurrency[LABOUR] = 1
    await bench.run_enqueued()
    waits = await bench.stored(second)
    assert waits.next_attempt_at == bench.now + dt.timedelta(seconds=5)
    await bench.sweep_once()
    assert bench.workflows.concurrency[LABOUR] == 0
    third = await bench.submissions.wait(await accepted(bench, "3"), 30)
    assert third is not None and third.state is SubmissionState.NOT_SENT
    # When the time of the hold is over, the next answer can come at once.
    bench.wait(seconds=6)
    assert (await bench.stored(third.receipt)).next_attempt_at is None
    waiting = asyncio.create_task(bench.submissions.wait(third.receipt, 30))
    await asyncio.sleep(0.05)
    assert not waiting.done()
    waiting.cancel()
    await bench.settle()
    assert bench.department.arrivals == [1, 2, 3]
    assert bench.workflows.concurrency[LABOUR] == bench.at_once
    assert set(bench.department.copies) == {first, second, third.receipt}
