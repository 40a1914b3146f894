"""Fills the registers: in MariaDB with the account that the hub reads with, or in SQLite."""

import re
import sqlite3
from pathlib import Path

from mocks.civil_registration.rows import Row
from mocks.civil_registration.server import Server
from mocks.civil_registration.tables import TABLES, Table

DATABASE = "ulb"
READER = "hub_reader"
READER_PASSWORD = "hub-reader"
_CHAR = re.compile(r"CHAR\((\d+)\)")
PROCEDURE = """CREATE PROCEDURE births_of(IN persons TEXT)
READS SQL DATA
SELECT * FROM bd_appl WHERE FIND_IN_SET(TRIM(pers_no), persons) ORDER BY upd_ts"""


async def load(server: Server, rows: dict[str, list[Row]]) -> None:
    """Database, tables, rows, a stored procedure, and a reader who may only read."""
    connection = await server.connect()
    try:
        async with connection.cursor() as cursor:
            # CHAR is compared with its blanks there, as the old application wants it.
            await cursor.execute(f"CREATE DATABASE {DATABASE} COLLATE utf8mb4_nopad_bin")
            await cursor.execute(f"USE {DATABASE}")
            await cursor.execute("SET SESSION sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
            for table in TABLES:
                await cursor.execute(table.definition())
                places = ", ".join(["%s"] * len(table.columns))
                if rows[table.name]:
                    await cursor.executemany(
                        f"INSERT INTO {table.name} VALUES ({places})", rows[table.name]
                    )
                for columns in table.indexes:
                    await cursor.execute(f"ALTER TABLE {table.name} ADD INDEX ({columns})")
            await cursor.execute(PROCEDURE)
            user = f"{READER}@localhost"
            await cursor.execute(f"CREATE USER {user} IDENTIFIED BY '{READER_PASSWORD}'")
            await cursor.execute(f"GRANT SELECT, EXECUTE ON {DATABASE}.* TO {user}")
            await cursor.execute("SET GLOBAL sql_mode = 'PAD_CHAR_TO_FULL_LENGTH'")
    finally:
        await connection.ensure_closed()


def write_sqlite(path: Path, rows: dict[str, list[Row]]) -> None:
    """Writes the file anew, CHAR columns padded as MariaDB shows them."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for table in TABLES:
            database.execute(table.definition())
            places = ", ".join("?" * len(table.columns))
            padded = (_padded(table, row) for row in rows[table.name])
            database.executemany(f"INSERT INTO {table.name} VALUES ({places})", padded)
            for nth, columns in enumerate(table.indexes):
                database.execute(f"CREATE INDEX {table.name}_{nth} ON {table.name} ({columns})")
    database.close()


def _padded(table: Table, row: Row) -> Row:
    return tuple(
        value.ljust(int(width[1])) if value is not None and (width := _CHAR.match(kind)) else value
        for value, (_, kind) in zip(row, table.columns, strict=True)
    )
