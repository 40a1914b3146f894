"""Where rows of files are kept: a port, and the rows in memory for who has no database.

Keeping rows is idempotent and does not depend on the order in which files are read: of all rows
with one identity the greatest `rank` stays, whoever comes first.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A line of a file that is not served, or the file as a whole (line 0)."""

    line: int
    reason: str


class FileState(StrEnum):
    """How a file was found; the value is what `hub files` prints."""

    WHOLE = "whole"
    WRONG_COUNT = "wrong count"
    INCOMPLETE = "half-written"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that has been read.

    Attributes:
        name: its name in the folder.
        size: bytes, as the folder told.
        modified: when it was changed, in seconds since 1970, as the folder told.
        digest: of its content; empty where it could not be read this time.
        layout: digest of how it was read; another layout reads it again.
        as_of: when the department made it.
        read_at: when the hub read it.
        state: how it was found.
        rows: good rows in it.
        problems: what is not served of it.
    """

    name: str
    size: int
    modified: int
    digest: bytes
    layout: bytes
    as_of: dt.datetime
    read_at: dt.datetime
    state: FileState
    rows: int
    problems: Sequence[LineProblem] = ()


@dataclass(frozen=True, slots=True)
class KeptRow:
    """A row as it is kept.

    Attributes:
        identity: names what it is about.
        as_of: when the department made its file.
        line: its line there.
        digest: of its content.
        keys: by column, the values that it is found by.
        content: its values as JSON.
    """

    identity: str
    as_of: dt.datetime
    line: int
    digest: bytes
    keys: Mapping[str, str]
    content: bytes

    @property
    def rank(self) -> tuple[dt.datetime, int, bytes]:
        """Of two rows about the same, the one with the greater rank counts."""
        return self.as_of, self.line, self.digest


def newest_of(rows: Iterable[KeptRow]) -> dict[str, KeptRow]:
    """By identity, the row that counts."""
    return {row.identity: row for row in sorted(rows, key=lambda row: row.rank)}


class RowStoreError(Exception):
    """The store can't be used now."""


class RowStore(Protocol):
    """Keeps files' rows for all departments; `file` is a kind of file. Raises `RowStoreError`."""

    async def files(self, department: str, file: str) -> Mapping[str, SeenFile]:
        """Files that have been read, by name."""

    async def keep(
        self, department: str, file: str, seen: SeenFile, rows: Sequence[KeptRow]
    ) -> None:
        """Keeps a file and its rows, both or nothing."""

    async def find(
        self, department: str, file: str, column: str, keys: Sequence[str], most: int
    ) -> Sequence[bytes]:
        """Contents of the rows that have, or had, one of these keys in the column; at most so
        many."""

    async def forget(
        self, department: str, file: str, rows_before: dt.datetime, files_before: int
    ) -> None:
        """Drops rows that were made before then, and files that were changed before then (in
        seconds since 1970)."""

    async def erase(self, department: str, numbers: Collection[str]) -> int:
        """Drops every row that has, or had, one of these numbers among its keys; how many."""


class MemoryRows:
    """Rows in this process."""

    def __init__(self) -> None:
        self._files: dict[tuple[str, str], dict[str, SeenFile]] = {}
        self._rows: dict[tuple[str, str], dict[str, KeptRow]] = {}
        self._index: dict[tuple[str, str, str, str], set[str]] = {}

    async def files(self, department: str, file: str) -> Mapping[str, SeenFile]:
        return dict(self._files.get((department, file), {}))

    async def keep(
        self, department: str, file: str, seen: SeenFile, rows: Sequence[KeptRow]
    ) -> None:
        self._files.setdefault((department, file), {})[seen.name] = seen
        kept = self._rows.setdefault((department, file), {})
        for row in newest_of(rows).values():
            before = kept.get(row.identity)
            if before is None or before.rank < row.rank:
                kept[row.identity] = row
            for column, key in row.keys.items():
                self._index.setdefault((department, file, column, key), set()).add(row.identity)

    async def find(
        self, department: str, file: str, column: str, keys: Sequence[str], most: int
    ) -> Sequence[bytes]:
        kept = self._rows.get((department, file), {})
        identities = {
            identity
            for key in keys
            for identity in self._index.get((department, file, column, key), ())
        }
        return [kept[each].content for each in sorted(identities) if each in kept][:most]

    async def forget(
        self, department: str, file: str, rows_before: dt.datetime, files_before: int
    ) -> None:
        kept = self._rows.get((department, file), {})
        old = {each for each, row in kept.items() if row.as_of < rows_before}
        self._drop(department, file, old)
        seen = self._files.get((department, file), {})
        for name in [name for name, each in seen.items() if each.modified < files_before]:
            del seen[name]

    async def erase(self, department: str, numbers: Collection[str]) -> int:
        doomed: dict[str, set[str]] = {}
        for (owner, file, _, key), identities in self._index.items():
            if owner == department and key in numbers:
                doomed.setdefault(file, set()).update(identities)
        for file, identities in doomed.items():
            self._drop(department, file, identities)
        return sum(map(len, doomed.values()))

    def _drop(self, department: str, file: str, identities: Collection[str]) -> None:
        for identity in identities:
            self._rows[department, file].pop(identity)
        for index_key, indexed in list(self._index.items()):
            if index_key[:2] == (department, file):
                indexed.difference_update(identities)
                if not indexed:
                    # Its key may be a citizen's number.
                    del self._index[index_key]
