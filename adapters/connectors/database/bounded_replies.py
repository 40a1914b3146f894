"""Limits the size of PostgreSQL's reply to one statement.

asyncpg keeps every row in memory until the last one arrives, so an endless reply would exhaust the
hub's memory. Bytes are therefore counted before asyncpg receives them. A large reply is also held
back until it is complete, because its rows need not be read if it exceeds the limit.
"""

import asyncio
import math
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import asyncpg

from adapters.connectors.database import failures
from adapters.connectors.database.postgres_values import Codec
from adapters.connectors.database.reader import decode_any_bytes

AT_ONCE = 1 << 16
"""Number of bytes of a reply that are passed on immediately."""
READY_FOR_QUERY = b"Z\0\0\0\5"
LAST_BYTES = len(READY_FOR_QUERY) + 1
"""Length of the last message of every reply. Its last byte is the session's status (protocol 3,
55.7)."""

_TEXTS = {25: "text", 1042: "bpchar", 1043: "varchar"}


class BoundedReplies(asyncio.Protocol):
    """Counts the bytes between a connection's transport and asyncpg's protocol.

    Args:
        inner: asyncpg's protocol.
        transport: transport of the connection; aborted if a reply is too large.
        most_bytes: maximum size of one reply, in bytes.
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
        self._idle_seconds = 0.0
        self._is_lost = False

    @property
    def exceeded(self) -> bool:
        """True if the reply was too large."""
        return self._received > self.most_bytes

    def begin(self) -> None:
        """Start to count a new reply."""
        self._received = 0
        self._idle_seconds = time.monotonic() - self._idle_since

    def complete(self) -> None:
        """Record that a reply was read completely."""
        self._idle_since = time.monotonic()

    @property
    def is_stale(self) -> bool:
        """True if the connection was idle for long and was lost before a reply began."""
        return self._is_lost and not self._received and self._idle_seconds >= failures.STALE_SECONDS

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        # The data may be split anywhere, even inside the last message.
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
        """Pass on one piece per iteration of the event loop, so that other tasks can run."""
        if self._held:
            self._inner.data_received(self._held.popleft())
        if self._held:
            asyncio.get_running_loop().call_soon(self._hand_over)
        else:
            self._has_ended = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._inner.connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._is_lost = True
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
    """A connection that limits the size of each reply after `bound` was called.

    Attributes:
        replies: counter of the replies' bytes.
        generation: how often the pool had replaced all connections when this one was made.
        reads_any_bytes: whether `read_any_bytes` was called.
    """

    __slots__ = ("generation", "reads_any_bytes", "replies")

    replies: BoundedReplies
    generation: int
    reads_any_bytes: bool

    async def fetch_most(self, sql: str, values: Sequence[object], most_rows: int) -> Sequence[Any]:
        """Return at most `most_rows` rows. `fetch` would read all rows first.

        The statement is run again with other codecs if a text is not UTF-8.
        """
        found: Sequence[Any]
        self.replies.begin()
        try:
            found = await self._execute(sql, values, most_rows, None)
        except asyncpg.CharacterNotInRepertoireError:
            if not await self.read_any_bytes():
                raise
            self.replies.begin()
            found = await self._execute(sql, values, most_rows, None)
        return found

    async def read_any_bytes(self) -> bool:
        """Decode texts that are not UTF-8, too, from now on. Return whether this is new.

        A database without an encoding (SQL_ASCII) otherwise refuses to send a reply with such a
        text.
        """
        if self.reads_any_bytes:
            return False
        self.reads_any_bytes = True
        for oid, name in _TEXTS.items():
            self._add_codec(oid, name, str.encode, decode_any_bytes, "binary")
        self._drop_local_statement_cache()
        await self.execute("SET client_encoding TO 'SQL_ASCII'")
        return True

    def _add_codec(
        self, oid: int, name: str, encode: Callable[..., Any], decode: Callable[..., Any], form: str
    ) -> None:
        # `set_type_codec` would send a statement for each type.
        settings = self._protocol.get_settings()
        settings.add_python_codec(oid, name, "pg_catalog", [], "scalar", encode, decode, form)

    def bound(self, most_bytes: int, generation: int, codecs: Iterable[Codec]) -> None:
        """Limit replies to `most_bytes`, and decode dates and times without errors."""
        for codec in codecs:
            self._add_codec(codec.oid, codec.name, codec.encode, codec.decode, "tuple")
        self.generation = generation
        self.reads_any_bytes = False
        inner: Any = self._protocol
        self.replies = BoundedReplies(inner, self._transport, most_bytes)
        self._transport.set_protocol(self.replies)
