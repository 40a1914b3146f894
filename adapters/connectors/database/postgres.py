"""Reads PostgreSQL through asyncpg itself: a statement of a hundred rows costs a third of what it
costs through SQLAlchemy, which still compiles the statements (docs/decisions/0005)."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

import asyncpg
from sqlalchemy import URL, TextClause
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.connectors.database.bounded import BoundedConnection
from adapters.connectors.database.reading import failure_of
from adapters.connectors.database.statements import values_for
from adapters.contract import DepartmentError, ReplyTooLargeError

CLOSE_SECONDS = 2.0
"""A database that hangs must not keep the hub from stopping."""

Written = Callable[[Mapping[str, object]], tuple[str, Sequence[object]]]
"""A statement as PostgreSQL takes it, with `$1`, and the values of those."""


class PostgresReader:
    """`StatementReader` over a pool of asyncpg connections, in read-only sessions.

    Args:
        department: identifier, for errors.
        url: the database's.
        statements: by capability.
        connections: most connections open at once.
        deadline: seconds that a statement, and the making of a connection, may take.
        most_rows: rows that may be.
        reply_bytes: most bytes for one statement.
    """

    def __init__(
        self,
        department: str,
        url: URL,
        statements: Mapping[str, TextClause],
        *,
        connections: int,
        deadline: float,
        most_rows: int,
        reply_bytes: int,
    ) -> None:
        self._department = department
        self._most_rows = most_rows
        self._reply_bytes = reply_bytes
        new_dialect: Any = asyncpg_dialect.dialect
        dialect = new_dialect()
        self._statements = {
            name: _written(each, each.compile(dialect=dialect)) for name, each in statements.items()
        }
        _, connect = dialect.create_connect_args(url)
        self._options: dict[str, Any] = {
            **connect,
            "min_size": 0,
            "max_size": connections,
            "timeout": deadline,
            "server_settings": {
                "application_name": "citizen-hub",
                "default_transaction_read_only": "on",
                "statement_timeout": str(int(deadline * 1000)),
            },
        }
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def read(self, capability: str, bindings: Mapping[str, object]) -> Sequence[Any]:
        sql, values = self._statements[capability](bindings)
        try:
            return await self._fetch(sql, values)
        except _BrokenConnectionError:
            pass
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise failure_of(self._department, error) from None
        # The pool held a connection of before a restart: now every connection is made anew.
        await (await self._opened()).expire_connections()
        try:
            return await self._fetch(sql, values)
        except _BrokenConnectionError as error:
            raise failure_of(self._department, error.cause) from None
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise failure_of(self._department, error) from None

    async def _fetch(self, sql: str, values: Sequence[object]) -> Sequence[Any]:
        pool = self._pool or await self._opened()
        async with pool.acquire() as connection:
            replies = connection.replies
            replies.begin()
            try:
                rows = await connection.fetch(sql, *values)
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
                if replies.exceeded:
                    raise self._too_large() from None
                if connection.is_closed():
                    raise _BrokenConnectionError(error) from None
                raise
        return cast("Sequence[Any]", rows[: self._most_rows + 1])

    def _too_large(self) -> DepartmentError:
        return ReplyTooLargeError(
            self._department, f"{self._department} sent more than {self._reply_bytes:,} bytes."
        )

    async def _opened(self) -> asyncpg.Pool:
        # Not in __init__: a pool belongs to the event loop that it is opened in.
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._options,
                    connection_class=BoundedConnection,
                    init=self._bound,
                    reset=_leave_as_it_is,
                )
            return self._pool

    async def _bound(self, connection: BoundedConnection) -> None:
        connection.bound(self._reply_bytes)

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class _BrokenConnectionError(Exception):
    """A connection broke while a statement ran on it; `cause` is what the driver said."""

    def __init__(self, cause: Exception) -> None:
        super().__init__(str(cause))
        self.cause = cause


async def _leave_as_it_is(_connection: asyncpg.Connection) -> None:
    """A read-only session, one statement at a time, leaves nothing to be reset: spares a call."""


def _written(statement: TextClause, compiled: SQLCompiler) -> Written:
    """The statement by its values; one with lists of unknown length is written anew each time."""
    names = compiled.positiontup or []
    if not any(parameter.expanding for parameter in statement._bindparams.values()):
        sql = str(compiled)
        return lambda bindings: (sql, [bindings.get(name) for name in names])

    def write(bindings: Mapping[str, object]) -> tuple[str, Sequence[object]]:
        expanded = compiled.construct_expanded_state(values_for(statement, bindings))
        return expanded.statement, expanded.positional_parameters

    return write
