"""Reads a department's database: bound parameters only, in read-only sessions."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.engine import make_url

from adapters.connectors.database.engine import EngineReader
from adapters.connectors.database.postgres import PostgresReader
from adapters.connectors.database.reading import StatementReader
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings
from adapters.connectors.database.statements import statements_of
from adapters.connectors.setup import Setup
from adapters.connectors.wire import RowsOfReply
from adapters.contract import CallContext
from adapters.mapping.access import Shape

_DRIVERS = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
TOTAL_COLUMN = "total_count"


class DatabaseConnector:
    """The `database` connector of one department; raises `SetupError`."""

    def __init__(self, setup: Setup[DatabaseSettings, DatabaseCall]) -> None:
        self._reader = _reader(setup)
        self._abandoned: set[asyncio.Task[Any]] = set()

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        rows = await self._read(capability, bindings)
        total = rows[0].get(TOTAL_COLUMN) if rows else None
        return RowsOfReply(rows, int(total) if total is not None else None)

    async def _read(self, capability: str, bindings: Mapping[str, object]) -> Sequence[Any]:
        """Runs in a task of its own: a driver may take seconds to give up a connection that
        hangs, and a caller whose time is up must not wait for that."""
        task = asyncio.create_task(self._reader.read(capability, bindings))
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            task.cancel()
            self._abandoned.add(task)
            task.add_done_callback(self._forget)
            raise

    def _forget(self, task: asyncio.Task[Any]) -> None:
        self._abandoned.discard(task)
        if not task.cancelled():
            # Asked for, so that asyncio does not report it as never retrieved.
            task.exception()

    async def close(self) -> None:
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        await self._reader.close()


def _reader(setup: Setup[DatabaseSettings, DatabaseCall]) -> StatementReader:
    url = make_url(setup.settings.url)
    dialect = url.get_backend_name()
    if "+" not in url.drivername:
        url = url.set(drivername=_DRIVERS[dialect])
    statements = statements_of(setup.plans, dialect)
    if dialect != "postgresql":
        return EngineReader(setup.department, url, statements, setup.rows)
    return PostgresReader(
        setup.department,
        url,
        statements,
        connections=setup.connections,
        deadline=setup.deadline,
        most_rows=setup.rows,
        reply_bytes=setup.reply_bytes,
    )
