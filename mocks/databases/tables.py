"""Table definitions, for a database server or for the SQLite file that replaces it."""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

Value = str | int | bytes | date | datetime | None
Row = tuple[Value, ...]

_CHAR = re.compile(r"CHAR\((\d+)\)")


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """A table.

    Attributes:
        columns: pairs of name and SQL type.
        indexes: comma-separated column names, one text per index.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...]

    def column_names(self) -> list[str]:
        """Return the column names in the order of the rows' values."""
        return [name for name, _ in self.columns]

    def definition(self, qualified_name: str | None = None) -> str:
        """Return the CREATE TABLE statement."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        return f"CREATE TABLE {qualified_name or self.name} ({columns})"


def write_sqlite(
    path: Path, tables: Iterable[TableDefinition], rows: Mapping[str, Sequence[Row]]
) -> None:
    """Write a new file. CHAR values are padded to their width, as a server returns them.

    Args:
        rows: rows by table name.
    """
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for table in tables:
            database.execute(table.definition())
            parameters = ", ".join("?" * len(table.columns))
            padded = (_padded(table, row) for row in rows[table.name])
            database.executemany(f"INSERT INTO {table.name} VALUES ({parameters})", padded)
            for nth, columns in enumerate(table.indexes):
                database.execute(f"CREATE INDEX {table.name}_{nth} ON {table.name} ({columns})")
    database.close()


def _padded(table: TableDefinition, row: Row) -> tuple[str | int | bytes | None, ...]:
    return tuple(_stored(value, kind) for value, (_, kind) in zip(row, table.columns, strict=True))


def _stored(value: Value, kind: str) -> str | int | bytes | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    width = _CHAR.match(kind)
    return value.ljust(int(width[1])) if width and isinstance(value, str) else value
