"""Admission: who runs, who waits, who is refused."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry

from hub.http.admission import Admission, OverloadedError, is_priority
from hub.observe import AdmissionMetrics


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Door:
    """An admission whose time stands still until it is told, and what it counted."""

    def __init__(self, running: int = 2, waiting: int = 4, longest_wait: float = 1.0) -> None:
        self._registry = CollectorRegistry()
        self.clock = Clock()
        self.admission = Admission(
            running, waiting, longest_wait, AdmissionMetrics(self._registry), self.clock
        )

    def refused(self, reason: str) -> float:
        return self._registry.get_sample_value("hub_refused_total", {"reason": reason}) or 0.0

    def pass_time(self, seconds: float) -> None:
        self.clock.now += seconds
        self.admission.tick(0.0)


class Caller:
    """One request of a caller, and what became of it."""

    def __init__(self, door: Door, name: str, *, first: bool = False) -> None:
        self.name = name
        self.first = first
        self._has_gone = asyncio.Event()
        self.scope = {"client": (name, 1)}
        self.asking = asyncio.ensure_future(self._ask(door.admission))

    async def _ask(self, admission: Admission) -> str:
        if admission.try_enter():
            return "runs"
        try:
            its_turn = await admission.enter(self.scope, self._receive, priority=self.first)
        except OverloadedError as error:
            return error.reason
        return "runs" if its_turn else "gone"

    async def _receive(self) -> dict[str, str]:
        await self._has_gone.wait()
        return {"type": "http.disconnect"}

    def hang_up(self) -> None:
        self._has_gone.set()

    @property
    def state(self) -> str:
        if not self.asking.done():
            return "waits"
        return "cancelled" if self.asking.cancelled() else self.asking.result()


async def settle() -> None:
    """Lets everything run that can."""
    for _ in range(6):
        await asyncio.sleep(0)


async def arrive(door: Door, *names: str, first: bool = False) -> list[Caller]:
    callers = []
    for name in names:
        callers.append(Caller(door, name, first=first))
        await settle()
    return callers


def states(callers: Sequence[Caller]) -> list[str]:
    return [caller.state for caller in callers]


async def full(door: Door) -> None:
    """Takes every place of ordinary operations."""
    while door.admission.try_enter():
        pass


async def serve(door: Door) -> None:
    """One running operation ends."""
    door.admission.leave()
    await settle()


async def test_beyond_the_limit_they_wait_and_beyond_that_they_are_refused() -> None:
    door = Door(running=2, waiting=2)
    callers = await arrive(door, "a", "a", "a", "a")
    assert states(callers) == ["runs", "waits", "waits", "full"]
    await serve(door)
    assert states(callers) == ["runs", "runs", "waits", "full"]
    assert door.refused("full") == 1


async def test_callers_take_turns() -> None:
    door = Door(waiting=8)
    await full(door)
    callers = await arrive(door, "busy", "busy", "busy", "quiet", "busy")
    order = []
    for _ in callers:
        before = states(callers)
        await serve(door)
        order += [c.name for c, was in zip(callers, before, strict=True) if c.state != was]
    assert order == ["busy", "quiet", "busy", "busy", "busy"]


async def test_who_has_many_waiting_loses_the_newest_to_who_has_few() -> None:
    door = Door(waiting=4)
    await full(door)
    busy = await arrive(door, "busy", "busy", "busy", "busy")
    quiet = await arrive(door, "quiet")
    assert states(busy) == ["waits", "waits", "waits", "displaced"]
    assert states(quiet) == ["waits"]
    assert states(await arrive(door, "busy")) == ["full"]
    with pytest.raises(OverloadedError):
        door.admission.check_room({"client": ("busy", 1)})
    door.admission.check_room({"client": ("third", 1)})


async def test_tracking_is_served_first_and_refused_last() -> None:
    door = Door(waiting=3)
    await full(door)
    ordinary = await arrive(door, "a", "b", "c")
    reserved = await arrive(door, "a", first=True)
    assert states(reserved) == ["runs"]
    tracking = await arrive(door, "a", "a", first=True)
    assert states(tracking) == ["waits", "waits"]
    assert sorted(states(ordinary)) == ["displaced", "displaced", "waits"]
    await serve(door)
    assert states(tracking) == ["runs", "waits"]
    assert sorted(states(ordinary)) == ["displaced", "displaced", "waits"]


async def test_tracking_is_refused_when_only_tracking_waits() -> None:
    door = Door(waiting=2)
    await full(door)
    tracking = await arrive(door, "a", "a", "a", "a", first=True)
    assert states(tracking) == ["runs", "waits", "waits", "full"]
    assert states(await arrive(door, "b")) == ["full"]


async def test_who_hangs_up_is_dropped() -> None:
    door = Door()
    await full(door)
    gone, patient = await arrive(door, "a", "b")
    gone.hang_up()
    await settle()
    assert (gone.state, door.admission.waiting, door.refused("gone")) == ("gone", 1, 1)
    await serve(door)
    assert patient.state == "runs"


async def test_a_request_that_ends_while_it_waits_gives_up_its_turn() -> None:
    door = Door()
    await full(door)
    waiting, at_its_turn, last = await arrive(door, "a", "b", "c")
    waiting.asking.cancel()
    await settle()
    assert door.admission.waiting == 2
    door.admission.leave()
    at_its_turn.asking.cancel()
    await settle()
    assert last.state == "runs"
    await serve(door)
    assert (door.admission.running, door.admission.waiting) == (0, 0)


async def test_nobody_waits_longer_than_the_longest_wait() -> None:
    door = Door(longest_wait=0.5)
    await full(door)
    early = await arrive(door, "a")
    door.pass_time(0.4)
    late = await arrive(door, "a")
    door.pass_time(0.2)
    assert (states(early), states(late)) == (["waits"], ["waits"])
    await settle()
    assert (states(early), states(late)) == (["waited"], ["waits"])


async def test_a_queue_that_all_have_left_does_not_stand_on() -> None:
    door = Door(running=4, waiting=40, longest_wait=5)
    running = [Caller(door, "a") for _ in range(3)]
    await settle()
    leaving = Caller(door, "b")
    await settle()
    assert leaving.state == "waits"
    leaving.hang_up()
    await settle()
    assert leaving.state == "gone"
    door.pass_time(4)
    callers = [Caller(door, f"c{number}") for number in range(20)]
    await settle()
    assert {each.state for each in running} == {"runs"}
    assert {each.state for each in callers} == {"waits"}
    for each in callers:
        each.hang_up()
    await settle()


async def test_a_queue_that_never_drains_is_cut_to_a_tenth_until_nobody_is_refused() -> None:
    door = Door(waiting=20, longest_wait=10.0)
    await full(door)
    await arrive(door, *["a"] * 20)
    door.pass_time(0.9)
    await settle()
    assert door.admission.waiting == 20
    door.pass_time(0.2)
    await settle()
    assert door.admission.waiting == 0
    for _ in range(2):
        door.pass_time(0.9)
        assert states(await arrive(door, "a", "a", "a")) == ["waits", "waits", "full"]
        for _ in range(2):
            await serve(door)
    door.pass_time(1.1)
    assert set(states(await arrive(door, *["a"] * 20))) == {"waits"}


Step = tuple[str, int, bool]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["arrive", "arrive", "leave", "hang up", "cancel", "tick", "lag"]),
        st.integers(0, 4),
        st.booleans(),
    ),
    max_size=60,
)


@settings(max_examples=150, deadline=None)
@given(running=st.integers(2, 6), waiting=st.integers(0, 6), steps=STEPS)
def test_bounds_hold_and_no_place_is_lost(running: int, waiting: int, steps: list[Step]) -> None:
    asyncio.run(play(Door(running, waiting), running, waiting, steps))


async def play(door: Door, running: int, waiting: int, steps: list[Step]) -> None:
    callers: list[Caller] = []
    left = 0
    for kind, number, first in steps:
        if kind == "arrive":
            before = count_waiting(callers, first=first)
            callers += (new := await arrive(door, f"caller-{number}", first=first))
            assert_fair(new[0], before, waiting)
        elif kind == "leave" and states(callers).count("runs") > left:
            left += 1
            door.admission.leave()
        else:
            disturb(door, kind, [c for c in callers if c.state == "waits"][number : number + 1])
        await settle()
        told = Counter(states(callers))
        assert door.admission.running == told["runs"] - left <= running
        assert door.admission.waiting == told["waits"] <= waiting
    for _ in range(states(callers).count("waits") + states(callers).count("runs") - left):
        await serve(door)
    assert (door.admission.running, door.admission.waiting) == (0, 0)


def disturb(door: Door, kind: str, some: Sequence[Caller]) -> None:
    for caller in some:
        if kind == "hang up":
            caller.hang_up()
        elif kind == "cancel":
            caller.asking.cancel()
    if kind == "tick":
        door.pass_time(0.4)
    elif kind == "lag":
        door.admission.tick(0.2)


def count_waiting(callers: Sequence[Caller], *, first: bool) -> Counter[str]:
    return Counter(c.name for c in callers if c.state == "waits" and c.first == first)


def assert_fair(new: Caller, before: Counter[str], waiting: int) -> None:
    """Nobody is refused while somebody else of the same kind has two more waiting."""
    if new.state == "full" and waiting:
        assert max(before.values(), default=0) <= before[new.name] + 1


@pytest.mark.parametrize(
    ("root_fields", "first"),
    [
        (("trackApplication",), True),
        (("trackApplication", "__typename"), True),
        (("trackApplication", "me"), False),
        (("trackApplication",) * 6, False),
        ((), False),
    ],
)
def test_what_is_priority(root_fields: tuple[str, ...], first: bool) -> None:
    assert is_priority(root_fields) is first
