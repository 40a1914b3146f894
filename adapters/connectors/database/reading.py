"""Reads a reply row by row, for drivers whose replies are not counted as they arrive."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.ext.asyncio import AsyncConnection

AT_ONCE = 200
SMALL = 16
"""Bytes that a value of a fixed size is counted as: a number, a date."""


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
        async for part in result.partitions(AT_ONCE):
            for row in part:
                received += sum(map(_size, row))
                rows.append(dict(zip(columns, row, strict=True)))
            if received > most_bytes:
                raise TooManyBytesError
            if len(rows) >= most_rows:
                break
    return rows[:most_rows]


def _size(value: object) -> int:
    return len(value) if isinstance(value, str | bytes) else SMALL
