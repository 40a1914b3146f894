"""A bulkhead: limits the calls to a department that run, and those that wait for a slot."""

import asyncio
import math
from collections import deque

from hub.link.errors import DeadlineExceededError, DepartmentBusyError

SHRINK = 0.8


class Bulkhead:
    """Hands out slots, first come, first served.

    Args:
        department: identifier, for errors.
        slots: maximum number of calls at the same time.
        queue: maximum number of calls that wait for a slot.
        adaptive: whether the number of slots follows the department's health (additive increase,
            multiplicative decrease, as in TCP). It stays between one and `slots`.
    """

    def __init__(self, department: str, slots: int, queue: int, *, adaptive: bool = False) -> None:
        self._department = department
        self._most = slots
        self._slots = float(slots)
        self._queue = queue
        self._adaptive = adaptive
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._shrunk_at = -math.inf
        self.in_flight = 0

    @property
    def waiting(self) -> int:
        return len(self._waiters)

    @property
    def slots(self) -> int:
        """Calls that may run now."""
        return int(self._slots)

    def enter_if_free(self) -> bool:
        """Take a slot if one is free and no call waits for it; then `leave` must follow."""
        if self.in_flight >= self.slots or self._waiters:
            return False
        self.in_flight += 1
        return True

    async def wait(self, deadline: float, patience: float = math.inf) -> None:
        """Wait for a slot and take it; then `leave` must follow.

        Args:
            deadline: when the operation's time ends, on the event loop's clock (seconds).
            patience: when a call stops waiting, on the same clock.

        Raises:
            DepartmentBusyError: the queue is full, or no slot became free before `patience`.
            DeadlineExceededError: no slot became free before `deadline`.
        """
        if len(self._waiters) >= self._queue:
            raise DepartmentBusyError(
                self._department,
                f"The hub did not call {self._department}: its queue of calls is full.",
            )
        waiter = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout_at(min(deadline, patience)):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                # The slot came at the last moment: pass it on.
                self.leave()
            elif waiter in self._waiters:
                # `_hand_out` may have removed it already.
                self._waiters.remove(waiter)
            if isinstance(error, TimeoutError):
                raise self._no_slot(deadline <= patience) from None
            raise

    def _no_slot(self, deadline_passed: bool) -> DeadlineExceededError | DepartmentBusyError:
        if deadline_passed:
            return DeadlineExceededError(self._department)
        return DepartmentBusyError(
            self._department,
            f"The hub did not call {self._department}: no slot became free in time.",
        )

    def leave(self) -> None:
        """Free the slot, or pass it on to the call that has waited longest."""
        self.in_flight -= 1
        self._hand_out()

    def _hand_out(self) -> None:
        while self._waiters and self.in_flight < self.slots:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                self.in_flight += 1

    def learn(self, *, began: float, well: bool) -> None:
        """Adapt the number of slots to a call's outcome, if the bulkhead is adaptive.

        Args:
            began: when the call began, on the event loop's clock (seconds).
            well: whether it succeeded quickly.
        """
        if not self._adaptive:
            return
        if well:
            self._slots = min(self._most, self._slots + 1 / self._slots)
            self._hand_out()
        elif began > self._shrunk_at:
            # Calls that ran at the same time show the same overload: shrink once for all of them.
            self._shrunk_at = asyncio.get_running_loop().time()
            self._slots = max(1.0, self._slots * SHRINK)
