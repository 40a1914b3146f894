"""Differences between database dialects: drivers, read-only sessions, limits of time and size.

| dialect | read-only by | time limit of a statement | size limit of a reply |
| --- | --- | --- | --- |
| postgresql | `default_transaction_read_only` | `statement_timeout` | as they arrive |
| mysql, mariadb | `SET SESSION TRANSACTION READ ONLY` | `max_statement_time` | row by row |
| sqlite | `mode=ro` and `query_only` | a progress handler | row by row, each value |
| oracle | `SET TRANSACTION READ ONLY` | `call_timeout` | row by row |
| mssql | the login's rights alone | the driver's query timeout | row by row |
"""

import datetime as dt
import importlib.util
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from adapters.connectors.setup import SetupError
from adapters.mapping.date_formats import modern_offset

BEGAN = "began"
"""Key in a connection's `info`: when it was taken from the pool, in monotonic seconds."""
SQLITE_STEPS = 20_000
"""Number of virtual machine instructions between two checks of the time limit."""
SQLITE_LIMIT_LENGTH = 0
HERE = ("connector", "url")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits for one department's database.

    Attributes:
        connections: maximum number of open connections.
        seconds: time limit of one statement.
        reply_bytes: maximum size of one reply, in bytes.
        rows: maximum number of rows in one reply.
        timezone: the department's zone, in which the database shows its moments.
    """

    connections: int
    seconds: float
    reply_bytes: int
    rows: int
    timezone: dt.tzinfo


@dataclass(frozen=True, slots=True)
class Dialect:
    """One database dialect.

    Attributes:
        driver: SQLAlchemy's name of dialect and driver.
        module: Python module of the driver.
        extra: extra of the hub's package that installs the driver; None if it is always installed.
        options: returns the options of the engine.
        url: returns the URL for the driver.
        prepare: registers the setup of new sessions that read.
        prepare_writes: registers the setup of new sessions that write.
    """

    driver: str
    module: str
    extra: str | None
    options: Callable[[Bounds], dict[str, Any]]
    url: Callable[[URL], URL] = lambda url: url
    prepare: Callable[[AsyncEngine, Bounds], None] = lambda _engine, _bounds: None
    prepare_writes: Callable[[AsyncEngine, Bounds], None] = lambda _engine, _bounds: None

    @property
    def is_installed(self) -> bool:
        return importlib.util.find_spec(self.module) is not None


def _pool(bounds: Bounds) -> dict[str, Any]:
    return {"pool_size": bounds.connections, "max_overflow": 0, "isolation_level": "AUTOCOMMIT"}


def _mysql(bounds: Bounds) -> dict[str, Any]:
    return _pool(bounds) | {
        "connect_args": {"connect_timeout": bounds.seconds, "charset": "utf8mb4"},
        # Old servers close idle connections.
        "pool_recycle": 3600,
    }


def _prepare_mysql(engine: AsyncEngine, bounds: Bounds, *, writes: bool = False) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("SELECT VERSION()")
        is_mariadb = "mariadb" in str(cursor.fetchone()[0]).lower()
        if not writes:
            cursor.execute("SET SESSION TRANSACTION READ ONLY")
        if is_mariadb:
            cursor.execute(f"SET SESSION max_statement_time = {bounds.seconds:.3f}")
        else:
            cursor.execute(f"SET SESSION max_execution_time = {int(bounds.seconds * 1000)}")
        # One row more than allowed, so that the caller sees that there are too many.
        cursor.execute(f"SET SESSION sql_select_limit = {bounds.rows + 1}")
        # The server converts TIMESTAMP columns to the session's zone. An offset always works; a
        # zone's name works only if the server's optional zone tables are filled.
        if (offset := modern_offset(bounds.timezone)) is not None:
            cursor.execute(f"SET SESSION time_zone = '{offset}'")
        cursor.close()


def _sqlite(bounds: Bounds) -> dict[str, Any]:
    return {"isolation_level": "AUTOCOMMIT", "connect_args": {"timeout": bounds.seconds}}


def _sqlite_url(url: URL) -> URL:
    """Open the file for reading only, so that a missing file is not created."""
    if not url.database or url.database == ":memory:" or url.database.startswith("file:"):
        return url
    return url.set(database=f"file:{url.database}").update_query_dict({"mode": "ro", "uri": "true"})


def _prepare_sqlite(engine: AsyncEngine, bounds: Bounds) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute("PRAGMA query_only = ON")
        cursor.close()

        def is_over() -> bool:
            began: float = record.info.get(BEGAN, time.monotonic())
            return time.monotonic() - began > bounds.seconds

        async def bound(driver: Any) -> None:
            await driver.set_progress_handler(is_over, SQLITE_STEPS)
            # Limits strings, blobs and rows. The driver has no public method for it.
            await driver._execute(driver._conn.setlimit, SQLITE_LIMIT_LENGTH, bounds.reply_bytes)

        connection.run_async(bound)

    @event.listens_for(engine.sync_engine, "checkout")
    def begin(_connection: Any, record: Any, _proxy: Any) -> None:
        record.info[BEGAN] = time.monotonic()


def _oracle(bounds: Bounds) -> dict[str, Any]:
    # No AUTOCOMMIT: only a transaction can be read-only in Oracle.
    return {
        "pool_size": bounds.connections,
        "max_overflow": 0,
        "connect_args": {"tcp_connect_timeout": bounds.seconds},
    }


def _limit_oracle(engine: AsyncEngine, bounds: Bounds) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.driver_connection.call_timeout = int(bounds.seconds * 1000)


def _prepare_oracle(engine: AsyncEngine, bounds: Bounds) -> None:
    _limit_oracle(engine, bounds)

    @event.listens_for(engine.sync_engine, "begin")
    def begin(connection: Any) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")


def _mssql(bounds: Bounds) -> dict[str, Any]:
    return _pool(bounds) | {"connect_args": {"timeout": max(1, round(bounds.seconds))}}


def _mssql_url(url: URL) -> URL:
    """Request a read-only replica, if there is one."""
    if "applicationintent" in {key.lower() for key in url.query}:
        return url
    return url.update_query_dict({"ApplicationIntent": "ReadOnly"})


def _prepare_mssql(engine: AsyncEngine, bounds: Bounds) -> None:
    @event.listens_for(engine.sync_engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        connection.driver_connection._conn.timeout = max(1, round(bounds.seconds))
        cursor = connection.cursor()
        cursor.execute(f"SET LOCK_TIMEOUT {int(bounds.seconds * 1000)}")
        cursor.close()


DIALECTS = {
    "sqlite": Dialect("sqlite+aiosqlite", "aiosqlite", None, _sqlite, _sqlite_url, _prepare_sqlite),
    "mysql": Dialect(
        "mysql+asyncmy",
        "asyncmy",
        "mysql",
        _mysql,
        prepare=_prepare_mysql,
        prepare_writes=partial(_prepare_mysql, writes=True),
    ),
    "oracle": Dialect(
        "oracle+oracledb_async",
        "oracledb",
        "oracle",
        _oracle,
        prepare=_prepare_oracle,
        prepare_writes=_limit_oracle,
    ),
    "mssql": Dialect(
        "mssql+aioodbc", "aioodbc", "mssql", _mssql, _mssql_url, _prepare_mssql, _prepare_mssql
    ),
}
"""Dialects by their name in a manifest's `sql`. `mariadb://` uses `mysql`. PostgreSQL has a reader
of its own."""


def parse_url(url: str) -> tuple[URL, str]:
    """Return the URL and the name of its dialect.

    Raises:
        SetupError: the text is not a database URL.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise SetupError(
            HERE, "this is not a database URL", "write dialect://user:password@host/name"
        ) from None
    name = parsed.drivername.partition("+")[0]
    return parsed, "mysql" if name == "mariadb" else name


