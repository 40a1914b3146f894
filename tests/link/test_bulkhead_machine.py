"""The bulkhead under any order of entering, leaving, giving up and handing over."""

import asyncio
from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.link.bulkhead import Bulkhead
from hub.link.errors import DepartmentBusyError

PLACES, QUEUE = 3, 4


class BulkheadMachine(RuleBasedStateMachine):
    """Keeps a model of who is inside and who waits; callers that were told to stop have no turn."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bulkhead = Bulkhead("pensions", PLACES, QUEUE)
        self.inside = 0
        self.queue: deque[asyncio.Task[None]] = deque()

    def teardown(self) -> None:
        for task in self.queue:
            task.cancel()
        self.settle()
        self.loop.close()

    def settle(self) -> None:
        """Lets every task go as far as it can, and moves those that were let in."""

        async def turns() -> None:
            for _ in range(4):
                await asyncio.sleep(0)

        self.loop.run_until_complete(turns())
        for task in list(self.queue):
            if task.done():
                self.queue.remove(task)
                if not task.cancelled():
                    assert task.exception() is None, task.exception()
                    self.inside += 1

    @rule()
    def enter(self) -> None:
        expected_refusal = self.inside >= PLACES and len(self.queue) >= QUEUE
        task = self.loop.create_task(self.bulkhead.enter(self.loop.time() + 3600))
        self.loop.run_until_complete(asyncio.sleep(0))
        if task.done() and isinstance(task.exception(), DepartmentBusyError):
            assert expected_refusal
            return
        assert not expected_refusal
        self.queue.append(task)
        self.settle()

    @precondition(lambda self: self.inside)
    @rule()
    def leave(self) -> None:
        first = self.queue[0] if self.queue else None
        self.inside -= 1
        self.bulkhead.leave()
        self.settle()
        assert first is None or first.done()

    @precondition(lambda self: self.queue)
    @rule(data=st.data())
    def give_up(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(list(self.queue))).cancel()
        self.settle()

    @precondition(lambda self: self.inside and self.queue)
    @rule(data=st.data(), leaves_first=st.booleans())
    def leave_and_give_up_at_once(self, data: st.DataObject, leaves_first: bool) -> None:
        task = data.draw(st.sampled_from(list(self.queue)))
        self.inside -= 1
        if leaves_first:
            self.bulkhead.leave()
            task.cancel()
        else:
            task.cancel()
            self.bulkhead.leave()
        self.settle()

    @invariant()
    def counts_are_true(self) -> None:
        assert self.bulkhead.in_flight == self.inside <= PLACES
        assert self.bulkhead.waiting == len(self.queue) <= QUEUE

    @invariant()
    def nobody_waits_beside_a_free_place(self) -> None:
        assert not self.queue or self.inside == PLACES


TestBulkheadMachine = BulkheadMachine.TestCase
TestBulkheadMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
