"""The access log's database: the parts that SQLite and PostgreSQL share, and its tables."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import asyncpg
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from hub.sqlite_library import sqlite3
from hub.store import StoreError

Row = Sequence[Any]


class Statement(NamedTuple):
    """One SQL statement, run once for each row of parameters.

    Attributes:
        sql: the statement, with `?` for each parameter.
        rows: the parameters.
        changes: how many rows the statement must change; None if it does not matter.
    """

    sql: str
    rows: Sequence[Row]
    changes: int | None = None


class ConflictError(Exception):
    """Another process has changed the same tree. Nothing was written."""


LOG_FAILURES: tuple[type[BaseException], ...] = (
    sqlite3.Error,
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    ConflictError,
)
"""Exceptions of a database that is unreachable, full or refuses a statement."""


class Database(Protocol):
    """Runs statements. Every method raises one of `LOG_FAILURES` if the database fails."""

    @property
    def shown(self) -> str:
        """The database's address for messages, without its password."""

    async def claim(self) -> int:
        """Return the number of a tree that no other process writes, and reserve it."""

    async def write(self, statements: Sequence[Statement]) -> None:
        """Run the statements in one transaction, and return when it is on the disk.

        Raises:
            ConflictError: a statement changed fewer rows than it must.
        """

    async def fetch(self, sql: str, *parameters: Any) -> Sequence[Row]:
        """Return the rows of a query, with `?` for each parameter."""

    async def now_us(self) -> int:
        """Return the time of the database's clock, in microseconds since 1970 (UTC)."""

    async def close(self) -> None: ...


TABLES = (
    # Names and values that belong to the whole log: its id, generated keys, clock.
    "access_log_meta (name TEXT PRIMARY KEY, value {blob} NOT NULL)",
    # One Merkle tree per process that writes. Tree 0 has the checkpoints of the others.
    "access_log_tree (tree {integer} PRIMARY KEY, size BIGINT NOT NULL, frontier {blob} NOT NULL)",
    # The leaves. The id is `tree << 40 | index`. A body that retention has deleted is null.
    "access_log_leaf (id {integer} PRIMARY KEY, at_us BIGINT NOT NULL, hash {blob} NOT NULL,"
    " body {blob})",
    # Which bundles of 256 leaves have entries about a person. A bundle is `id >> 8`.
    "access_log_person (person {blob} NOT NULL, bundle BIGINT NOT NULL, at_us BIGINT NOT NULL,"
    " PRIMARY KEY (person, bundle)) {clustered}",
    # The secret of each person, encrypted. Without it, the person's entries cannot be found.
    "access_log_person_key (lookup {blob} PRIMARY KEY, key_id TEXT NOT NULL,"
    " person {blob} NOT NULL, secret {blob} NOT NULL)",
    # The sets of fields that entries name by their digest.
    "access_log_fields (digest {blob} PRIMARY KEY, content {blob} NOT NULL)",
    "access_log_checkpoint (tree BIGINT NOT NULL, size BIGINT NOT NULL, at_us BIGINT NOT NULL,"
    " note {blob} NOT NULL, PRIMARY KEY (tree, size))",
)
INDEXES = (
    "access_log_person_key_person ON access_log_person_key (person)",
    "access_log_checkpoint_at ON access_log_checkpoint (at_us)",
)


def definitions(words: Mapping[str, str]) -> list[str]:
    """Return the statements that create the tables, with a database's own words for types."""
    tables = [f"CREATE TABLE IF NOT EXISTS {each}" for each in TABLES]
    indexes = [f"CREATE INDEX IF NOT EXISTS {each}" for each in INDEXES]
    return [each.format_map(words) for each in (*tables, *indexes)]


def default_spill(url: str) -> Path:
    """Return the spill file of an access log with this URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return Path(f"{parsed.database}.spill")
    return Path("citizen-hub-access-log.spill")


def with_values(sql: str, count: int) -> str:
    """Return the statement with `count` parameters in place of `(?*)`."""
    return sql.replace("(?*)", f"({', '.join('?' * count)})")


async def open_database(url: str, *, read_only: bool = False) -> Database:
    """Open the access log's database and create its tables.

    Args:
        url: `sqlite+aiosqlite:///FILE` or `postgresql+asyncpg://…`.
        read_only: open an existing database to read it, also while a hub writes it.

    Raises:
        StoreError: the database cannot be used.
    """
    from hub.access.log.postgresql import PostgreSQLDatabase
    from hub.access.log.sqlite import SQLiteDatabase

    try:
        parsed = make_url(url)
        backend = parsed.get_backend_name()
    except ArgumentError:
        raise StoreError(
            "HUB_ACCESS_LOG_URL is not a database URL. Set it to sqlite+aiosqlite:///FILE or "
            "postgresql+asyncpg://USER:PASSWORD@HOST/DATABASE."
        ) from None
    shown = parsed.render_as_string(hide_password=True)
    if backend not in ("sqlite", "postgresql"):
        raise StoreError(
            f"HUB_ACCESS_LOG_URL has the unsupported driver {parsed.drivername!r}. Use "
            "sqlite+aiosqlite or postgresql+asyncpg."
        )
    try:
        if backend == "sqlite":
            open_file = SQLiteDatabase.open_to_read if read_only else SQLiteDatabase.open
            return await open_file(parsed.database or ":memory:", shown)
        plain = parsed.set(drivername="postgresql").render_as_string(hide_password=False)
        connect = PostgreSQLDatabase.open_to_read if read_only else PostgreSQLDatabase.open
        return await connect(plain, shown)
    except LOG_FAILURES as error:
        raise StoreError(
            f"The access log's database {shown} cannot be used ({reason_of(error)}). Correct "
            "HUB_ACCESS_LOG_URL, or check that the database exists and is writable."
        ) from None


def default_url(database_url: str) -> str:
    """Return the URL of the access log beside the hub's own database.

    For SQLite, a file of its own: other writers would delay each commit. For PostgreSQL, tables in
    the same database.
    """
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite" or not url.database or url.database == ":memory:":
        return database_url
    stem = url.database.removesuffix(".db")
    return url.set(database=f"{stem}-access-log.db").render_as_string(hide_password=False)


def reason_of(error: BaseException) -> str:
    """Return the first line of a database's error; the type of an error without a text."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