def open_engine(
    url: URL, bounds: Bounds, *, writes: bool = False, commits: bool = False
) -> AsyncEngine:
    """Return an engine. It does not connect yet.

    Args:
        writes: whether its sessions may write. Then they begin transactions.
        commits: whether procedures commit by themselves, so that no transactions are begun.

    Raises:
        SetupError: the driver is missing or does not accept the URL.
    """
    name = url.drivername.partition("+")[0]
    dialect = DIALECTS["mysql" if name == "mariadb" else name]
    if not dialect.is_installed:
        raise SetupError(
            HERE,
            f"the driver for {name} is not installed",
            f"install the extra `{dialect.extra}`: pip install 'citizen-hub[{dialect.extra}]'",
        )
    url = url.set(drivername=dialect.driver)
    options = dialect.options(bounds)
    if writes:
        # A connection that was lost while it was idle must not make a write unclear.
        options["pool_pre_ping"] = True
    if writes and not commits:
        options.pop("isolation_level", None)
    try:
        engine = create_async_engine(
            url if writes else dialect.url(url), hide_parameters=True, **options
        )
    except ArgumentError as error:
        raise SetupError(HERE, f"{name} can't use this URL: {error}", "correct the URL") from None
    except (NoSuchModuleError, ImportError) as error:
        raise SetupError(
            HERE,
            f"the driver for {name} can't be loaded: {error}",
            "install the system libraries that the driver needs",
        ) from None
    (dialect.prepare_writes if writes else dialect.prepare)(engine, bounds)
    return engine
