"""The access log in PostgreSQL, which several hubs can share: each process writes its own tree."""

import asyncio
import re
import time
from collections.abc import Sequence
from functools import cache
from typing import Any, Self

import asyncpg

from hub.access.log.database import ConflictError, Row, Statement, definitions

WORDS = {"blob": "BYTEA", "integer": "BIGINT", "clustered": ""}
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0
LOCKS = 0x41434C47
"""First number of the advisory locks: 0 for the tables, otherwise the number of a tree."""
MOST_TREES = 1_000


class PostgreSQLDatabase:
    """`hub.access.log.database.Database` on PostgreSQL.

    A session lock on the connection that writes reserves the process's tree. If the connection
    breaks, another process may take the tree; the next write then fails and the log claims another.
    """

    def __init__(self, url: str, shown: str) -> None:
        self.shown = shown
        self._url = url
        self._writer: Any = None
        self._reader: Any = None
        self._writing = asyncio.Lock()
        self._reading = asyncio.Lock()
        self._ahead_us = 0
        self._measured = 0.0

    @classmethod
    async def open_to_read(cls, url: str, shown: str) -> Self:
        """Connect to an existing log."""
        database = cls(url, shown)
        database._writer = await database._connect()
        return database

    @classmethod
    async def open(cls, url: str, shown: str) -> Self:
        """Connect, and create the tables if they do not exist."""
        database = cls(url, shown)
        connection = await database._connect()
        async with connection.transaction():
            # Two hubs that start together must not create the tables together.
            await connection.execute(f"SELECT pg_advisory_xact_lock({LOCKS}, 0)")
            for each in definitions(WORDS):
                await connection.execute(each)
        database._writer = connection
        return database

    async def _connect(self) -> Any:
        return await asyncpg.connect(
            self._url, timeout=CONNECT_SECONDS, command_timeout=STATEMENT_SECONDS
        )

    async def claim(self) -> int:
        async with self._writing:
            connection = await self._connected_writer()
            for tree in range(1, MOST_TREES):
                query = "SELECT pg_try_advisory_lock($1, $2)"
                if await connection.fetchval(query, LOCKS, tree):
                    return tree
        raise ConflictError(f"{MOST_TREES} processes write the access log")

    async def write(self, statements: Sequence[Statement]) -> None:
        async with self._writing:
            connection = await self._connected_writer()
            async with connection.transaction():
                for sql, rows, changes in statements:
                    if changes is None:
                        await connection.executemany(_numbered(sql), rows)
                        continue
                    for row in rows:
                        status: str = await connection.execute(_numbered(sql), *row)
                        if int(status.rpartition(" ")[2]) != changes:
                            raise ConflictError("another process has changed the tree")

    async def fetch(self, sql: str, *parameters: Any) -> Sequence[Row]:
        async with self._reading:
            if self._reader is None or self._reader.is_closed():
                self._reader = await self._connect()
            rows = await self._reader.fetch(_numbered(sql), *parameters)
        return [tuple(row) for row in rows]

    async def now_us(self) -> int:
        # The difference to the monotonic clock is kept for a minute, to save a call per checkpoint.
        now = time.monotonic()
        if not self._measured or now - self._measured > 60:
            query = "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)"
            ((current,),) = await self.fetch(query)
            self._measured = now = time.monotonic()
            self._ahead_us = int(current) - int(now * 1_000_000)
        return self._ahead_us + int(now * 1_000_000)

    async def close(self) -> None:
        for connection in (self._writer, self._reader):
            if connection is not None and not connection.is_closed():
                await connection.close(timeout=CONNECT_SECONDS)

    async def _connected_writer(self) -> Any:
        if self._writer.is_closed():
            self._writer = await self._connect()
        return self._writer


@cache
def _numbered(sql: str) -> str:
    """Return the statement with `$1`, `$2` … in place of each `?`."""
    parts = re.split(r"\?", sql)
    return "".join(part if index == 0 else f"${index}{part}" for index, part in enumerate(parts))
