"""How late the event loop is: what asks for the processor when there is too little of it."""

import asyncio
import time
from collections.abc import Callable

TICK_SECONDS = 0.05


class LoopLag:
    """Wakes every 50 ms and tells how many seconds later than that it was.

    Args:
        on_tick: called with the lag in seconds.
    """

    def __init__(self, on_tick: Callable[[float], None]) -> None:
        self._on_tick = on_tick
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def start(self) -> None:
        """Needs a running event loop."""
        self._wait()

    def stop(self) -> None:
        if self._timer:
            self._timer.cancel()

    def _wait(self) -> None:
        # The loop's own clock stands still within one round of it, and so would not see the lag.
        self._due = time.monotonic() + TICK_SECONDS
        self._timer = asyncio.get_running_loop().call_later(TICK_SECONDS, self._tick)

    def _tick(self) -> None:
        lag = max(0.0, time.monotonic() - self._due)
        self._wait()
        self._on_tick(lag)
