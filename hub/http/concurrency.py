"""Limit of concurrent operations, adjusted by the lag of the event loop."""

import asyncio
import time
from collections.abc import Callable

TICK_SECONDS = 0.05
LAG_SECONDS = 0.05
"""A tick with more lag than this is late: the processor has too much work."""
LATE_SECONDS = 0.1
"""The limit falls when late ticks in a row add up to this lag.

A shorter lag may be a garbage collection or the compilation of a new document.
"""
FLOOR = 16
"""The limit never falls below this, or the processor would idle while departments reply."""
GROWTH = 50
"""Each tick in time raises the limit by 1 + limit / GROWTH."""


class LoopLag:
    """Measures every 50 ms how late the event loop is, and calls `on_tick` with the seconds."""

    def __init__(self, on_tick: Callable[[float], None]) -> None:
        self._on_tick = on_tick
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Start measuring. Requires a running event loop."""
        self._schedule()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _schedule(self) -> None:
        # Not loop.time(): uvloop updates it once per iteration, so it would hide the lag.
        self._due = time.monotonic() + TICK_SECONDS
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        lag = max(0.0, time.monotonic() - self._due)
        self._schedule()
        self._on_tick(lag)


class ConcurrencyLimit:
    """Limit with additive increase and multiplicative decrease, as in TCP.

    Only the lag of the event loop lowers it. Operations that wait for a slow department cause no
    lag, so they do not lower it.

    Args:
        most: upper bound of the limit.

    Attributes:
        limit: number of operations that may run at once now.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._floor = min(FLOOR, most)
        self._late = 0.0
        self.limit = most

    def update(self, lag: float, running: int) -> None:
        """Adjust the limit after a tick that was `lag` seconds late."""
        if lag <= LAG_SECONDS:
            self._late = 0.0
            self.limit = min(self._most, self.limit + 1 + self.limit // GROWTH)
            return
        self._late += lag
        if self._late >= LATE_SECONDS:
            # Reduce only slightly: many of the running operations may be waiting for a department.
            self.limit = min(self.limit, max(self._floor, running * 9 // 10))
