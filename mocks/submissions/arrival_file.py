"""The SQLite file in which a mock keeps what it received, so that a restart does not lose it."""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

_TABLES = """
CREATE TABLE IF NOT EXISTS arrival (
    number INTEGER PRIMARY KEY, kind TEXT NOT NULL, hub_reference TEXT NOT NULL,
    reference TEXT NOT NULL, service TEXT NOT NULL, owner TEXT NOT NULL, member_id TEXT NOT NULL,
    fields TEXT NOT NULL, arrived_at TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS clock (seconds REAL NOT NULL);
"""


_COLUMNS = (
    "number",
    "kind",
    "hub_reference",
    "reference",
    "service",
    "owner",
    "member_id",
    "fields",
    "arrived_at",
)


class ArrivalFile:
    """The table of arrivals and the simulated clock of one mock.

    Args:
        path: the file; it is created if it does not exist.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._database = sqlite3.connect(path, isolation_level=None)
        # A row must survive the end of the process, but not a power failure.
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = OFF")
        self._database.executescript(_TABLES)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield each row in order, with parsed fields and time."""
        for values in self._database.execute("SELECT * FROM arrival ORDER BY number"):
            row = dict(zip(_COLUMNS, values, strict=True))
            row["fields"] = json.loads(row["fields"])
            row["arrived_at"] = datetime.fromisoformat(row["arrived_at"])
            yield row

    def append(self, row: Mapping[str, Any]) -> None:
        """Store a row; its names are those of `rows`."""
        stored = dict(row)
        stored["fields"] = json.dumps(row["fields"], ensure_ascii=False, default=str)
        stored["arrived_at"] = row["arrived_at"].isoformat()
        self._database.execute(
            f"INSERT INTO arrival VALUES ({', '.join('?' * len(_COLUMNS))})",
            [stored[name] for name in _COLUMNS],
        )

    def advanced(self) -> timedelta:
        """Return how far the clock was advanced."""
        row = self._database.execute("SELECT seconds FROM clock").fetchone()
        return timedelta(seconds=row[0] if row else 0)

    def set_advanced(self, advanced: timedelta) -> None:
        """Store how far the clock was advanced."""
        self._database.execute("DELETE FROM clock")
        self._database.execute("INSERT INTO clock VALUES (?)", (advanced.total_seconds(),))

    def clear(self) -> None:
        """Delete all rows, and set the clock back."""
        self._database.execute("DELETE FROM arrival")
        self._database.execute("DELETE FROM clock")
