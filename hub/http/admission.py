"""Who may run an operation now, who waits, who is refused.

`docs/decisions/0009-load-shedding.md` says why it is as it is.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from starlette.types import Scope

from hub.http.concurrency import ConcurrencyLimit
from hub.http.waiting import FairQueue, Ticket
from hub.observe import FrontDoorMetrics

TRACKING_FIELDS = frozenset({"trackApplication", "__typename"})
MOST_TRACKED = 5
STANDING_SECONDS = 1.0
"""A queue that has not drained for so long is cut, until nobody was refused for so long."""
CUT = 10


class OverloadedError(Exception):
    """The hub has more to do than it can; `reason` is the metric's word for why."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def caller_of(scope: Scope) -> str:
    """Whom fairness counts as one: the client's address, until there are principals."""
    client = scope.get("client")
    return client[0] if client else ""


def goes_first(root_fields: Sequence[str]) -> bool:
    """Whether an operation with these root fields only tracks applications, and few of them."""
    return 0 < len(root_fields) <= MOST_TRACKED and TRACKING_FIELDS.issuperset(root_fields)


class Admission:
    """Bounds how many operations run and how many wait.

    An operation that has entered must leave. Those that go first have an eighth of the places to
    themselves and take the others as well.

    Args:
        most_running: most operations at once, at least two.
        most_waiting: most that wait for a place.
        longest_wait: seconds after which a waiting one is refused.
        metrics: counts refusals.
        clock: seconds that only grow.

    Attributes:
        running: operations that run.
        waiting: operations that wait.
    """

    def __init__(
        self,
        most_running: int,
        most_waiting: int,
        longest_wait: float,
        metrics: FrontDoorMetrics,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._reserve = max(1, most_running // 8)
        self._concurrency = ConcurrencyLimit(most_running - self._reserve)
        self._most_waiting = self._room = most_waiting
        self._longest_wait = longest_wait
        self._metrics = metrics
        self._clock = clock
        self._first = FairQueue()
        self._ordinary = FairQueue()
        self._stands_since: float | None = None
        self._last_refusal = 0.0
        self._cut = 1
        self.running = 0
        self.waiting = 0
        self.limit = self._concurrency.limit
        metrics.watch(self)

    def enter_at_once(self) -> bool:
        """Takes a place if one is free and nobody waits: the way of nearly every operation."""
        if self.running < self.limit and not self.waiting:
            self.running += 1
            return True
        return False

    def turn_away(self, scope: Scope) -> None:
        """Raises `OverloadedError` when an ordinary operation of this caller can't even wait.

        Asked as soon as a request is here, so that refusing one costs next to nothing.
        """
        if self.running < self.limit or self.waiting < self._room:
            return
        if self._who_yields(caller_of(scope), first=False) is None:
            raise self._overloaded("full")

    async def enter(
        self, scope: Scope, receive: Callable[[], Awaitable[Any]], *, first: bool
    ) -> bool:
        """Takes a place, or waits for one; False when the client has gone meanwhile.

        Raises `OverloadedError`. The request's body must have been received.
        """
        if first and self.running < self.limit + self._reserve and not self._first.size:
            self.running += 1
            return True
        ticket = self._queue(caller_of(scope), first)
        hanging_up = asyncio.create_task(_hanging_up(receive))
        hanging_up.add_done_callback(lambda _: self._drop(ticket))
        try:
            return await asyncio.shield(ticket.turn)
        except asyncio.CancelledError:
            self._withdraw(ticket)
            raise
        finally:
            hanging_up.cancel()

    def leave(self) -> None:
        """Gives the place to whoever is next."""
        self.running -= 1
        if self.waiting:
            self._admit()

    def tick(self, lag: float) -> None:
        """Follows the event loop's lag, in seconds, and refuses those that have waited too long."""
        self._metrics.loop_lag(lag)
        self._concurrency.learn(lag, self.running)
        self.limit = self._concurrency.limit
        now = self._clock()
        self._set_cut(now)
        if self.waiting:
            self._admit()
            self._refuse_overdue(now - self._longest_wait / self._cut)

    def _set_cut(self, now: float) -> None:
        """A queue is for bursts; one that never drains only makes everybody late."""
        if not self.waiting and self.running < self.limit:
            self._stands_since = None
        if self._stands_since is not None and now - self._stands_since > STANDING_SECONDS:
            self._cut = CUT
        elif now - self._last_refusal > STANDING_SECONDS:
            self._cut = 1
        self._room = self._most_waiting // self._cut

    def _overloaded(self, reason: str) -> OverloadedError:
        self._metrics.refused(reason)
        self._last_refusal = self._clock()
        return OverloadedError(reason)

    def _queue(self, caller: str, first: bool) -> Ticket:
        if self.waiting >= self._room:
            yielding = self._who_yields(caller, first=first)
            if yielding is None:
                raise self._overloaded("full")
            self._refuse(yielding, "displaced")
        now = self._clock()
        if self._stands_since is None:
            self._stands_since = now
        ticket = Ticket(caller, first, now, asyncio.get_running_loop().create_future())
        self._line_of(ticket).add(ticket)
        self.waiting += 1
        return ticket

    def _who_yields(self, caller: str, *, first: bool) -> Ticket | None:
        """Who must give way to a new request of this caller; None when it is the new one."""
        if first and self._ordinary.size:
            return self._ordinary.newest_of_the_longest()
        queue = self._first if first else self._ordinary
        newest = queue.newest_of_the_longest()
        if newest and queue.count(newest.caller) > queue.count(caller) + 1:
            return newest
        return None

    def _admit(self) -> None:
        while self.waiting:
            if self._first.size and self.running < self.limit + self._reserve:
                ticket = self._first.next()
            elif self._ordinary.size and self.running < self.limit:
                ticket = self._ordinary.next()
            else:
                return
            self.waiting -= 1
            self.running += 1
            ticket.turn.set_result(True)
        self._stands_since = None

    def _refuse_overdue(self, moment: float) -> None:
        for queue in (self._first, self._ordinary):
            for ticket in queue.older_than(moment):
                self._refuse(ticket, "waited")

    def _refuse(self, ticket: Ticket, reason: str) -> None:
        self._take_out(ticket)
        ticket.turn.set_exception(self._overloaded(reason))

    def _drop(self, ticket: Ticket) -> None:
        """The client has hung up; or its turn has come, and nobody listens for that any more."""
        if not ticket.turn.done():
            self._let_go(ticket)
            ticket.turn.set_result(False)
            self._metrics.refused("gone")

    def _withdraw(self, ticket: Ticket) -> None:
        """The request's task ends while it waits, or in the moment in which its turn came."""
        if not ticket.turn.done():
            self._let_go(ticket)
            ticket.turn.cancel()
        elif ticket.turn.exception() is None and ticket.turn.result():
            self.leave()

    def _let_go(self, ticket: Ticket) -> None:
        """One that leaves by itself: a queue that nobody stands in any more has drained."""
        self._take_out(ticket)
        if not self.waiting:
            self._stands_since = None

    def _take_out(self, ticket: Ticket) -> None:
        self._line_of(ticket).remove(ticket)
        self.waiting -= 1

    def _line_of(self, ticket: Ticket) -> FairQueue:
        return self._first if ticket.first else self._ordinary


async def _hanging_up(receive: Callable[[], Awaitable[Any]]) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
