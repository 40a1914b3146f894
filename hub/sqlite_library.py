"""The SQLite library of the hub's own databases. Use its `sqlite3` instead of Python's.

SQLite 3.7.0 to 3.51.2 can lose commits if two connections write to a database in WAL mode (the
WAL-reset bug), except for 3.44.6 and 3.50.7 and their successors. The package pysqlite3 contains a
newer SQLite. It lacks some methods, so other modules use Python's own library.
"""

import sqlite3 as python_sqlite3
from typing import TYPE_CHECKING, Any

WAL_BUG_BEGINS = (3, 7, 0)
WAL_BUG_ENDS = (3, 51, 3)
REPAIRED = ((3, 44, 6), (3, 50, 7))
"""Corrected releases of older lines."""


def may_lose_commits(version: tuple[int, ...]) -> bool:
    """Return whether this version of SQLite has the bug."""
    if any(version[:2] == each[:2] and version >= each for each in REPAIRED):
        return False
    return WAL_BUG_BEGINS <= version < WAL_BUG_ENDS


def _safest_library() -> Any:
    if not may_lose_commits(python_sqlite3.sqlite_version_info):
        return python_sqlite3
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        # `open_store` refuses databases in files.
        return python_sqlite3
    return dbapi2


if TYPE_CHECKING:
    import sqlite3
else:
    sqlite3 = _safest_library()

__all__ = ["may_lose_commits", "sqlite3"]
