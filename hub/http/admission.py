"""Admission control: decides which operations run, wait or are refused.

Background: `docs/decisions/0009-load-shedding.md`.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from starlette.types import Scope

from hub.http.concurrency import ConcurrencyLimit
from hub.http.fair_queue import FairQueue, Ticket
from hub.observe import AdmissionMetrics

TRACKING_FIELDS = frozenset({"trackApplication", "verifyCertificate", "__typename"})
MAX_TRACKED = 5
STANDING_SECONDS = 1.0
"""A queue that has not been empty for this long is overloaded: shorten it until no operation
has been refused for the same time."""
SHORTENING = 10
"""An overloaded queue has one tenth of its normal length and waiting time."""


class OverloadedError(Exception):
    """The hub is overloaded. The message is a label of the metric `hub_refused_total`."""


def fairness_key(scope: Scope) -> str:
    """Return the key for fair queueing: the client's IP address."""
    client = scope.get("client")
    return client[0] if client else ""


def is_priority(root_fields: Sequence[str]) -> bool:
    """Return True if an operation with these root fields only tracks applications or verifies
    certificates, at most five.
    """
    return 0 < len(root_fields) <= MAX_TRACKED and TRACKING_FIELDS.issuperset(root_fields)


class Admission:
    """Limits how many operations run and how many wait.

    Every operation that entered must leave. One eighth of the slots is reserved for priority
    operations (application tracking and verification of certificates), which may use the other
    slots too.

    Args:
        max_running: maximum number of operations that run at once; at least 2.
        max_waiting: maximum number of operations that wait.
        max_wait: seconds after which a waiting operation is refused.
        metrics: counts refusals.
        clock: clock in seconds that never goes back.

    Attributes:
        running: number of operations that are running.
        waiting: number of operations that are waiting.
        resting: number of operations that have entered, but need no slot for a moment.
        limit: number of ordinary operations that may run at once now.
    """

    def __init__(
        self,
        max_running: int,
        max_waiting: int,
        max_wait: float,
        metrics: AdmissionMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_running = max_running
        self._reserve = max(1, max_running // 8)
        self._concurrency = ConcurrencyLimit(max_running - self._reserve)
        self._max_waiting = self._room = max_waiting
        self._max_wait = max_wait
        self._metrics = metrics
        self._clock = clock
        self._priority = FairQueue()
        self._ordinary = FairQueue()
        self._standing_since: float | None = None
        self._last_refusal = 0.0
        self._shortening = 1
        self.running = 0
        self.waiting = 0
        self.resting = 0
        self.limit = self._concurrency.limit
        metrics.watch(self)

    def try_enter(self) -> bool:
        """Enter if a slot is free and no operation waits. Nearly every operation enters here.

        Returns:
            True if the operation has entered.
        """
        if self.running < self.limit and not self.waiting:
            self.running += 1
            return True
        return False

    def check_room(self, scope: Scope) -> None:
        """Check that an ordinary operation of this client could at least wait.

        Call this before parsing the request: a refusal then costs almost nothing.

        Raises:
            OverloadedError: every slot is taken and the queue has no room for this client.
        """
        if self.running < self.limit or self.waiting < self._room:
            return
        if self._displaceable(fairness_key(scope), priority=False) is None:
            raise self._overloaded("full")

    async def enter(
        self, scope: Scope, receive: Callable[[], Awaitable[Any]], *, priority: bool
    ) -> bool:
        """Enter, or wait until the operation may enter. The request's body must have been received.

        Returns:
            True if the operation has entered. False if the client disconnected while it waited.

        Raises:
            OverloadedError: the operation cannot wait, or was refused while it waited.
        """
        if priority and self.running < self.limit + self._reserve and not self._priority.size:
            self.running += 1
            return True
        ticket = self._enqueue(fairness_key(scope), priority)
        disconnected = asyncio.create_task(_until_disconnected(receive))
        disconnected.add_done_callback(lambda _: self._abandon(ticket))
        try:
            return await asyncio.shield(ticket.turn)
        except asyncio.CancelledError:
            self._withdraw(ticket)
            raise
        finally:
            disconnected.cancel()

    def leave(self) -> None:
        """Free the slot of an operation that has entered, and let the next one enter."""
        self.running -= 1
        if self.waiting:
            self._admit()

    @contextmanager
    def rest(self) -> Iterator[None]:
        """Let another operation run while one that has entered only waits.

        At most as many operations rest as may run. Further ones keep their slots.
        """
        if self.resting >= self._max_running:
            yield
            return
        self.resting += 1
        self.leave()
        try:
            yield
        finally:
            self.resting -= 1
            self.running += 1

    def tick(self, lag: float) -> None:
        """Adjust the limit and refuse the operations that have waited too long.

        `lag` is by how many seconds the event loop is late.
        """
        self._metrics.loop_lag(lag)
        self._concurrency.update(lag, self.running)
        self.limit = self._concurrency.limit
        now = self._clock()
        self._adjust_queue_length(now)
        if self.waiting:
            self._admit()
            self._refuse_older_than(now - self._max_wait / self._shortening)

    def _adjust_queue_length(self, now: float) -> None:
        # A queue absorbs bursts. One that never empties only delays every operation.
        if not self.waiting and self.running < self.limit:
            self._standing_since = None
        if self._standing_since is not None and now - self._standing_since > STANDING_SECONDS:
            self._shortening = SHORTENING
        elif now - self._last_refusal > STANDING_SECONDS:
            self._shortening = 1
        self._room = self._max_waiting // self._shortening

    def _overloaded(self, reason: str) -> OverloadedError:
        self._metrics.refused(reason)
        self._last_refusal = self._clock()
        return OverloadedError(reason)

    def _enqueue(self, client: str, priority: bool) -> Ticket:
        if self.waiting >= self._room:
            displaced = self._displaceable(client, priority=priority)
            if displaced is None:
                raise self._overloaded("full")
            self._refuse(displaced, "displaced")
        now = self._clock()
        if self._standing_since is None:
            self._standing_since = now
        ticket = Ticket(client, priority, now, asyncio.get_running_loop().create_future())
        self._queue_of(ticket).add(ticket)
        self.waiting += 1
        return ticket

    def _displaceable(self, client: str, *, priority: bool) -> Ticket | None:
        """Return the ticket that must make room for a new one of this client; None if none."""
        if priority and self._ordinary.size:
            return self._ordinary.newest_of_busiest_client()
        queue = self._priority if priority else self._ordinary
        newest = queue.newest_of_busiest_client()
        if newest and queue.count(newest.client) > queue.count(client) + 1:
            return newest
        return None

    def _admit(self) -> None:
        while self.waiting:
            if self._priority.size and self.running < self.limit + self._reserve:
                ticket = self._priority.pop()
            elif self._ordinary.size and self.running < self.limit:
                ticket = self._ordinary.pop()
            else:
                return
            self.waiting -= 1
            self.running += 1
            ticket.turn.set_result(True)
        self._standing_since = None

    def _refuse_older_than(self, moment: float) -> None:
        for queue in (self._priority, self._ordinary):
            for ticket in queue.older_than(moment):
                self._refuse(ticket, "waited")

    def _refuse(self, ticket: Ticket, reason: str) -> None:
        self._dequeue(ticket)
        ticket.turn.set_exception(self._overloaded(reason))

    def _abandon(self, ticket: Ticket) -> None:
        """Remove the ticket of a client that disconnected.

        Also called after a ticket got its turn; then there is nothing to do.
        """
        if not ticket.turn.done():
            self._release(ticket)
            ticket.turn.set_result(False)
            self._metrics.refused("gone")

    def _withdraw(self, ticket: Ticket) -> None:
        """Undo `enter` for a request that was cancelled while it waited or just as it entered."""
        if not ticket.turn.done():
            self._release(ticket)
            ticket.turn.cancel()
        elif ticket.turn.exception() is None and ticket.turn.result():
            self.leave()

    def _release(self, ticket: Ticket) -> None:
        """Remove a ticket that was not refused: if the queue is empty now, it has recovered."""
        self._dequeue(ticket)
        if not self.waiting:
            self._standing_since = None

    def _dequeue(self, ticket: Ticket) -> None:
        self._queue_of(ticket).remove(ticket)
        self.waiting -= 1

    def _queue_of(self, ticket: Ticket) -> FairQueue:
        return self._priority if ticket.priority else self._ordinary


async def _until_disconnected(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
