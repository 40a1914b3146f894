"""Spreads the starts of deliveries, so that reading goes on evenly between them."""

import asyncio
from collections import deque

SPREAD_SECONDS = 0.7
"""Time over which deliveries start that came from the queues together."""
LONGEST_GAP = 0.04
"""Seconds between two starts if few wait."""


class Pace:
    """Lets deliveries start one after another.

    DBOS reads each queue once a second, so the deliveries of a second come together. If they also
    ran together, everybody who reads at that moment would wait for them.
    """

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._starter: asyncio.Task[None] | None = None

    async def turn(self) -> None:
        """Wait until it is the caller's turn to start."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        if self._starter is None:
            self._starter = asyncio.create_task(self._start_all())
        await turn

    async def _start_all(self) -> None:
        together = 1
        while self._waiting:
            together = max(together, len(self._waiting))
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                await asyncio.sleep(min(LONGEST_GAP, SPREAD_SECONDS / together))
        self._starter = None
