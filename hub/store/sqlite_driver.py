"""The driver of the hub's SQLite databases for SQLAlchemy, with the library that keeps commits."""

import functools
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_dbapi,
)

from hub.sqlite_library import sqlite3

ERRORS = (
    "DatabaseError",
    "Error",
    "IntegrityError",
    "NotSupportedError",
    "OperationalError",
    "ProgrammingError",
)
ROWS_AT_ONCE = 64


class SqliteDriver(AsyncAdapt_aiosqlite_dbapi):
    """aiosqlite on the library of `hub.sqlite_library`. aiosqlite itself uses Python's library."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)
        for name in (*ERRORS, "sqlite_version", "sqlite_version_info"):
            setattr(self, name, getattr(sqlite3, name))

    def connect(self, *args: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        connector = functools.partial(sqlite3.connect, *args, **options)

        def new_connection() -> aiosqlite.Connection:
            connection = aiosqlite.Connection(connector, ROWS_AT_ONCE)
            # As in the default driver: the thread of a forgotten connection must not keep the
            # process alive.
            connection._thread.daemon = True
            return connection

        return super().connect(async_creator_fn=new_connection)
