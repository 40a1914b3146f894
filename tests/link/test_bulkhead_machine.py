"""The bulkhead with random sequences of entering, leaving and cancelling."""

import asyncio
from collections import deque

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from hub.link.bulkhead import Bulkhead
from hub.link.errors import DepartmentBusyError

SLOTS, QUEUE = 3, 4


class BulkheadMachine(RuleBasedStateMachine):
    """Models which calls have a slot and which wait."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.bulkhead = Bulkhead("pensions", SLOTS, QUEUE)
        self.inside = 0
        self.queue: deque[asyncio.Task[None]] = deque()

    def teardown(self) -> None:
        for task in self.queue:
            task.cancel()
        self.settle()
        self.loop.close()

    def settle(self) -> None:
        """Run all tasks until they wait, and count those that got a slot."""

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
        expected_refusal = self.inside >= SLOTS and len(self.queue) >= QUEUE
        task = self.loop.create_task(self._enter())
        self.loop.run_until_complete(asyncio.sleep(0))
        if task.done() and isinstance(task.exception(), DepartmentBusyError):
            assert expected_refusal
            return
        assert not expected_refusal
        self.queue.append(task)
        self.settle()

    async def _enter(self) -> None:
        if not self.bulkhead.enter_if_free():
            await self.bulkhead.wait(self.loop.time() + 3600)

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
    def cancel(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(list(self.queue))).cancel()
        self.settle()

    @precondition(lambda self: self.inside and self.queue)
    @rule(data=st.data(), leaves_first=st.booleans())
    def leave_and_cancel_at_once(self, data: st.DataObject, leaves_first: bool) -> None:
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
        assert self.bulkhead.in_flight == self.inside <= SLOTS
        assert self.bulkhead.waiting == len(self.queue) <= QUEUE

    @invariant()
    def no_call_waits_while_a_slot_is_free(self) -> None:
        assert not self.queue or self.inside == SLOTS


TestBulkheadMachine = BulkheadMachine.TestCase
TestBulkheadMachine.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
