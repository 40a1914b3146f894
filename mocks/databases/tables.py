"""Tables as data, for a real server and for the SQLite file that stands in for it."""

import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

Value = str | int | date | datetime | None
Row = tuple[Value, ...]

_CHAR = re.compile(r"CHAR\((\d+)\)")


@dataclass(frozen=True, slots=True)
class TableDefinition:
    """`columns` are name and type; `indexes` are lists of columns."""

    name: str
    columns: tuple[tuple[str, str], ...]
    indexes: tuple[str, ...]

    def column_names(self) -> list[str]:
        """In the order of the rows."""
        return [name for name, _ in self.columns]

    def definition(self, qualified_name: str | None = None) -> str:
        """CREATE TABLE."""
        columns = ", ".join(f"{name} {kind}" for name, kind in self.columns)
        return f"CREATE TABLE {qualified_name or self.name} ({columns})"


def write_sqlite(
    path: Path, tables: Iterable[TableDefinition], rows: Mapping[str, Sequence[Row]]
) -> None:
    """Writes the file anew, CHAR columns padded as a server shows them."""
    path.unlink(missing_ok=True)
    with sqlite3.connect(path) as database:
        for table in tables:
            database.execute(table.definition())
            places = ", ".join("?" * len(table.columns))
            padded = (_padded(table, row) for row in rows[table.name])
            database.executemany(f"INSERT INTO {table.name} VALUES ({places})", padded)
            for nth, columns in enumerate(table.indexes):
                database.execute(f"CREATE INDEX {table.name}_{nth} ON {table.name} ({columns})")
    database.close()


def _padded(table: TableDefinition, row: Row) -> tuple[str | int | None, ...]:
    return tuple(_stored(value, kind) for value, (_, kind) in zip(row, table.columns, strict=True))


def _stored(value: Value, kind: str) -> str | int | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    width = _CHAR.match(kind)
    return value.ljust(int(width[1])) if width and isinstance(value, str) else value
