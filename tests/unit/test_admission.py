"""Admission: which operations run, wait or are refused."""

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


class Harness:
    """An admission with a clock that moves only in `pass_time`, and its counters."""

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


class Client:
    """One request of a client, and its state."""

    def __init__(self, harness: Harness, name: str, *, priority: bool = False) -> None:
        self.name = name
        self.priority = priority
        self._has_gone = asyncio.Event()
        self.scope = {"client": (name, 1)}
        self.task = asyncio.ensure_future(self._enter(harness.admission))

    async def _enter(self, admission: Admission) -> str:
        if admission.try_enter():
            return "runs"
        try:
            entered = await admission.enter(self.scope, self._receive, priority=self.priority)
        except OverloadedError as error:
            return str(error)
        return "runs" if entered else "gone"

    async def _receive(self) -> dict[str, str]:
        await self._has_gone.wait()
        return {"type": "http.disconnect"}

    def hang_up(self) -> None:
        self._has_gone.set()

    @property
    def state(self) -> str:
        if not self.task.done():
            return "waits"
        return "cancelled" if self.task.cancelled() else self.task.result()


async def settle() -> None:
    """Run the event loop until every task waits."""
    for _ in range(6):
        await asyncio.sleep(0)


async def arrive(harness: Harness, *names: str, priority: bool = False) -> list[Client]:
    clients = []
    for name in names:
        clients.append(Client(harness, name, priority=priority))
        await settle()
    return clients


def states(clients: Sequence[Client]) -> list[str]:
    return [client.state for client in clients]


async def full(harness: Harness) -> None:
    """Take every slot of ordinary operations."""
    while harness.admission.try_enter():
        pass


async def serve(harness: Harness) -> None:
    """End one running operation."""
    harness.admission.leave()
    await settle()


async def test_operations_beyond_the_limit_wait_and_are_refused_when_the_queue_is_full() -> None:
    harness = Harness(running=2, waiting=2)
    clients = await arrive(harness, "a", "a", "a", "a")
    assert states(clients) == ["runs", "waits", "waits", "full"]
    await serve(harness)
    assert states(clients) == ["runs", "runs", "waits", "full"]
    assert harness.refused("full") == 1


async def test_clients_take_turns() -> None:
    harness = Harness(waiting=8)
    await full(harness)
    clients = await arrive(harness, "busy", "busy", "busy", "quiet", "busy")
    order = []
    for _ in clients:
        before = states(clients)
        await serve(harness)
        order += [c.name for c, was in zip(clients, before, strict=True) if c.state != was]
    assert order == ["busy", "quiet", "busy", "busy", "busy"]


async def test_the_busiest_client_loses_its_newest_operation_to_a_quiet_client() -> None:
    harness = Harness(waiting=4)
    await full(harness)
    busy = await arrive(harness, "busy", "busy", "busy", "busy")
    quiet = await arrive(harness, "quiet")
    assert states(busy) == ["waits", "waits", "waits", "displaced"]
    assert states(quiet) == ["waits"]
    assert states(await arrive(harness, "busy")) == ["full"]
    with pytest.raises(OverloadedError):
        harness.admission.check_room({"client": ("busy", 1)})
    harness.admission.check_room({"client": ("third", 1)})


async def test_tracking_runs_first_and_is_refused_last() -> None:
    harness = Harness(waiting=3)
    await full(harness)
    ordinary = await arrive(harness, "a", "b", "c")
    reserved = await arrive(harness, "a", priority=True)
    assert states(reserved) == ["runs"]
    tracking = await arrive(harness, "a", "a", priority=True)
    assert states(tracking) == ["waits", "waits"]
    assert sorted(states(ordinary)) == ["displaced", "displaced", "waits"]
    await serve(harness)
    assert states(tracking) == ["runs", "waits"]
    assert sorted(states(ordinary)) == ["displaced", "displaced", "waits"]


async def test_tracking_is_refused_when_only_tracking_waits() -> None:
    harness = Harness(waiting=2)
    await full(harness)
    tracking = await arrive(harness, "a", "a", "a", "a", priority=True)
    assert states(tracking) == ["runs", "waits", "waits", "full"]
    assert states(await arrive(harness, "b")) == ["full"]


async def test_the_operation_of_a_disconnected_client_leaves_the_queue() -> None:
    harness = Harness()
    await full(harness)
    gone, patient = await arrive(harness, "a", "b")
    gone.hang_up()
    await settle()
    assert (gone.state, harness.admission.waiting, harness.refused("gone")) == ("gone", 1, 1)
    await serve(harness)
    assert patient.state == "runs"


async def test_a_request_cancelled_while_it_waits_gives_up_its_turn() -> None:
    harness = Harness()
    await full(harness)
    waiting, at_entered, last = await arrive(harness, "a", "b", "c")
    waiting.task.cancel()
    await settle()
    assert harness.admission.waiting == 2
    harness.admission.leave()
    at_entered.task.cancel()
    await settle()
    assert last.state == "runs"
    await serve(harness)
    assert (harness.admission.running, harness.admission.waiting) == (0, 0)


