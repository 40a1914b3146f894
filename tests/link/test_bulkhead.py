"""The bulkhead: bounded places, a bounded and fair queue, and no place lost on any way out."""

import asyncio

import pytest

from adapters.contract import DepartmentTimeoutError
from hub.link.bulkhead import Bulkhead
from hub.link.errors import DepartmentBusyError


def now() -> float:
    return asyncio.get_running_loop().time()


async def entered(bulkhead: Bulkhead, deadline: float) -> "asyncio.Task[None]":
    """A call that has had the time to come as far as it can come without anybody leaving."""
    task = asyncio.ensure_future(bulkhead.enter(deadline))
    await asyncio.sleep(0)
    return task


async def test_the_queue_is_bounded_and_the_rest_is_refused_at_once() -> None:
    bulkhead = Bulkhead("pensions", 2, 1)
    later = now() + 60
    await bulkhead.enter(later)
    await bulkhead.enter(later)
    waiting = await entered(bulkhead, later)
    with pytest.raises(DepartmentBusyError, match="wait for pensions already"):
        await bulkhead.enter(later)
    assert not waiting.done()
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 1)
    bulkhead.leave()
    await waiting
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 0)


async def test_first_come_first_served() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await bulkhead.enter(later)
    order: list[int] = []

    async def call(number: int) -> None:
        await bulkhead.enter(later)
        order.append(number)
        bulkhead.leave()

    calls = [asyncio.ensure_future(call(number)) for number in range(5)]
    await asyncio.sleep(0)
    bulkhead.leave()
    await asyncio.gather(*calls)
    assert order == [0, 1, 2, 3, 4]
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_who_is_given_a_place_while_leaving_hands_it_on() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await bulkhead.enter(later)
    first = await entered(bulkhead, later)
    second = await entered(bulkhead, later)
    bulkhead.leave()
    first.cancel()
    await second
    assert first.cancelled()
    assert (bulkhead.in_flight, bulkhead.waiting) == (1, 0)


async def test_a_place_that_comes_free_while_a_waiter_gives_up_is_nobodys_loss() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    later = now() + 60
    await bulkhead.enter(later)
    first = await entered(bulkhead, later)
    first.cancel()
    bulkhead.leave()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_a_whole_queue_may_give_up_at_the_moment_its_places_come_free() -> None:
    # As when a department hangs: the calls under way and those that wait have one deadline.
    bulkhead = Bulkhead("pensions", 4, 16)
    deadline = now() + 0.05

    async def hanging_call() -> None:
        await bulkhead.enter(deadline)
        try:
            async with asyncio.timeout_at(deadline):
                await asyncio.Event().wait()
        finally:
            bulkhead.leave()

    outcomes = await asyncio.gather(*(hanging_call() for _ in range(20)), return_exceptions=True)
    assert {type(outcome) for outcome in outcomes} == {TimeoutError, DepartmentTimeoutError}
    assert (bulkhead.in_flight, bulkhead.waiting) == (0, 0)


async def test_no_place_before_the_deadline_is_a_timeout() -> None:
    bulkhead = Bulkhead("pensions", 1, 9)
    await bulkhead.enter(now() + 60)
    with pytest.raises(DepartmentTimeoutError, match="had no time"):
        await bulkhead.enter(now() + 0.02)
    assert (bulkhead.in_flight, bulkhead.waiting) == (1, 0)


async def test_an_adaptive_bulkhead_follows_the_department() -> None:
    bulkhead = Bulkhead("pensions", 8, 9, adaptive=True)
    for _ in range(40):
        bulkhead.learn(began=now(), well=False)
    assert bulkhead.places == 1
    for _ in range(200):
        bulkhead.learn(began=now(), well=True)
    assert bulkhead.places == 8


async def test_calls_that_fail_together_shrink_an_adaptive_bulkhead_once() -> None:
    bulkhead = Bulkhead("pensions", 8, 9, adaptive=True)
    together = now()
    for _ in range(8):
        bulkhead.learn(began=together, well=False)
    assert bulkhead.places == 6


async def test_places_that_an_adaptive_bulkhead_gains_go_to_who_waits() -> None:
    bulkhead = Bulkhead("pensions", 2, 9, adaptive=True)
    later = now() + 60
    bulkhead.learn(began=now(), well=False)
    await bulkhead.enter(later)
    waiting = await entered(bulkhead, later)
    bulkhead.learn(began=now(), well=True)
    await asyncio.wait_for(waiting, 1)
    assert (bulkhead.in_flight, bulkhead.waiting) == (2, 0)


async def test_a_place_is_taken_on_the_side_only_where_nobody_waits_for_it() -> None:
    bulkhead = Bulkhead("pensions", 2, 9)
    later = now() + 60
    await bulkhead.enter(later)
    assert bulkhead.enter_if_free()
    assert not bulkhead.enter_if_free()
    assert bulkhead.in_flight == 2


async def test_a_bulkhead_that_is_not_adaptive_never_changes() -> None:
    bulkhead = Bulkhead("pensions", 8, 9)
    bulkhead.learn(began=now(), well=False)
    assert bulkhead.places == 8
