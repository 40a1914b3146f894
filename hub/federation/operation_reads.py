"""The replies that one operation has received from departments."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from adapters.contract import Capability, LookUpReply, SearchReply

QUIET_TURNS = 20
"""Turns of the event loop without a call after which an operation makes no further calls: a level
of fields starts the next level within a few turns."""


class OperationReads:
    """The replies that one operation has received.

    Attributes:
        replies: department, capability and reply, in the order of arrival.
    """

    def __init__(self) -> None:
        self.replies: list[tuple[str, Capability, LookUpReply | SearchReply]] = []
        self._running = 0
        self._ended = asyncio.Event()

    @contextmanager
    def running(self) -> Iterator[None]:
        """Mark a call as running."""
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1
            if not self._running:
                self._ended.set()

    def note(
        self, department: str, capability: Capability, reply: LookUpReply | SearchReply
    ) -> None:
        """Keep a reply."""
        self.replies.append((department, capability, reply))

    async def settled(self) -> None:
        """Wait until the operation's other fields have made their calls.

        The response is sent after these calls anyway, so it is not delayed.
        """
        turns = 0
        while turns < QUIET_TURNS:
            if self._running:
                self._ended.clear()
                await self._ended.wait()
                turns = 0
            await asyncio.sleep(0)
            turns += 1
