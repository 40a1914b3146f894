"""Tasks of operators, and the deletion of old contents."""

import datetime as dt
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from hub.durable.model import EventKind, TaskKind
from hub.durable.retention import delete_contents
from hub.durable.tasks import TaskFilter, TaskOutcome
from hub.store.queued_acts import ActQueue
from hub.store.submission_tables import submission
from schema.submission_state import SubmissionKind, SubmissionState
from tests.support.submissions import (
    LABOUR,
    MEMBER,
    DeliveryBench,
    delivery_bench,
    new_submission,
    refused,
    unreachable,
)


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[DeliveryBench]:
    async with delivery_bench(tmp_path) as made:
        yield made


async def accept_all(bench: DeliveryBench, count: int) -> list[str]:
    requests = [new_submission(str(number)) for number in range(count)]
    return [(await bench.submissions.accept(each)).receipt for each in requests]


async def test_refused_submissions_are_sent_again_in_bulk(bench: DeliveryBench) -> None:
    receipts = await accept_all(bench, 3)
    bench.department.behave = [(True, refused()) for _ in range(3)]
    await bench.settle()
    bench.department.copies.clear()
    wanted = TaskFilter(department=LABOUR, kind=TaskKind.REFUSED, error="DEPARTMENT_REFUSED")
    assert await bench.tasks.count(wanted) == 3
    nothing = TaskFilter(department="pensions")
    assert await bench.tasks.retry(nothing, "asha", "The manifest was corrected.") == []
    retried = await bench.tasks.retry(wanted, "asha", "The manifest was corrected.")
    assert sorted(retried) == sorted(receipts)
    assert await bench.tasks.list() == []
    await bench.settle()
    assert bench.department.copies == dict.fromkeys(receipts, 1)
    events = await bench.submissions.events(receipts[0])
    (retry,) = [each for each in events if each.event is EventKind.TASK_RETRIED]
    assert (retry.actor, retry.note) == ("asha", "The manifest was corrected.")


async def test_the_access_log_gets_who_did_what_and_why(bench: DeliveryBench) -> None:
    (receipt,) = await accept_all(bench, 1)
    bench.department.behave = [(True, refused())]
    await bench.settle()
    (task,) = await bench.tasks.list()
    await bench.tasks.retry(TaskFilter([task.task_id]), "asha", "Corrected.")
    (act,) = await ActQueue(bench.store).claim(bench.now)
    assert (act.act, act.actor, act.reason) == ("RETRY_TASK", "asha", "Corrected.")
    assert act.target == f"task {task.task_id} labour REFUSED {receipt}"
    shown = await bench.tasks.show(task.task_id)
    assert shown is not None
    assert (shown.outcome, shown.closed_by, shown.note) == (
        TaskOutcome.RETRIED,
        "asha",
        "Corrected.",
    )
    assert await bench.tasks.show("no-such-task") is None


async def test_an_operator_knows_the_departments_number(bench: DeliveryBench) -> None:
    bench.department.has_finder = False
    bench.department.behave = [(True, unreachable(not_done=False))]
    (receipt,) = await accept_all(bench, 1)
    await bench.settle()
    wanted = TaskFilter(receipt=receipt)
    resolved = await bench.tasks.resolve(
        wanted, TaskOutcome.DELIVERED, "asha", "Telephoned.", "REG-77"
    )
    assert resolved == [receipt]
    stored = await bench.stored(receipt)
    assert (stored.state, stored.reference) == (SubmissionState.ACKNOWLEDGED, "REG-77")
    found = await bench.submissions.by_reference(LABOUR, "REG-77")
    assert found is not None and found.receipt == receipt
    await bench.settle()
    assert bench.department.notified == [(receipt, "ACKNOWLEDGED")]
    assert bench.department.copies == {receipt: 1}


