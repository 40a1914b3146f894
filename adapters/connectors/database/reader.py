"""Interface of database readers, and reading with a size limit through SQLAlchemy."""

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.connectors.database import failures
from adapters.connectors.database.failures import StaleConnectionError, read_again_if_stale
from adapters.contract import ReplyTooLargeError

AT_ONCE = 200
"""Maximum number of rows per fetch."""
SMALL = 16
"""Size in bytes that is assumed for numbers, dates and other values of a fixed size."""
UNDECODABLE = "Could not decode to UTF-8"
"""Text in SQLite's error about a text in another character set."""
IDLE_SINCE = "idle_since"
"""Key in a connection's `info`: when its last reply was read completely, in monotonic seconds."""


class StatementReader(Protocol):
    """Runs statements in read-only sessions."""

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        """Run a statement and return at most `most_rows` rows, as mappings.

        Raises:
            DepartmentError: the database failed, refused the statement or sent too much.
        """

    async def close(self) -> None:
        """Close all connections."""


class TooManyBytesError(Exception):
    """The reply is too large. The connection still has unread data."""


def too_large(department: str, most_bytes: int) -> ReplyTooLargeError:
    """Return the error for a reply of more than `most_bytes`."""
    return ReplyTooLargeError(department, f"{department} sent more than {most_bytes:,} bytes.")


async def read_streamed(
    connection: AsyncConnection,
    clause: Executable,
    values: Mapping[str, object],
    most_rows: int,
    most_bytes: int,
) -> list[Mapping[str, Any]]:
    """Run a statement and return at most `most_rows` rows.

    Raises:
        TooManyBytesError: the rows have more than `most_bytes`.
    """
    rows: list[Mapping[str, Any]] = []
    received = 0
    async with connection.stream(clause, values) as result:
        columns = list(result.keys())
        at_once = largest = 1
        while len(rows) < most_rows:
            part = await result.fetchmany(at_once)
            if not part:
                break
            sizes = [sum(map(_size, row)) for row in part]
            received += sum(sizes)
            if received > most_bytes:
                raise TooManyBytesError
            rows += (dict(zip(columns, row, strict=True)) for row in part)
            # Fetch only as many rows as fit if all are as large as the largest so far.
            largest = max(largest, *sizes)
            fitting = max(1, (most_bytes - received) // largest)
            at_once = min(AT_ONCE, most_rows - len(rows), fitting)
    return rows


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | bytes) else SMALL


def decode_any_bytes(value: bytes) -> str:
    """Decode a text that may not be UTF-8.

    A foreign byte becomes a lone surrogate, which is an invalid value in every field.
    """
    return value.decode(errors="surrogateescape")


@dataclass(frozen=True, slots=True)
class SqlalchemyReader:
    """`StatementReader` for all databases other than PostgreSQL.

    Attributes:
        reply_bytes: maximum size of one reply, in bytes.
    """

    department: str
    engine: AsyncEngine
    reply_bytes: int

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        return await read_again_if_stale(
            lambda: self._streamed(clause, values, most_rows),
            (SQLAlchemyError, OSError),
            self.department,
            self.engine.dialect.name,
        )

    async def _streamed(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        async with self.engine.connect() as connection:
            info = (await connection.get_raw_connection()).info
            was_idle = time.monotonic() - info.get(IDLE_SINCE, math.inf)
            try:
                rows = await self._decoded(connection, clause, values, most_rows)
            except BaseException as error:
                # The connection still has unread data, which the next statement must not read.
                await connection.invalidate()
                if isinstance(error, TooManyBytesError):
                    raise too_large(self.department, self.reply_bytes) from None
                is_lost = isinstance(error, DBAPIError) and error.connection_invalidated
                if is_lost and was_idle >= failures.STALE_SECONDS:
                    raise StaleConnectionError(error) from None
                raise
            info[IDLE_SINCE] = time.monotonic()
            return rows

    async def _decoded(
        self,
        connection: AsyncConnection,
        clause: Executable,
        values: Mapping[str, object],
        most_rows: int,
    ) -> Sequence[Any]:
        """Run a statement; run it again with another decoder if SQLite has a text not in UTF-8."""
        try:
            return await read_streamed(connection, clause, values, most_rows, self.reply_bytes)
        except OperationalError as error:
            if UNDECODABLE not in str(error.orig):
                raise
        raw = await connection.get_raw_connection()
        setattr(raw.driver_connection, "text_factory", decode_any_bytes)  # noqa: B010
        return await read_streamed(connection, clause, values, most_rows, self.reply_bytes)

    async def close(self) -> None:
        await self.engine.dispose()
