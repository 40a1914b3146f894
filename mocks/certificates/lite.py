"""The revenue database as a SQLite file, for machines without a PostgreSQL wheel.

SQLite has no schemas: attach the file as `rev` and the hub's statements read the same. CHAR
columns are padded as PostgreSQL would show them. Calls are not counted and there are no faults.
"""

import re
import sqlite3
from datetime import date, datetime
from pathlib import Path

from mocks.certificates.rows import Row, Value
from mocks.certificates.tables import TABLES, Table

_CHAR = re.compile(r"CHAR\((\d+)\)")


def write_sqlite(path: Path, rows: dict[str, list[Row]]) -> None:
    """Writes the file anew."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for table in TABLES:
            database.execute(table.definition(table.name))
            places = ", ".join("?" * len(table.columns))
            padded = (_padded(table, row) for row in rows[table.name])
            insert = f"INSERT INTO {table.name} VALUES ({places})"
            database.executemany(insert, padded)
            for nth, columns in enumerate(table.indexes):
                database.execute(f"CREATE INDEX {table.name}_{nth} ON {table.name} ({columns})")
    database.close()


def _padded(table: Table, row: Row) -> tuple[str | int | None, ...]:
    return tuple(_stored(value, kind) for value, (_, kind) in zip(row, table.columns, strict=True))


def _stored(value: Value, kind: str) -> str | int | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    width = _CHAR.match(kind)
    return value.ljust(int(width[1])) if width and isinstance(value, str) else value
