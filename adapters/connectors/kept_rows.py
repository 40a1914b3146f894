"""Storage of rows from files: the interface, and a store in memory for hubs without a database.

Storing is idempotent and independent of the order in which files are read: of all rows with one
identity, the row with the greatest `rank` is kept.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from adapters.connectors.outgoing_rows import MemoryOutgoing, OutgoingStore


@dataclass(frozen=True, slots=True)
class LineProblem:
    """A problem of a file.

    Attributes:
        line: line number, from 1; 0 means the whole file.
        reason: what is wrong.
    """

    line: int
    reason: str


class FileState(StrEnum):
    """State of a file. `hub files` prints the value."""

    WHOLE = "whole"
    WRONG_COUNT = "wrong count"
    INCOMPLETE = "half-written"
    DUPLICATE = "duplicate"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class SeenFile:
    """A file that the hub has read.

    Attributes:
        name: name in the folder.
        size: size in bytes, as the folder lists it.
        modified: time of the last change, in seconds since 1970 (UTC), as the folder lists it.
        digest: digest of its content; empty if it must be read again.
        layout: digest of the file type's settings; the file is read again when they change.
        as_of: when the department made it.
        read_at: when the hub read it.
        state: whether it was complete and consistent.
        rows: number of valid rows.
        problems: invalid lines.
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
    """A stored row.

    Attributes:
        identity: what the row is about.
        as_of: when the department made its file.
        line: line number in the file, from 1.
        digest: digest of its content.
        keys: values by which it is looked up, by column.
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
        """If two rows have the same identity, the one with the greater rank is kept."""
        return self.as_of, self.line, self.digest


def newest_of(rows: Iterable[KeptRow]) -> dict[str, KeptRow]:
    """Return the row with the greatest rank for each identity."""
    return {row.identity: row for row in sorted(rows, key=lambda row: row.rank)}


class RowStoreError(Exception):
    """The store failed."""


class RowStore(Protocol):
    """Stores the rows of files for all departments.

    `file` is the name of a file type. Every method raises `RowStoreError` if the store fails.

    Attributes:
        outgoing: stores rows of files to departments.
    """

    outgoing: OutgoingStore

    async def files(self, department: str, file: str) -> Mapping[str, SeenFile]:
        """Return the files that have been read, by name."""

    async def keep(
        self, department: str, file: str, seen: SeenFile, rows: Sequence[KeptRow]
    ) -> None:
        """Store a file and its rows in one transaction."""

    async def find(
        self, department: str, file: str, column: str, keys: Sequence[str], most: int
    ) -> Sequence[bytes]:
        """Return the contents of at most `most` rows by key.

        A row is found if one of the keys is in the column, or was in an older version of the row.
        """

    async def forget(
        self, department: str, file: str, rows_before: dt.datetime, files_before: int
    ) -> None:
        """Delete old rows and files.

        Args:
            rows_before: rows of files made before this time are deleted.
            files_before: files last changed before this time are forgotten, in seconds since 1970.
        """

    async def erase(self, department: str, numbers: Collection[str]) -> int:
        """Delete every row with one of these numbers in its keys, now or in an older version.

        Returns:
            How many rows were deleted.
        """


class MemoryRows:
    """Store in the memory of this process."""

    outgoing: OutgoingStore

    def __init__(self) -> None:
        self.outgoing = MemoryOutgoing()
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
        self._delete(department, file, old)
        seen = self._files.get((department, file), {})
        for name in [name for name, each in seen.items() if each.modified < files_before]:
            del seen[name]

    async def erase(self, department: str, numbers: Collection[str]) -> int:
        doomed: dict[str, set[str]] = {}
        for (owner, file, _, key), identities in self._index.items():
            if owner == department and key in numbers:
                doomed.setdefault(file, set()).update(identities)
        for file, identities in doomed.items():
            self._delete(department, file, identities)
        return sum(map(len, doomed.values()))

    def _delete(self, department: str, file: str, identities: Collection[str]) -> None:
        for identity in identities:
            self._rows[department, file].pop(identity)
        for index_key, indexed in list(self._index.items()):
            if index_key[:2] == (department, file):
                indexed.difference_update(identities)
                if not indexed:
                    # Keep no empty entry: the key may be a citizen's number.
                    del self._index[index_key]
