"""A bound on what a PostgreSQL sends for one statement.

asyncpg keeps every row until the last has come: a statement without an end would take the hub's
memory. So what arrives is counted on its way to asyncpg; and what is more than a usual reply is
held back until its end has come: rows that are refused in the end need not be read.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Sequence
from typing import Any

import asyncpg

from adapters.connectors.database import failures

AT_ONCE = 1 << 16
"""Bytes of a reply that are read as they come."""
READY_FOR_QUERY = b"Z\0\0\0\5"
LAST_BYTES = len(READY_FOR_QUERY) + 1
"""The last message of every reply, which ends with the session's status (protocol 3, 55.7)."""


class BoundedReplies(asyncio.Protocol):
    """Stands between a connection's transport and asyncpg's protocol.

    Args:
        inner: asyncpg's protocol.
        transport: the connection's transport, cut when there is too much.
        most_bytes: most bytes for one statement.
    """

    def __init__(
        self, inner: asyncio.Protocol, transport: asyncio.Transport, most_bytes: int
    ) -> None:
        self._inner = inner
        self._transport = transport
        self.most_bytes = most_bytes
        self._received = 0
        self._held: deque[bytes] = deque()
        self._tail = b""
        self._has_ended = False
        self._idle_since = math.inf
        self._were_idle = 0.0
        self._are_lost = False

    @property
    def exceeded(self) -> bool:
        return self._received > self.most_bytes

    def begin(self) -> None:
        """Counts from nothing again."""
        self._received = 0
        self._were_idle = time.monotonic() - self._idle_since

    def came_whole(self) -> None:
        """A reply was read to its end."""
        self._idle_since = time.monotonic()

    @property
    def went_stale(self) -> bool:
        """Whether the connection was good, then idle, and lost before a reply began."""
        return self._are_lost and not self._received and self._were_idle >= failures.STALE_SECONDS

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        # It may be cut anywhere: also within the last message.
        self._tail = (self._tail + data[-LAST_BYTES:])[-LAST_BYTES:]
        if self._received > self.most_bytes:
            self._held.clear()
            self._transport.abort()
        elif self._received <= AT_ONCE and not self._held:
            self._inner.data_received(data)
        else:
            self._held.append(data)
            if self._tail.startswith(READY_FOR_QUERY) and not self._has_ended:
                self._has_ended = True
                self._hand_over()

    def _hand_over(self) -> None:
        """A piece in each round of the loop: others have their turn between them."""
        if self._held:
            self._inner.data_received(self._held.popleft())
        if self._held:
            asyncio.get_running_loop().call_soon(self._hand_over)
        else:
            self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._are_lost = True
        while self._held and self._has_ended:
            self._inner.data_received(self._held.popleft())
        self._held.clear()
        self._inner.connection_lost(error)

    def eof_received(self) -> bool | None:
        return self._inner.eof_received()

    def pause_writing(self) -> None:
        self._inner.pause_writing()

    def resume_writing(self) -> None:
        self._inner.resume_writing()


class BoundedConnection(asyncpg.Connection):  # type: ignore[misc]
    """A connection with a bound on each reply, once `bound` has been called.

    Attributes:
        replies: what is counted of them.
        generation: how often all connections had been given up when it was made.
    """

    __slots__ = ("generation", "replies")

    replies: BoundedReplies
    generation: int

    async def fetch_most(self, sql: str, values: Sequence[object], most_rows: int) -> Sequence[Any]:
        """As `fetch`, but asks for no more than so many rows: more would all be read first."""
        found: Sequence[Any] = await self._execute(sql, values, most_rows, None)
        return found

    def bound(self, most_bytes: int, generation: int) -> None:
        self.generation = generation
        inner: Any = self._protocol
        self.replies = BoundedReplies(inner, self._transport, most_bytes)
        self._transport.set_protocol(self.replies)
