"""Runs the statements and procedures of a manifest in a department's database."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from typing import Any, TypeVar
from unicodedata import combining, normalize

from adapters.connectors.connector import Bindings, Connector, RowsOfReply
from adapters.connectors.database.dialects import Bounds, open_engine, parse_url
from adapters.connectors.database.postgres_reader import PostgresReader
from adapters.connectors.database.procedures import ProcedureWrites
from adapters.connectors.database.reader import SqlalchemyReader, StatementReader
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings
from adapters.connectors.database.statements import Statement, compile_statement
from adapters.connectors.setup import Setup
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import CallContext, MalformedReplyError
from adapters.mapping.access import Shape
from adapters.mapping.values import exact_number

TOTAL_COLUMN = "total_count"
ResultT = TypeVar("ResultT")


class DatabaseConnector(Connector):
    """The `database` connector of one department.

    Raises:
        SetupError: the URL, the driver or a statement is not usable.
    """

    def __init__(self, setup: Setup[DatabaseSettings, DatabaseCall]) -> None:
        self._department = setup.department
        self._most_rows = setup.rows
        # A search returns one page, so its total may be larger.
        self._look_ups = {name for name, plan in setup.plans.items() if plan.key is not None}
        self._abandoned: set[asyncio.Task[Any]] = set()
        self._reader, self._statements = _reader(setup)
        url, dialect = parse_url(setup.settings.url)
        self._writes = ProcedureWrites(
            setup.department, url, dialect, setup.writes, _bounds(setup), setup.timezone
        )

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        """Run the capability's statement.

        Raises:
            DepartmentError: the database failed, or the reply is too large or malformed.
        """
        statement = self._statements[capability]
        rows = await self._read(statement, statement.values(bindings), bindings.get("since"))
        written = rows[0].get(TOTAL_COLUMN) if rows else None
        if written is None:
            return RowsOfReply(rows)
        try:
            total = int(exact_number(str(written)))
        except (ValueError, OverflowError):
            raise MalformedReplyError(
                self._department, f"{self._department}'s {TOTAL_COLUMN} is not a number."
            ) from None
        missing = None
        if capability in self._look_ups and total > len(rows):
            missing = f"{len(rows):,} of {total:,} rows were received"
        return RowsOfReply(rows, total, missing=missing)

    async def _read(
        self, statement: Statement, values: Mapping[str, object], since: object
    ) -> Sequence[Any]:
        """Run the statement in a task of its own.

        A driver may take seconds to give up a hanging connection, and a caller with an expired
        deadline must not wait for that.
        """
        return await self._in_own_task(self._run(statement, values, since))

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        """Call the procedure of a write, and commit.

        Raises:
            DepartmentError: the connection failed, or the deadline has passed. `not_done` says
                whether the write certainly had no effect.
        """
        seconds = context.deadline - asyncio.get_running_loop().time()
        return await self._in_own_task(self._writes.write(capability, bindings, seconds))

    async def _in_own_task(self, work: Coroutine[Any, Any, ResultT]) -> ResultT:
        task = asyncio.create_task(work)
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
            # Otherwise asyncio logs an exception that was never retrieved.
            task.exception()

    async def _run(
        self, statement: Statement, values: Mapping[str, object], since: object
    ) -> Sequence[Any]:
        # One row more than allowed, so that the caller sees that there are too many.
        most = self._most_rows + 1
        if not statement.keyset:
            return await self._reader.fetch(statement.clause, values, most)
        rows: list[Any] = []
        async for page in self._pages(statement, values, since, most):
            rows += [row for row in page if statement.is_change(row, since)]
            if len(rows) >= most:
                break
        return rows

    async def _pages(
        self, statement: Statement, values: Mapping[str, object], since: object, most: int
    ) -> AsyncIterator[Sequence[Any]]:
        """Read page by page until a page is empty.

        A short page is not the last: a server may return fewer rows than requested. The rows at the
        end of a full page that may have the same keys as a row after it belong to the next page.

        Raises:
            MalformedReplyError: the keyset does not order the rows.
        """
        last: Any = None
        read: set[tuple[object, ...]] = set()
        size = statement.page
        while True:
            wanted = min(size, most) + 1
            page = statement.page_after(last, wanted, since)
            found = await self._reader.fetch(page, values, wanted)
            if not found:
                return
            if not read.isdisjoint(_keys(row, statement) for row in found):
                raise MalformedReplyError(
                    self._department,
                    f"{self._department}'s database sent a row again on the next page; "
                    f"the keyset {', '.join(statement.keyset)} does not order the rows.",
                )
            if len(found) == wanted and size < most:
                unique = _count_before_ties(found, statement)
                if not unique:
                    size *= 2
                    continue
                found = found[:unique]
            yield found
            last = found[-1]
            read.update(_keys(row, statement) for row in found)

    async def close(self) -> None:
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        await self._reader.close()
        await self._writes.close()


def _keys(row: Mapping[str, Any], statement: Statement) -> tuple[object, ...]:
    return tuple(_hashable(row[name]) for name in statement.keyset)


def _hashable(value: object) -> object:
    """Return a value that can be in a set: arrays of PostgreSQL are lists."""
    return tuple(map(_hashable, value)) if isinstance(value, list) else value


def _count_before_ties(rows: Sequence[Mapping[str, Any]], statement: Statement) -> int:
    """Return the number of rows before those with the same keys as the last row."""

    def folded(row: Mapping[str, Any]) -> list[object]:
        return [_folded(key) for key in _keys(row, statement)]

    last = folded(rows[-1])
    return next((n + 1 for n in reversed(range(len(rows))) if folded(rows[n]) != last), 0)


def _folded(key: object) -> object:
    """Return a key in a form in which texts are equal if they are equal in any collation."""
    if isinstance(key, tuple):
        return tuple(map(_folded, key))
    if not isinstance(key, str):
        return key
    return "".join(c for c in normalize("NFKD", key.casefold()) if not combining(c)).strip()


def _bounds(setup: Setup[DatabaseSettings, DatabaseCall]) -> Bounds:
    return Bounds(setup.connections, setup.deadline, setup.reply_bytes, setup.rows, setup.timezone)


def _reader(
    setup: Setup[DatabaseSettings, DatabaseCall],
) -> tuple[StatementReader, Mapping[str, Statement]]:
    bounds = _bounds(setup)
    url, dialect = parse_url(setup.settings.url)
    statements = {
        name: compile_statement(name, plan.call, dialect, setup.timezone)
        for name, plan in setup.plans.items()
    }
    if dialect == "postgresql":
        clauses = [statement.clause for statement in statements.values()]
        return PostgresReader(setup.department, url, clauses, bounds), statements
    engine = open_engine(url, bounds)
    return SqlalchemyReader(setup.department, engine, bounds.reply_bytes), statements
