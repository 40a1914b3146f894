"""Opens, migrates and closes the hub's database."""

import asyncio
import math
import os
import time
from contextlib import AbstractAsyncContextManager, nullcontext
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, DisconnectionError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.sqlite_library import may_lose_commits, sqlite3
from hub.store.migrations import NewerDatabaseError, migrate
from hub.store.sqlite_driver import SqliteDriver

# Exceptions of statements when the database is unreachable or rejects them.
STORE_FAILURES = (SQLAlchemyError, OSError, asyncpg.PostgresError)

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0
IDLE_SECONDS = 2.0
"""A connection to PostgreSQL that was idle for longer is tried before it is used."""


class StoreError(Exception):
    """The database cannot be used. The message shows the hub's operator what to correct."""


class Store:
    """The open database.

    Attributes:
        engine: runs statements; only in the event loop that opened the store.
        reader: the same engine for statements that change nothing. It begins no transactions,
            which saves calls of the database.
        writer: held by the transaction that writes, if the database is SQLite, which has one writer
            at a time. Waiting here is fair and quick; SQLite's own waiting is neither.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.writer: AbstractAsyncContextManager[None] = nullcontext()
        if engine.dialect.name == "postgresql":
            self.reader = engine.execution_options(isolation_level="AUTOCOMMIT")
        else:
            self.reader = engine.execution_options(sqlite_begin=None)
            self.writer = asyncio.Lock()

    def insert_new(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an insert that skips rows with an existing primary key."""
        return self.upsert(table).on_conflict_do_nothing()

    def upsert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """Return an insert that has the method `on_conflict_do_update`."""
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def close(self) -> None:
        await self.engine.dispose()


async def open_store(database_url: str) -> Store:
    """Open the database and migrate it to this release's revision.

    Args:
        database_url: `sqlite+aiosqlite:///FILE` or
            `postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE`.

    Raises:
        StoreError: the URL is wrong, the database does not work, or a newer release migrated it.
    """
    url = _supported(database_url)
    engine = _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgresql_engine(url)
    shown = url.render_as_string(hide_password=True)
    try:
        async with engine.connect() as connection:
            # Lock before the revision is read, so that two hubs on one file do not both migrate.
            await connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            async with connection.begin():
                await connection.run_sync(migrate)
    except NewerDatabaseError as error:
        await engine.dispose()
        raise StoreError(
            f"The database {shown} has revision {error}, which this release does not "
            "know: a newer Citizen Hub has migrated it. Run that release, or set HUB_DATABASE_URL "
            "to another database."
        ) from None
    except (TimeoutError, *STORE_FAILURES) as error:
        await engine.dispose()
        raise StoreError(
            f"The database {shown} cannot be used ({failure_text(error)}). Correct "
            "HUB_DATABASE_URL, or check that the database exists and is writable."
        ) from None
    return Store(engine)


def failure_text(error: BaseException) -> str:
    """Return the error's reason in one line, without SQL statements and their parameters."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    return lines[0].rpartition(">: ")[2] if lines else type(cause).__name__


def _supported(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise StoreError(
            "HUB_DATABASE_URL is not a database URL. Set it to sqlite+aiosqlite:///FILE or "
            "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE."
        ) from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise StoreError(
            f"HUB_DATABASE_URL has the unsupported driver {url.drivername!r}. "
            "Use sqlite+aiosqlite or postgresql+asyncpg."
        )
    return url.set(drivername=driver)


def _postgresql_engine(url: URL) -> AsyncEngine:
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
    )

    @event.listens_for(engine.sync_engine, "checkin")
    def note_time(_connection: object, record: Any) -> None:
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine.sync_engine, "checkout")
    def check(connection: Any, record: Any, _proxy: object) -> None:
        # A ping takes three calls of the database, as long as most transactions.
        is_closed = connection.driver_connection.is_closed()
        idle = time.monotonic() - record.info.get("idle_since", math.inf)
        if not is_closed and IDLE_SECONDS < idle < math.inf:
            try:
                connection.ping()
            except Exception:
                is_closed = True
        if is_closed:
            raise DisconnectionError

    return engine


def _sqlite_engine(url: URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        _check_library()
        _create_private(Path(url.database))
    engine = create_async_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": CONNECT_SECONDS},
        module=SqliteDriver(),
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # SQLAlchemy begins transactions: the driver would do it late, and not before CREATE TABLE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        statement = connection.get_execution_options().get("sqlite_begin", "BEGIN")
        if statement is not None:
            connection.exec_driver_sql(statement)

    return engine


def _check_library() -> None:
    if may_lose_commits(sqlite3.sqlite_version_info):
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} can lose commits (the WAL-reset bug of 3.7.0 to "
            "3.51.2). Install the package pysqlite3, which contains a newer SQLite, or SQLite "
            "3.51.3, or set HUB_DATABASE_URL to a PostgreSQL database."
        )


def _create_private(file: Path) -> None:
    """Create the file, readable by its owner only. Opening it reports any failure."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return
