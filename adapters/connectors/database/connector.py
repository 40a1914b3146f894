"""Reads a department's database: bound parameters only, in read-only sessions."""

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.connectors.database.bounded import KEY, BoundedReplies, bound_replies
from adapters.connectors.database.settings import DatabaseCall, DatabaseSettings
from adapters.connectors.setup import Setup, SetupError
from adapters.connectors.wire import RowsOfReply
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentUnreachableError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from adapters.mapping.access import Shape
from schema.errors import DepartmentFault

_DRIVERS = {"postgresql": "postgresql+asyncpg", "sqlite": "sqlite+aiosqlite"}
_EXPANDING = re.compile(r"\bIN\s+:(\w+)", re.IGNORECASE)
TOTAL_COLUMN = "total_count"


class DatabaseConnector:
    """The `database` connector of one department; raises `SetupError`."""

    def __init__(self, setup: Setup[DatabaseSettings, DatabaseCall]) -> None:
        self._department = setup.department
        self._most_rows = setup.rows
        self._engine = _engine(setup.settings.url, setup.connections, setup.deadline)
        dialect = self._engine.dialect.name
        if dialect == "postgresql":
            bound_replies(self._engine, setup.reply_bytes)
        self._abandoned: set[asyncio.Task[Any]] = set()
        self._statements = {
            name: _statement(name, plan.call, dialect) for name, plan in setup.plans.items()
        }

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        statement = self._statements[capability]
        # A list that is not given is bound as an empty one: `IN :name` takes no null.
        wanted = {
            name: bindings.get(name, [] if parameter.expanding else None)
            for name, parameter in statement._bindparams.items()
        }
        try:
            rows = await self._read(statement, wanted)
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self._error(error) from None
            # The pool held a connection of before a restart; it is emptied now.
            try:
                rows = await self._read(statement, wanted)
            except (SQLAlchemyError, OSError) as again:
                raise self._error(again) from None
        except (SQLAlchemyError, OSError) as error:
            raise self._error(error) from None
        total = rows[0].get(TOTAL_COLUMN) if rows else None
        try:
            return RowsOfReply(rows, int(total) if total is not None else None)
        except (ValueError, TypeError):
            raise MalformedReplyError(
                self._department, f"{self._department}'s {TOTAL_COLUMN} is no number."
            ) from None

    async def _read(
        self, statement: TextClause, values: Mapping[str, object]
    ) -> list[Mapping[str, Any]]:
        """Runs in a task of its own: a driver may take seconds to give up a connection that
        hangs, and a caller whose time is up must not wait for that."""
        task = asyncio.create_task(self._execute(statement, values))
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

    async def _execute(
        self, statement: TextClause, values: Mapping[str, object]
    ) -> list[Mapping[str, Any]]:
        async with self._engine.connect() as connection:
            bounded = _bounded(connection)
            try:
                result = await connection.execute(statement, values)
            except DBAPIError:
                if bounded is not None and bounded.exceeded:
                    raise ReplyTooLargeError(
                        self._department,
                        f"{self._department} sent more than {bounded.most_bytes:,} bytes.",
                    ) from None
                raise
            # Plain dicts: a mapping is asked for many columns, and SQLAlchemy's is slow to ask.
            columns = list(result.keys())
            # One more than may be: whoever asked sees that there are too many.
            found = result.fetchmany(self._most_rows + 1)
            return [dict(zip(columns, row, strict=True)) for row in found]

    def _error(self, error: Exception) -> DepartmentError:
        cause = getattr(error, "orig", None) or error
        state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
        fault = DepartmentFault(f"SQLSTATE {state}") if state else None
        if state and state.startswith("28"):
            return DepartmentAuthError(
                self._department,
                f"{self._department}'s database refused the hub's credentials.",
                fault=fault,
            )
        if state is None or state.startswith(("08", "57")):
            return DepartmentUnreachableError(
                self._department, f"{self._department}'s database can't be reached.", fault=fault
            )
        return DepartmentFaultError(
            self._department, f"{self._department}'s database reports a failure.", fault=fault
        )

    async def close(self) -> None:
        if self._abandoned:
            await asyncio.wait(self._abandoned)
        await self._engine.dispose()


def _bounded(connection: AsyncConnection) -> BoundedReplies | None:
    """What counts the connection's bytes; to be asked for before it can break."""
    inner = connection.sync_connection
    return inner.info.get(KEY) if inner is not None else None


def _engine(url: str, connections: int, deadline: float) -> AsyncEngine:
    parsed = make_url(url)
    dialect = parsed.get_backend_name()
    if "+" not in parsed.drivername:
        parsed = parsed.set(drivername=_DRIVERS[dialect])
    options: dict[str, Any] = {}
    if dialect == "postgresql":
        options = {
            "pool_size": connections,
            "max_overflow": 0,
            "connect_args": {
                "timeout": deadline,
                "server_settings": {
                    "application_name": "citizen-hub",
                    "default_transaction_read_only": "on",
                    "statement_timeout": str(int(deadline * 1000)),
                },
            },
        }
    return create_async_engine(parsed, isolation_level="AUTOCOMMIT", **options)


def names_bound_by(call: DatabaseCall) -> set[str]:
    """Names of the bound parameters of its statements."""
    return {name for sql in call.sql.values() for name in text(sql)._bindparams}


def _statement(capability: str, call: DatabaseCall, dialect: str) -> TextClause:
    written = {str(name): sql for name, sql in call.sql.items()}
    sql = written.get(dialect) or written.get("any")
    if sql is None:
        raise SetupError(
            ("capabilities", capability, "call", "sql"),
            f"there is no statement for {dialect}",
            "write it under `sql`, or leave the capability out",
        )
    # The comment lets the department's own staff see in their logs what a statement is for.
    statement = text(f"/* {capability} */ {sql}")
    names: list[str] = _EXPANDING.findall(sql)
    expanding: list[Any] = [bindparam(name, expanding=True) for name in names]
    return statement.bindparams(*expanding) if expanding else statement
