"""The bulkhead: limited slots, a limited and fair queue, and no slot lost."""

import asyncio
import math

import pytest

from hub.link.bulkhead import Bulkhead
from hub.link.errors import DeadlineExceededError, DepartmentBusyError
from schema.errors import ErrorSource


def now() -> float:
    return asyncio.get_running_loop().time()


async def enter(bulkhead: Bulkhead, deadline: float, patience: float = math.inf) -> None:
    if not bulkhead.enter_if_free():
        await bulkhead.wait(deadline, patience)


async def entered(bulkhead: Bulkhead, deadline: float) -> "asyncio.Task[None]":
    """Start to enter, and return when the task waits or is done."""
    task = asyncio.ensure_future(enter(bulkhead, deadline))
    await asyncio.sleep(0)
    return task


async def test_a_call_beyond_the_queue_is_refused_at_once() -> None:
    bulkhead = Bulkhead("pensions", 2, 1)
    later = now() + 60
    await enter(bulkhead, later)
    await enter(bulkhead, later)
    waiting = await entered(bulkhead, later)
    with pytest.raises(DepartmentBusyError, match="queue of calls is full"):
        await enter(bulkhead, later)
    assert not waiting.done()
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 1)
    bulkhead.leave()
    await waiting
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 0)


async def test_first_come_first_served() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await enter(bulkhead, later)
    order: list[int] = []

    async def call(number: int) -> None:
        await enter(bulkhead, later)
        order.append(number)
        bulkhead.leave()

    calls = [asyncio.ensure_future(call(number)) for number in range(5)]
    await asyncio.sleep(0)
    bulkhead.leave()
    await asyncio.gather(*calls)
    assert order == [0, 1, 2, 3, 4]
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_a_cancelled_waiter_passes_its_new_slot_on() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await enter(bulkhead, later)
    first = await entered(bulkhead, later)
    second = await entered(bulkhead, later)
    bulkhead.leave()
    first.cancel()
    await second
    assert first.cancelled()
    assert (bulkhead.in_flight, bulkhead.waiting) == (1, 0)


async def test_a_slot_freed_while_a_waiter_is_cancelled_is_not_lost() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await enter(bulkhead, later)
    first = await entered(bulkhead, later)
    first.cancel()
    bulkhead.leave()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_a_whole_queue_may_time_out_at_the_moment_its_slots_become_free() -> None:
    # A department hangs: running and waiting calls have the same deadline.
    bulkhead = Bulkhead("pensions", 4, 16)
    deadline = now() + 0.05

    async def hanging_call() -> None:
        await enter(bulkhead, deadline)
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.Event().wait()
        finally:
            bulkhead.leave()

    outcomes = await asyncio.gather(*(hanging_call() for _ in range(20)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TimeoutError, DeadlineExceededError}
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_a_call_without_a_slot_before_its_deadline_has_an_error_of_the_hub() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    await enter(bulkhead, now() + 60)
    with pytest.raises(DeadlineExceededError) as exceeded:
        await enter(bulkhead, now() + 0.02)
    with pytest.raises(DepartmentBusyError, match="no slot became free in time") as busy:
        await enter(bulkhead, now() + 60, now() + 0.02)
    assert {exceeded.value.source, busy.value.source} == {ErrorSource.HUB}
    assert (bulkhead.in_flight, bulkhead.waiting) == (1, 0)


async def test_an_adaptive_bulkhead_follows_the_department() -> None:
    bulkhead = Bulkhead("pensions", 8, 9, adaptive=True)
    for _ in range(40):
        bulkhead.learn(began=now(), well=False)
    assert bulkhead.slots == 1
    for _ in range(200):
        bulkhead.learn(began=now(), well=True)
    assert bulkhead.slots == 8


async def test_calls_that_fail_together_shrink_an_adaptive_bulkhead_once() -> None:
    bulkhead = Bulkhead("pensions", 8, 9, adaptive=True)
    together = now()
    for _ in range(8):
        bulkhead.learn(began=together, well=False)
    assert bulkhead.slots == 6


async def test_new_slots_of_an_adaptive_bulkhead_go_to_waiting_calls() -> None:
    bulkhead = Bulkhead("pensions", 2, 9, adaptive=True)
    later = now() + 60
    bulkhead.learn(began=now(), well=False)
    await enter(bulkhead, later)
    waiting = await entered(bulkhead, later)
    bulkhead.learn(began=now(), well=True)
    await asyncio.wait_for(waiting, 1)
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 0)


async def test_a_hedge_takes_a_slot_only_if_one_is_free() -> None:
    bulkhead = Bulkhead("pensions", 2, 9)
    later = now() + 60
    await enter(bulkhead, later)
    assert bulkhead.enter_if_free()
    assert not bulkhead.enter_if_free()
    assert bulkhead.in_flight == 2


async def test_a_bulkhead_that_is_not_adaptive_never_changes() -> None:
    bulkhead = Bulkhead("pensions", 8, 9)
    bulkhead.learn(began=now(), well=False)
    assert bulkhead.slots == 8