async def test_no_operation_waits_longer_than_the_maximum() -> None:
    harness = Harness(longest_wait=0.5)
    await full(harness)
    early = await arrive(harness, "a")
    harness.pass_time(0.4)
    late = await arrive(harness, "a")
    harness.pass_time(0.2)
    assert (states(early), states(late)) == (["waits"], ["waits"])
    await settle()
    assert (states(early), states(late)) == (["waited"], ["waits"])


async def test_a_queue_that_all_clients_have_left_is_not_overloaded() -> None:
    harness = Harness(running=4, waiting=40, longest_wait=5)
    running = [Client(harness, "a") for _ in range(3)]
    await settle()
    leaving = Client(harness, "b")
    await settle()
    assert leaving.state == "waits"
    leaving.hang_up()
    await settle()
    assert leaving.state == "gone"
    harness.pass_time(4)
    clients = [Client(harness, f"c{number}") for number in range(20)]
    await settle()
    assert {each.state for each in running} == {"runs"}
    assert {each.state for each in clients} == {"waits"}
    for each in clients:
        each.hang_up()
    await settle()


async def test_a_queue_that_never_empties_is_shortened_to_a_tenth_until_refusals_stop() -> None:
    harness = Harness(waiting=20, longest_wait=10.0)
    await full(harness)
    await arrive(harness, *["a"] * 20)
    harness.pass_time(0.9)
    await settle()
    assert harness.admission.waiting == 20
    harness.pass_time(0.2)
    await settle()
    assert harness.admission.waiting == 0
    for _ in range(2):
        harness.pass_time(0.9)
        assert states(await arrive(harness, "a", "a", "a")) == ["waits", "waits", "full"]
        for _ in range(2):
            await serve(harness)
    harness.pass_time(1.1)
    assert set(states(await arrive(harness, *["a"] * 20))) == {"waits"}


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
def test_the_limits_hold_and_no_slot_is_lost(running: int, waiting: int, steps: list[Step]) -> None:
    asyncio.run(play(Harness(running, waiting), running, waiting, steps))


async def play(harness: Harness, running: int, waiting: int, steps: list[Step]) -> None:
    clients: list[Client] = []
    left = 0
    for kind, number, priority in steps:
        if kind == "arrive":
            before = count_waiting(clients, priority=priority)
            clients += (new := await arrive(harness, f"client-{number}", priority=priority))
            assert_fair(new[0], before, waiting)
        elif kind == "leave" and states(clients).count("runs") > left:
            left += 1
            harness.admission.leave()
        else:
            disturb(harness, kind, [c for c in clients if c.state == "waits"][number : number + 1])
        await settle()
        count = Counter(states(clients))
        assert harness.admission.running == count["runs"] - left <= running
        assert harness.admission.waiting == count["waits"] <= waiting
    for _ in range(states(clients).count("waits") + states(clients).count("runs") - left):
        await serve(harness)
    assert (harness.admission.running, harness.admission.waiting) == (0, 0)


def disturb(harness: Harness, kind: str, some: Sequence[Client]) -> None:
    for client in some:
        if kind == "hang up":
            client.hang_up()
        elif kind == "cancel":
            client.task.cancel()
    if kind == "tick":
        harness.pass_time(0.4)
    elif kind == "lag":
        harness.admission.tick(0.2)


def count_waiting(clients: Sequence[Client], *, priority: bool) -> Counter[str]:
    return Counter(c.name for c in clients if c.state == "waits" and c.priority == priority)


def assert_fair(new: Client, before: Counter[str], waiting: int) -> None:
    """No client is refused while another of the same priority has two more waiting."""
    if new.state == "full" and waiting:
        assert max(before.values(), default=0) <= before[new.name] + 1


@pytest.mark.parametrize(
    ("root_fields", "priority"),
    [
        (("trackApplication",), True),
        (("trackApplication", "__typename"), True),
        (("verifyCertificate", "trackApplication"), True),
        (("trackApplication", "me"), False),
        (("trackApplication",) * 6, False),
        ((), False),
    ],
)
def test_only_a_few_trackings_and_verifications_have_priority(
    root_fields: tuple[str, ...], priority: bool
) -> None:
    assert is_priority(root_fields) is priority


async def test_an_operation_that_rests_gives_its_slot_to_the_next_one() -> None:
    harness = Harness(running=2)
    await full(harness)
    (client,) = await arrive(harness, "next")
    running = harness.admission.running
    with harness.admission.rest():
        await settle()
        assert client.state != "waits"
        assert harness.admission.running == running
    assert harness.admission.running == running + 1


async def test_no_more_operations_rest_than_may_run() -> None:
    harness = Harness(running=2)
    with harness.admission.rest(), harness.admission.rest():
        running = harness.admission.running
        with harness.admission.rest():
            assert harness.admission.running == running
