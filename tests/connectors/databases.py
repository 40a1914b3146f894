"""Real databases with one table of applications, each for the tests of one session."""

import socket
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mocks.calls import CallLog
from mocks.certificates.cluster import SUPERUSER, start_cluster
from mocks.civil_registration.server import start_server
from mocks.civil_registration.session import MARIADB_FAULTS, Session
from mocks.databases.proxy import Proxy
from mocks.faults import Switchboard

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
    """A running database: `sql` is a look-up by `person` in its dialect, `owner` the URL of who
    may do everything there."""

    name: str
    url: str
    sql: str
    switchboard: Switchboard | None = None
    owner: str = ""


async def start_postgresql() -> tuple[Database, Any]:
    cluster = start_cluster(None)
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
    url = f"postgresql://{READER}:{PASSWORD}@/postgres?host={cluster.workspace}"
    sql = "SELECT * FROM appl WHERE person = ANY(CAST(:keys AS bpchar[])) ORDER BY ref"
    owner = f"postgresql://{SUPERUSER}:{cluster.password}@/postgres?host={cluster.workspace}"
    return Database("postgresql", url, sql, owner=owner), cluster


async def start_mariadb() -> tuple[Database, Any, Proxy]:
    """Raises DatabaseMissingError."""
    server = start_server()
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
        # More than it should have: the session itself must refuse to write.
        await cursor.execute(f"GRANT ALL ON {DATABASE}.* TO {user}")
    await connection.ensure_closed()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()
    listener.setblocking(False)

    switchboard = Switchboard(MARIADB_FAULTS, 1)
    proxy = Proxy(server.socket_path, CallLog(), switchboard, Session)
    await proxy.start(listener)
    port = listener.getsockname()[1]
    url = f"mariadb://{READER}:{PASSWORD}@127.0.0.1:{port}/{DATABASE}"
    sql = "SELECT * FROM appl WHERE person IN :keys ORDER BY ref"
    return Database("mariadb", url, sql, switchboard), server, proxy


def write_sqlite(path: Path) -> Database:
    with sqlite3.connect(path) as database:
        database.execute(f"CREATE TABLE appl ({COLUMNS.format('TEXT')})")
        database.executemany(
            "INSERT INTO appl VALUES (?,?,?,?,?, datetime('2026-01-01', ? || ' minutes'))", ROWS
        )
    database.close()
    sql = "SELECT * FROM appl WHERE person IN :keys ORDER BY ref"
    return Database("sqlite", f"sqlite:///{path}", sql)
