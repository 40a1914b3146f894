"""Opens the hub's database, at whatever revision it is, and closes it."""

import os
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import URL, Table, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from hub.store.migrating import NewerDatabaseError, migrate

# What a statement raises when the database can't be reached or does not do it.
STORE_FAILURES = (SQLAlchemyError, OSError, asyncpg.PostgresError)

DRIVERS = {
    "sqlite": "sqlite+aiosqlite",
    "sqlite+aiosqlite": "sqlite+aiosqlite",
    "postgresql": "postgresql+asyncpg",
    "postgresql+asyncpg": "postgresql+asyncpg",
}
CONNECT_SECONDS = 5.0
STATEMENT_SECONDS = 15.0


class StoreError(Exception):
    """The database can't be used; the message is a sentence for who runs the hub."""


class Store:
    """The open database. Statements run on `engine`, in the event loop that opened it."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    def insert_new(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """An insert that leaves out the rows whose primary key is there already."""
        return self.upsert(table).on_conflict_do_nothing()

    def upsert(self, table: Table) -> "postgresql.Insert | sqlite.Insert":
        """An insert that can be told what to do with rows that are there already."""
        if self.engine.dialect.name == "postgresql":
            return postgresql.insert(table)
        return sqlite.insert(table)

    async def close(self) -> None:
        await self.engine.dispose()


async def open_store(database_url: str) -> Store:
    """The database at `database_url`, migrated; raises `StoreError`."""
    url = _supported(database_url)
    engine = _sqlite_engine(url) if url.get_backend_name() == "sqlite" else _postgresql_engine(url)
    shown = url.render_as_string(hide_password=True)
    try:
        async with engine.connect() as connection:
            # Reading the revision first must not leave two hubs on one file in each other's way.
            await connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            async with connection.begin():
                await connection.run_sync(migrate)
    except NewerDatabaseError as error:
        await engine.dispose()
        raise StoreError(
            f"the database {shown} is at revision {error.revision}, which this hub does not know: "
            "a newer Citizen Hub has used it; run that version, or name another database in "
            "HUB_DATABASE_URL."
        ) from None
    except (TimeoutError, *STORE_FAILURES) as error:
        await engine.dispose()
        raise StoreError(
            f"the database {shown} can't be used ({failure_text(error)}); correct "
            "HUB_DATABASE_URL, or see that the database is there and may be written."
        ) from None
    return Store(engine)


def failure_text(error: BaseException) -> str:
    """What went wrong in one line, without statements and their values."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    lines = str(cause).strip().splitlines()
    return lines[0].rpartition(">: ")[2] if lines else type(cause).__name__


def _supported(database_url: str) -> URL:
    try:
        url = make_url(database_url)
    except ArgumentError:
        raise StoreError(
            "HUB_DATABASE_URL is no URL of a database; write sqlite+aiosqlite:///FILE or "
            "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE."
        ) from None
    driver = DRIVERS.get(url.drivername)
    if driver is None:
        raise StoreError(
            f"HUB_DATABASE_URL names {url.drivername!r}; the hub keeps its tables in "
            "sqlite+aiosqlite or postgresql+asyncpg."
        )
    return url.set(drivername=driver)


def _postgresql_engine(url: URL) -> AsyncEngine:
    return create_async_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        connect_args={"timeout": CONNECT_SECONDS, "command_timeout": STATEMENT_SECONDS},
    )


def _sqlite_engine(url: URL) -> AsyncEngine:
    if url.database and url.database != ":memory:":
        _create_private(Path(url.database))
    engine = create_async_engine(
        url, hide_parameters=True, connect_args={"timeout": CONNECT_SECONDS}
    )

    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: object) -> None:
        # The driver would begin transactions late, and never before a CREATE TABLE.
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql(connection.get_execution_options().get("sqlite_begin", "BEGIN"))

    return engine


def _create_private(file: Path) -> None:
    """Makes the file readable to its owner only; a failure shows when it is opened."""
    try:
        os.close(os.open(file, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:
        return