async def test_an_operator_gives_up(bench: DeliveryBench) -> None:
    bench.department.has_call = False
    correction = new_submission(kind=SubmissionKind.CORRECTION)
    receipt = (await bench.submissions.accept(correction)).receipt
    await bench.settle()
    await bench.tasks.resolve(TaskFilter(), TaskOutcome.FAILED, "asha", "Made by mistake.")
    await bench.settle()
    stored = await bench.stored(receipt)
    assert (stored.state, stored.has_task) == (SubmissionState.FAILED, False)
    assert bench.department.notified == [(receipt, "FAILED")]


async def test_tasks_are_listed_in_pages(bench: DeliveryBench) -> None:
    receipts = await accept_all(bench, 5)
    bench.department.behave = [(True, refused()) for _ in range(5)]
    await bench.settle()
    pages = [await bench.tasks.list(None, 2, offset) for offset in (0, 2, 4, 6)]
    assert [len(page) for page in pages] == [2, 2, 1, 0]
    assert {task.receipt for page in pages for task in page} == set(receipts)


async def test_contents_of_ended_submissions_are_deleted(bench: DeliveryBench) -> None:
    (old,) = await accept_all(bench, 1)
    await bench.run_enqueued()
    bench.department.is_down = lambda: True
    waiting = (await bench.submissions.accept(new_submission("waits"))).receipt
    bench.wait(days=401)
    young = (await bench.submissions.accept(new_submission("young"))).receipt
    assert await delete_contents(bench.store, bench.now - dt.timedelta(days=400)) == 1
    assert await delete_contents(bench.store, bench.now - dt.timedelta(days=400)) == 0
    stored = await bench.stored(old)
    assert (stored.state, stored.reference) == (SubmissionState.ACKNOWLEDGED, None)
    assert (stored.member, stored.content.values) == ("", {})
    async with bench.store.engine.connect() as connection:
        rows = (await connection.execute(select(submission.c.receipt, submission.c.content))).all()
    assert {row.receipt for row in rows if row.content is not None} == {waiting, young}
    found = await bench.submissions.of_citizens([MEMBER], [SubmissionKind.APPLICATION])
    assert {each.receipt for each in found[MEMBER]} == {waiting, young}
    again = await bench.submissions.accept(new_submission("0"))
    assert again.receipt == old


async def test_the_sweep_deletes_what_is_old(bench: DeliveryBench) -> None:
    (receipt,) = await accept_all(bench, 1)
    await bench.run_enqueued()
    bench.wait(days=401)
    await bench.sweep_once()
    assert (await bench.stored(receipt)).member == ""


async def test_records_of_ended_workflows_are_deleted(bench: DeliveryBench) -> None:
    await accept_all(bench, 2)
    await bench.end_all("SUCCESS")
    kept = (await bench.submissions.accept(new_submission("new"))).receipt
    await bench.queue.delete_ended(dt.datetime.now(dt.UTC) + dt.timedelta(days=1))
    rows = bench.queue.workflow_rows()
    async with bench.store.engine.connect() as connection:
        left = list((await connection.execute(select(rows.c.workflow_uuid))).scalars())
    assert left == [f"{kept}.1"]


async def test_metrics_show_what_waits(bench: DeliveryBench) -> None:
    bench.department.behave = [(True, refused()), (True, unreachable(not_done=False))]
    await accept_all(bench, 4)
    bench.workflows.concurrency[LABOUR] = 2
    await bench.run_enqueued()
    bench.wait(seconds=1)
    await bench.sweep_once()

    def shown(name: str, **labels: str) -> float | None:
        return bench.registry.get_sample_value(name, {"department": LABOUR, **labels})

    assert shown("hub_submissions_accepted_total") == 4
    assert shown("hub_submission_attempts_total", outcome="hopeless") == 1
    assert shown("hub_submission_attempts_total", outcome="unclear") == 1
    assert shown("hub_submissions_unfinished", state="not_sent") == 2
    assert shown("hub_submissions_unfinished", state="maybe_sent") == 1
    assert shown("hub_submissions_oldest_seconds") == 1
    assert shown("hub_submission_tasks", kind="REFUSED") == 1
    assert shown("hub_submissions_held") == 1
