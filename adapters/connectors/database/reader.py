"""Interface of database readers, and reading with a size limit through SQLAlchemy."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.contract import ReplyTooLargeError

AT_ONCE = 200
"""Maximum number of rows per fetch."""
SMALL = 16
"""Size in bytes that is assumed for numbers, dates and other values of a fixed size."""


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
