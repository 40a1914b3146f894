"""Reads a department's database: bound parameters only, in read-only sessions."""

import asyncio
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.connectors.database.bounded import KEY, BoundedReplies
from adapters.connectors.database.dialects import Bounds
from adapters.connectors.database.engines import open_engine
from adapters.connectors.database.failures import error_of
from adapters.connectors.database.reading import TooManyBytesError, read_streamed
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings
from adapters.connectors.database.statements import Statement, compile_statement
from adapters.connectors.setup import Setup
from adapters.connectors.wire import RowsOfReply
from adapters.contract import CallContext, DepartmentError, ReplyTooLargeError
from adapters.mapping.access import Shape

TOTAL_COLUMN = "total_count"


class DatabaseConnector:
    """The `database` connector of one department; raises `SetupError`."""

    def __init__(self, setup: Setup[DatabaseSettings, DatabaseCall]) -> None:
        self._department = setup.department
        self._most_rows = setup.rows
        self._most_bytes = setup.reply_bytes
        bounds = Bounds(setup.connections, setup.deadline, setup.reply_bytes, setup.rows)
        self._engine = open_engine(setup.settings.url, bounds)
        self._dialect = self._engine.dialect.name
        self._abandoned: set[asyncio.Task[Any]] = set()
        self._statements = {
            name: compile_statement(name, plan.call, self._dialect, setup.timezone)
            for name, plan in setup.plans.items()
        }

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        statement = self._statements[capability]
        wanted = statement.values(bindings)
        try:
            rows = await self._read(statement, wanted, bindings.get("since"))
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self._error(error) from None
            # The pool held a connection of before a restart; it is emptied now.
            try:
                rows = await self._read(statement, wanted, bindings.get("since"))
            except (SQLAlchemyError, OSError) as again:
                raise self._error(again) from None
        except (SQLAlchemyError, OSError) as error:
            raise self._error(error) from None
        total = rows[0].get(TOTAL_COLUMN) if rows else None
        return RowsOfReply(rows, int(total) if total is not None else None)

    async def _read(
        self, statement: Statement, values: Mapping[str, object], since: object
    ) -> list[Mapping[str, Any]]:
        """Runs in a task of its own: a driver may take seconds to give up a connection that
        hangs, and a caller whose time is up must not wait for that."""
        task = asyncio.create_task(self._run(statement, values, since))
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

    async def _run(
        self, statement: Statement, values: Mapping[str, object], since: object
    ) -> list[Mapping[str, Any]]:
        if not statement.keyset:
            return await self._execute(statement.clause, values, self._most_rows + 1)
        rows: list[Mapping[str, Any]] = []
        # One more than may be: whoever asked sees that there are too many.
        while len(rows) <= self._most_rows:
            wanted = min(statement.page, self._most_rows + 1 - len(rows))
            page = statement.page_after(rows[-1] if rows else None, wanted, since)
            found = await self._execute(page, values, wanted)
            rows += found
            if len(found) < wanted:
                break
        return rows

    async def _execute(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> list[Mapping[str, Any]]:
        async with self._engine.connect() as connection:
            bounded = _bounded(connection)
            if bounded is None:
                return await self._stream(connection, clause, values, most_rows)
            try:
                result = await connection.execute(clause, values)
            except DBAPIError:
                if bounded.exceeded:
                    raise self._too_large() from None
                raise
            # Plain dicts: a mapping is asked for many columns, and SQLAlchemy's is slow to ask.
            columns = list(result.keys())
            found = result.fetchmany(most_rows)
            return [dict(zip(columns, row, strict=True)) for row in found]

    async def _stream(
        self,
        connection: AsyncConnection,
        clause: Executable,
        values: Mapping[str, object],
        most_rows: int,
    ) -> list[Mapping[str, Any]]:
        try:
            return await read_streamed(connection, clause, values, most_rows, self._most_bytes)
        except TooManyBytesError:
            # What is left of the reply is not waited for.
            await connection.invalidate()
            raise self._too_large() from None

    def _too_large(self) -> ReplyTooLargeError:
        return ReplyTooLargeError(
            self._department, f"{self._department} sent more than {self._most_bytes:,} bytes."
        )

    def _error(self, error: Exception) -> DepartmentError:
        return error_of(self._department, self._dialect, error)

    async def close(self) -> None:
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        await self._engine.dispose()


def _bounded(connection: AsyncConnection) -> BoundedReplies | None:
    """What counts the connection's bytes; to be asked for before it can break."""
    inner = connection.sync_connection
    return inner.info.get(KEY) if inner is not None else None
