"""The access log in a SQLite file: one process, one connection, one thread.

SQLite before 3.44.6, 3.50.7 and 3.51.3 can lose commits in WAL mode when two connections write or
checkpoint at once. A lock on a file beside the database therefore admits one writing process.
Commands that only read open the file read-only; such a connection never checkpoints.
"""

import asyncio
import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any, Self, TypeVar

from hub.access.log.database import ConflictError, Row, Statement, definitions
from hub.sqlite_library import sqlite3
from hub.store import StoreError

T = TypeVar("T")

WORDS = {"blob": "BLOB", "integer": "INTEGER", "clustered": "WITHOUT ROWID"}
FIRST_TREE = 1
WAIT_SECONDS = 3.0
CACHE_KIBIBYTES = 16_384


class SQLiteDatabase:
    """`hub.access.log.database.Database` on a SQLite file."""

    def __init__(self, file: str, shown: str) -> None:
        self.shown = shown
        self._file = file
        self._lock: IO[bytes] | None = None
        self._thread = ThreadPoolExecutor(1, "access-log")
        self._connection: sqlite3.Connection

    @classmethod
    async def open(cls, file: str, shown: str) -> Self:
        """Open the file, and create it and its tables if they do not exist."""
        database = cls(file, shown)
        try:
            await database._run(database._connect)
        except BaseException:
            database._thread.shutdown(wait=False)
            raise
        return database

    @classmethod
    async def open_to_read(cls, file: str, shown: str) -> Self:
        """Open an existing file read-only, also while a hub writes it."""
        database = cls(file, shown)

        def connect() -> None:
            database._connection = sqlite3.connect(
                f"file:{file}?mode=ro", uri=True, isolation_level=None, timeout=WAIT_SECONDS
            )
            database._connection.execute("SELECT 1 FROM access_log_meta LIMIT 1")

        try:
            await database._run(connect)
        except BaseException:
            database._thread.shutdown(wait=False)
            raise
        return database

    def _connect(self) -> None:
        if self._file != ":memory:":
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self._file, os.O_CREAT | os.O_EXCL, 0o600))
            self._lock_file()
        connection = sqlite3.connect(self._file, isolation_level=None, timeout=WAIT_SECONDS)
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            # Without FULL, a power failure may undo the last commits.
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute(f"PRAGMA cache_size = -{CACHE_KIBIBYTES}")
            for each in definitions(WORDS):
                connection.execute(each)
        except BaseException:
            connection.close()
            raise
        self._connection = connection

    def _lock_file(self) -> None:
        lock = Path(f"{self._file}.lock").open("ab")  # noqa: SIM115
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise StoreError(
                f"Another process writes the access log {self.shown}. A SQLite file has one "
                "writer. Stop that hub, or set HUB_ACCESS_LOG_URL to a PostgreSQL database, which "
                "several hubs can share."
            ) from None
        self._lock = lock

    async def claim(self) -> int:
        return FIRST_TREE

    async def write(self, statements: Sequence[Statement]) -> None:
        await self._run(lambda: self._write(statements))

    def _write(self, statements: Sequence[Statement]) -> None:
        connection = self._connection
        connection.execute("BEGIN IMMEDIATE")
        try:
            for sql, rows, changes in statements:
                cursor = connection.executemany(sql, rows)
                if changes is not None and cursor.rowcount != changes:
                    raise ConflictError("another process has changed the tree")
            connection.execute("COMMIT")
        except BaseException:
            # After some errors, for example of a full disk, SQLite has already rolled back.
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    async def fetch(self, sql: str, *parameters: Any) -> Sequence[Row]:
        return await self._run(lambda: self._connection.execute(sql, parameters).fetchall())

    async def now_us(self) -> int:
        return time.time_ns() // 1000

    async def close(self) -> None:
        await self._run(self._connection.close)
        self._thread.shutdown()
        if self._lock is not None:
            self._lock.close()

    async def _run(self, function: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, function)
