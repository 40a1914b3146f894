"""Reads PostgreSQL directly through asyncpg.

A statement with a hundred rows takes a third of SQLAlchemy's time. SQLAlchemy only compiles the
statements (docs/decisions/0005).
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

import asyncpg
from sqlalchemy import URL, Executable, TextClause
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect
from sqlalchemy.sql.compiler import SQLCompiler

from adapters.connectors.database.bounded_replies import BoundedConnection
from adapters.connectors.database.dialects import Bounds
from adapters.connectors.database.failures import StaleConnectionError, read_again_if_stale
from adapters.connectors.database.postgres_values import codecs_of
from adapters.connectors.database.reader import too_large

ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)
CANCEL_SECONDS = 2.0
"""Time limit for cancelling a statement. After it, the connection is closed."""
CLOSE_SECONDS = 2.0
"""Time limit for closing the pool, so that a hanging database does not delay the hub's exit."""

CompiledStatement = Callable[[Mapping[str, object]], tuple[str, Sequence[object]]]
"""Function from named values to a statement with `$1`, `$2` … and the values for these."""


class Row(asyncpg.Record):  # type: ignore[misc]
    """A row as a mapping. Iteration yields column names, unlike asyncpg's own rows, which yield
    values."""

    __slots__ = ()

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())


Mapping.register(Row)


class PostgresReader:
    """`StatementReader` over a pool of asyncpg connections. It compiles `statements` in advance."""

    def __init__(
        self, department: str, url: URL, statements: Iterable[TextClause], bounds: Bounds
    ) -> None:
        self._department = department
        self._reply_bytes = bounds.reply_bytes
        self._codecs = codecs_of(bounds.timezone)
        new_dialect: Any = asyncpg_dialect.dialect
        self._dialect = new_dialect()
        # The statements are kept, so that no other object can have their `id()`.
        self._known = {id(each): (each, self._compile(each)) for each in statements}
        _, connect = self._dialect.create_connect_args(url)
        self._options: dict[str, Any] = {
            **connect,
            "min_size": 0,
            "max_size": bounds.connections,
            "timeout": bounds.seconds,
            "server_settings": {
                "application_name": "citizen-hub",
                "default_transaction_read_only": "on",
                "statement_timeout": str(int(bounds.seconds * 1000)),
            },
        }
        self._pool: asyncpg.Pool | None = None
        self._releases: set[asyncio.Task[None]] = set()
        self._opening = asyncio.Lock()
        self._connecting = asyncio.Lock()
        self._generation = 0

    def _compile(self, clause: Executable) -> CompiledStatement:
        return _compiled(clause, cast("Any", clause).compile(dialect=self._dialect))

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        known = self._known.get(id(clause))
        write = known[1] if known is not None else self._compile(clause)
        sql, bound = write(values)
        return await read_again_if_stale(
            lambda: self._fetch(sql, bound, most_rows), ERRORS, self._department, "postgresql"
        )

    async def _fetch(self, sql: str, values: Sequence[object], most_rows: int) -> Sequence[Any]:
        pool = self._pool or await self._opened()
        connection = await pool.acquire()
        # Read now: a lost connection goes back to the pool before it can be read.
        generation = connection.generation
        try:
            rows = await self._read(connection, sql, values, most_rows)
        except asyncio.CancelledError:
            self._release_in_background(pool, connection)
            raise
        except StaleConnectionError:
            await pool.release(connection)
            if generation == self._generation:
                # Replace the connections that are as old as the lost one, but no newer ones.
                self._generation += 1
                await pool.expire_connections()
            raise
        except BaseException:
            await pool.release(connection)
            raise
        await pool.release(connection)
        return rows

    async def _read(
        self, connection: BoundedConnection, sql: str, values: Sequence[object], most_rows: int
    ) -> Sequence[Any]:
        replies = connection.replies
        try:
            rows = await connection.fetch_most(sql, values, most_rows)
        except ERRORS as error:
            if replies.exceeded:
                raise too_large(self._department, self._reply_bytes) from None
            if replies.is_stale:
                raise StaleConnectionError(error) from None
            raise
        replies.complete()
        return rows

    def _release_in_background(self, pool: asyncpg.Pool, connection: BoundedConnection) -> None:
        """Cancel the statement in the background and return the connection to the pool.

        The connection is closed only if the database does not confirm in time: a new connection is
        expensive for both sides, but a hanging one must not block its slot in the pool.
        """

        async def release() -> None:
            with contextlib.suppress(TimeoutError, asyncpg.PostgresError, OSError):
                await pool.release(connection, timeout=CANCEL_SECONDS)

        task = asyncio.create_task(release())
        self._releases.add(task)
        task.add_done_callback(self._releases.discard)

    async def _opened(self) -> asyncpg.Pool:
        # Not in __init__: a pool belongs to the event loop in which it was opened.
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(
                    **self._options,
                    connect=self._connect,
                    connection_class=BoundedConnection,
                    record_class=Row,
                    init=self._bound,
                    reset=_skip_reset,
                )
            return self._pool

    async def _connect(self, *arguments: Any, **options: Any) -> asyncpg.Connection:
        """Connect one after another.

        PostgreSQL starts a process for each connection, which is expensive. When all connections
        break at once, they must not all be opened at once.
        """
        async with self._connecting:
            return await asyncpg.connect(*arguments, **options)

    async def _bound(self, connection: BoundedConnection) -> None:
        connection.bound(self._reply_bytes, self._generation, self._codecs)

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


async def _skip_reset(_connection: asyncpg.Connection) -> None:
    """Skip the reset: a read-only session with single statements has no state to reset."""


def _compiled(clause: Executable, compiled: SQLCompiler) -> CompiledStatement:
    """Return the statement as a function; lists of unknown length are expanded at every call."""
    names = compiled.positiontup or []
    if isinstance(clause, TextClause) and not any(
        parameter.expanding for parameter in clause._bindparams.values()
    ):
        sql = str(compiled)
        return lambda values: (sql, [values.get(name) for name in names])

    def write(values: Mapping[str, object]) -> tuple[str, Sequence[object]]:
        expanded = compiled.construct_expanded_state(dict(values))
        return expanded.statement, expanded.positional_parameters

    return write
