"""Runs statements on a department's database, and reads their rows within a limit of bytes."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

AT_ONCE = 200
SMALL = 16
"""Bytes that a value of a fixed size is counted as: a number, a date."""


class StatementReader(Protocol):
    """Runs statements in read-only sessions. Raises `DepartmentError` only."""

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        """At most so many rows, each of which gives a column by `get(name)` and `[name]`."""

    async def close(self) -> None: ...


class TooManyBytesError(Exception):
    """The reply has more bytes than may be; the connection still holds the rest of it."""


async def read_streamed(
    connection: AsyncConnection,
    clause: Executable,
    values: Mapping[str, object],
    most_rows: int,
    most_bytes: int,
) -> list[Mapping[str, Any]]:
    """At most so many rows; raises `TooManyBytesError`."""
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
            # No more than would fit, were they all as large as the largest so far.
            largest = max(largest, *sizes)
            fitting = max(1, (most_bytes - received) // largest)
            at_once = min(AT_ONCE, most_rows - len(rows), fitting)
    return rows


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | bytes) else SMALL
