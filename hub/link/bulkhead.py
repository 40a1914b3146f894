"""A bulkhead: so many calls to a department at once, so many more in a queue, no more."""

import asyncio
import math
from collections import deque

from adapters.contract import DepartmentTimeoutError
from hub.link.errors import DepartmentBusyError

SHRINK = 0.8


class Bulkhead:
    """Hands out places, first come, first served.

    Args:
        department: identifier, for errors.
        places: most calls at once.
        queue: most calls that wait for a place.
        adaptive: whether the number of places follows how the department does (additive increase,
            multiplicative decrease, as TCP does it); never above `places`, never below one.
    """

    def __init__(self, department: str, places: int, queue: int, *, adaptive: bool = False) -> None:
        self._department = department
        self._most = places
        self._places = float(places)
        self._queue = queue
        self._adaptive = adaptive
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._shrunk_at = -math.inf
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    @property
    def places(self) -> int:
        """Calls that may be under way now."""
        return int(self._places)

    async def enter(self, deadline: float) -> None:
        """Takes a place; `leave` must follow.

        Raises `DepartmentBusyError` when the queue is full, `DepartmentTimeoutError` when there is
        no place before the deadline (the event loop's clock).
        """
        if self.enter_if_free():
            return
        if len(self._waiters) >= self._queue:
            raise DepartmentBusyError(
                self._department, f"Too many questions wait for {self._department} already."
            )
        await self._wait(deadline)

    def enter_if_free(self) -> bool:
        """Takes a place only if there is one that nobody waits for; then `leave` must follow."""
        if self.in_flight >= self.places or self._waiters:
            return False
        self.in_flight += 1
        return True

    async def _wait(self, deadline: float) -> None:
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout_at(deadline):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                # The place came at the last moment: it goes to the next.
                self.leave()
            elif waiter in self._waiters:
                # Else somebody who left has passed over it already.
                self._waiters.remove(waiter)
            if isinstance(error, TimeoutError):
                raise DepartmentTimeoutError(
                    self._department, f"{self._department} had no time for this question."
                ) from None
            raise

    def leave(self) -> None:
        """Gives the place back, or on to whoever waits longest."""
        self.in_flight -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiters and self.in_flight < self.places:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self.in_flight += 1

    def learn(self, *, began: float, well: bool) -> None:
        """Follows how a call went that began then, where the bulkhead is adaptive."""
        if not self._adaptive:
            return
        if well:
            self._places = min(self._most, self._places + 1 / self._places)
            self._hand_out()
        elif began > self._shrunk_at:
            # Calls that were under way together tell of one overload, not of one each.
            self._shrunk_at = asyncio.get_running_loop().time()
            self._places = max(1.0, self._places * SHRINK)
