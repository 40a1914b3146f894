"""A department that is down for days: everything is accepted, and delivered in order later."""

import asyncio
import datetime as dt
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from adapters.contract import DepartmentError, DepartmentMaintenanceError
from hub.durable.holds import LONGEST
from hub.store.pauses import Pauses
from schema.submission_state import SubmissionState
from tests.support.submissions import (
    LABOUR,
    START,
    DeliveryBench,
    Department,
    delivery_bench,
    new_submission,
    unreachable,
)

WAITING = 5_000
OUTAGE = dt.timedelta(days=3)
MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None


@pytest.fixture
async def bench() -> AsyncIterator[DeliveryBench]:
    with tempfile.TemporaryDirectory(dir=MEMORY) as folder:
        async with delivery_bench(Path(folder)) as made:
            yield made


@pytest.mark.timeout(900)
async def test_three_days_without_the_department(bench: DeliveryBench) -> None:
    department: Department = bench.department
    department.is_down = lambda: bench.now < START + OUTAGE
    receipts: list[str] = []
    tries = 0
    while bench.now < START + OUTAGE:
        if len(receipts) < WAITING:
            accepted = await asyncio.gather(
                *(
                    bench.submissions.accept(new_submission(str(len(receipts) + number)))
                    for number in range(250)
                )
            )
            receipts += [each.receipt for each in accepted]
        await bench.sweep_once()
        tries += await bench.run_enqueued()
        waits = await bench.stored(receipts[-1])
        bench.wait(minutes=7)
    # One try in fifteen minutes, and what had started when the outage began.
    assert tries < OUTAGE / LONGEST + 40
    assert len(await bench.enqueued()) == WAITING
    assert (waits.state, waits.attempts) == (SubmissionState.NOT_SENT, 0)
    assert waits.next_attempt_at is not None
    assert await bench.tasks.list() == []
    bench.now = START + OUTAGE + LONGEST
    back = bench.now
    while await bench.enqueued():
        await bench.sweep_once()
        before = len(department.arrivals)
        await bench.run_enqueued()
        assert len(department.arrivals) - before <= bench.at_once
        bench.wait(seconds=1)
    assert department.arrivals == list(range(1, WAITING + 1))
    assert set(department.copies.values()) == {1}
    assert set(department.copies) == set(receipts)
    assert bench.now - back < dt.timedelta(seconds=WAITING / bench.at_once + 60)


async def test_a_hold_grows_to_a_quarter_of_an_hour_and_not_further(bench: DeliveryBench) -> None:
    department = bench.department
    department.is_down = lambda: True
    await bench.submissions.accept(new_submission())
    pauses = []
    for _ in range(12):
        await bench.sweep_once()
        await bench.run_enqueued()
        hold = bench.holds.all[LABOUR]
        pauses.append((hold.until - bench.now).total_seconds())
        bench.now = hold.until
    assert pauses == [5, 10, 20, 40, 80, 160, 320, 640, 900, 900, 900, 900]
    assert bench.holds.all[LABOUR].failures == 12


async def test_failures_of_one_moment_count_once(bench: DeliveryBench) -> None:
    requests = [new_submission(str(number)) for number in range(8)]
    await asyncio.gather(*map(bench.submissions.accept, requests))
    bench.department.behave = [(False, unreachable(not_done=True)) for _ in range(8)]
    await bench.run_enqueued()
    assert bench.holds.all[LABOUR].failures == 1


@pytest.mark.parametrize(
    ("opens", "pause"),
    [(dt.timedelta(minutes=3), 180), (dt.timedelta(days=2), 900), (dt.timedelta(0), 2)],
)
async def test_a_hold_ends_when_the_department_opens(
    bench: DeliveryBench, opens: dt.timedelta, pause: int
) -> None:
    closed: DepartmentError = DepartmentMaintenanceError(LABOUR, "closed")
    closed.back_at = bench.now + opens
    bench.department.behave = [(False, closed)]
    await bench.submissions.accept(new_submission())
    await bench.run_enqueued()
    assert (bench.holds.all[LABOUR].until - bench.now).total_seconds() == pause


async def test_an_overloaded_department_gets_the_time_that_it_demands(
    bench: DeliveryBench,
) -> None:
    busy = unreachable(not_done=True)
    busy.retry_after = 42
    bench.department.behave = [(False, busy)]
    await bench.submissions.accept(new_submission())
    await bench.run_enqueued()
    assert (bench.holds.all[LABOUR].until - bench.now).total_seconds() == 42
    await bench.settle()
    assert bench.holds.all == {}
    assert bench.department.arrivals == [1]


async def test_a_department_that_is_resumed_is_tried_at_once(bench: DeliveryBench) -> None:
    bench.department.behave = [(False, unreachable(not_done=True))] * 4
    await bench.submissions.accept(new_submission())
    for _ in range(4):
        await bench.sweep_once()
        await bench.run_enqueued()
        bench.now = bench.holds.all[LABOUR].until
    bench.now -= dt.timedelta(seconds=1)
    await bench.sweep_once()
    assert bench.workflows.concurrency[LABOUR] == 0
    await Pauses(bench.store).remove(LABOUR)
    await bench.sweep_once()
    await bench.run_enqueued()
    assert bench.department.arrivals == [1]
