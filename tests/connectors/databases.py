"""Real databases with one table of applications. Each runs once per test session."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocks.call_counts import CallCounts
from mocks.certificates.postgresql import SUPERUSER, start_postgresql
from mocks.certificates.session import PostgresqlSession
from mocks.civil_registration.mariadb import start_mariadb
from mocks.civil_registration.session import MARIADB_FAULTS, MariadbSession
from mocks.databases.proxy import DatabaseProxy, MakeSession
from mocks.databases.server import DatabaseServer
from mocks.faults import DATABASE_FAULTS, Switchboard
from mocks.server import listen, port_of

DATABASE = "tested"
READER, PASSWORD = "reader", "reader-pw"
COLUMNS = (
    "ref CHAR(12), person CHAR(8), status CHAR(4), name VARCHAR(200), applied CHAR(10), chg {}"
)
ROWS: list[tuple[Any, ...]] = [
    *((f"T-{n:05d}", "MANY", "N", f"राम देवी {n}", "01/09/2026", n) for n in range(1000)),
    ("T-90001", "DEVA", "A", "सुनीता कुमारी", "02/09/2026", 1),
    ("T-90002", "NULLS", "A", None, None, 2),
    ("T-90003", "TWIN", "N", "RAM", "01/01/2026", 3),
    ("T-90003", "TWIN", "A", "RAM", "02/01/2026", 4),
    ("T-90004", "WRONG", "??", "RAM", "31/31/2026", 5),
    ("T-90005", "EMPTY", "N", "", "00/00/0000", 6),
]
PROCEDURE = """CREATE PROCEDURE of_persons(IN persons TEXT) READS SQL DATA
SELECT * FROM appl WHERE FIND_IN_SET(person, persons) ORDER BY ref"""


@dataclass(frozen=True, slots=True)
class Database:
    """A running database. `sql` is a look-up by `person` in its dialect."""

    name: str
    url: str
    sql: str


class RestartableProxy:
    """A database proxy on a fixed port that can be closed and reopened."""

    def __init__(self, socket_path: str, faults: Sequence[str], new_session: MakeSession) -> None:
        self.calls = CallCounts()
        self.switchboard = Switchboard(faults, 1)
        self.port = 0
        self._socket_path = socket_path
        self._new_session = new_session
        self._proxy: DatabaseProxy | None = None

    async def open(self) -> None:
        listener = listen("127.0.0.1", self.port)
        self.port = port_of(listener)
        self._proxy = DatabaseProxy(
            self._socket_path, self.calls, self.switchboard, self._new_session
        )
        await self._proxy.start(listener)

    async def close(self) -> None:
        assert self._proxy is not None
        await self._proxy.stop()

    async def reopen(self) -> None:
        """Close all connections, as a restart of the server does."""
        await self.close()
        await self.open()


@dataclass(frozen=True, slots=True)
class ServedDatabase(Database):
    """A database on a server. `owner` is the URL of an account with all rights."""

    server: DatabaseServer
    proxy: RestartableProxy
    owner: str = ""

    async def stop(self) -> None:
        await self.proxy.close()
        self.server.stop()


async def serve_postgresql() -> ServedDatabase:
    cluster = start_postgresql(None)
    await cluster.wait_until_ready()
    server = await cluster.connect("postgres")
    await server.execute(f"CREATE ROLE {READER} LOGIN PASSWORD '{PASSWORD}'")
    columns = COLUMNS.format("TIMESTAMP")
    await server.execute(f"CREATE TABLE appl ({columns})")
    await server.executemany(
        "INSERT INTO appl VALUES ($1,$2,$3,$4,$5,"
        "TIMESTAMP '2026-01-01' + CAST($6 AS int) * INTERVAL '1 minute')",
        ROWS,
    )
    await server.execute(f"GRANT SELECT ON appl TO {READER}")
    await server.close()
    proxy = RestartableProxy(cluster.socket_path, DATABASE_FAULTS, PostgresqlSession)
    await proxy.open()
    url = f"postgresql://{READER}:{PASSWORD}@127.0.0.1:{proxy.port}/postgres"
    sql = "SELECT * FROM appl WHERE person = ANY(CAST(:keys AS bpchar[])) ORDER BY ref"
    owner = f"postgresql://{SUPERUSER}:{cluster.password}@/postgres?host={cluster.workspace}"
    return ServedDatabase("postgresql", url, sql, cluster, proxy, owner)


async def serve_mariadb() -> ServedDatabase:
    """Start MariaDB; raise DatabaseMissingError if it is not installed."""
    server = start_mariadb()
    await server.wait_until_ready()
    connection = await server.connect()
    async with connection.cursor() as cursor:
        await cursor.execute(f"CREATE DATABASE {DATABASE}")
        await cursor.execute(f"USE {DATABASE}")
        await cursor.execute(f"CREATE TABLE appl ({COLUMNS.format('DATETIME')})")
        await cursor.executemany(
            "INSERT INTO appl VALUES (%s,%s,%s,%s,%s, '2026-01-01' + INTERVAL %s MINUTE)", ROWS
        )
        await cursor.execute(PROCEDURE)
        user = f"{READER}@localhost"
        await cursor.execute(f"CREATE USER {user} IDENTIFIED BY '{PASSWORD}'")
        # The account has too many rights, to prove that the session itself refuses to write.
        await cursor.execute(f"GRANT ALL ON {DATABASE}.* TO {user}")
    await connection.ensure_closed()
    proxy = RestartableProxy(server.socket_path, MARIADB_FAULTS, MariadbSession)
    await proxy.open()
    url = f"mariadb://{READER}:{PASSWORD}@127.0.0.1:{proxy.port}/{DATABASE}"
    sql = "SELECT * FROM appl WHERE person IN :keys ORDER BY ref"
    return ServedDatabase("mariadb", url, sql, server, proxy)


def write_sqlite(path: Path) -> Database:
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE appl ({COLUMNS.format('TEXT')})")
        database.executemany(
            "INSERT INTO appl VALUES (?,?,?,?,?, datetime('2026-01-01', ? || ' minutes'))", ROWS
        )
    database.close()
    sql = "SELECT * FROM appl WHERE person IN :keys ORDER BY ref"
    return Database("sqlite", f"sqlite:///{path}", sql)
