"""Storage of rows that wait for the next file to a department: the interface, and a store in memory
for hubs without a database.

Every row is in exactly one file. A row that is queued again, under the same receipt number, is not
added again.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Protocol


class OutgoingState(StrEnum):
    """How far a file to a department has got."""

    SEALED = "sealed"
    """Its rows and its name are fixed."""
    WRITING = "writing"
    """A process writes it under a temporary name."""
    RENAMING = "renaming"
    """The temporary file is complete. When that name is gone, the department has the file."""
    DELIVERED = "delivered"


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    """A file to a department.

    Attributes:
        sequence: number of the file in its outbox, from 1; never used twice.
        name: name in the department's folder.
        made_at: when its rows were fixed (UTC).
        state: how far it has got.
        temporary_name: name under which it is written; empty before that.
        claimed_at: when a process began to write it (UTC); None before that.
    """

    sequence: int
    name: str
    made_at: dt.datetime
    state: OutgoingState = OutgoingState.SEALED
    temporary_name: str = ""
    claimed_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """The rows that are in no file yet.

    Attributes:
        rows: how many there are.
        oldest: when the oldest of them was queued (UTC); None if there are none.
    """

    rows: int
    oldest: dt.datetime | None


class OutgoingStore(Protocol):
    """Stores rows and files to departments, for all departments.

    `outbox` is the name of an outbox in the department's manifest. Every method raises
    `RowStoreError` if the store fails.
    """

    async def queue(
        self, department: str, outbox: str, receipt: str, content: bytes, now: dt.datetime
    ) -> bool:
        """Store a row. Return False if a row with this receipt number is stored already."""

    async def waiting(self, department: str, outbox: str) -> Waiting:
        """Return how many rows are in no file yet."""

    async def seal(
        self,
        department: str,
        outbox: str,
        most_rows: int,
        now: dt.datetime,
        name_of: Callable[[int], str],
    ) -> bool:
        """Put the oldest waiting rows into a new file, in one transaction.

        Args:
            most_rows: maximum number of rows.
            name_of: returns the name of the file with a sequence number.

        Returns:
            False if no row waits, or if another process made a file at the same time.
        """

    async def unfinished(self, department: str, outbox: str) -> Sequence[OutgoingFile]:
        """Return the files that are not delivered, oldest first."""

    async def rows(self, department: str, outbox: str, sequence: int) -> Sequence[bytes]:
        """Return the contents of a file's rows, in the order in which they were queued."""

    async def claim(
        self,
        department: str,
        outbox: str,
        file: OutgoingFile,
        temporary_name: str,
        now: dt.datetime,
    ) -> bool:
        """Begin to write a file under a temporary name of this process.

        Args:
            file: the file as it was read from this store.

        Returns:
            False if another process has changed the file's state since then.
        """

    async def begin_rename(
        self, department: str, outbox: str, sequence: int, temporary_name: str
    ) -> bool:
        """Record that the temporary file is complete.

        Returns:
            False if another process has claimed the file. The temporary file must not be renamed.
        """

    async def finish(self, department: str, outbox: str, sequence: int) -> None:
        """Record that the department has the file, and delete the contents of its rows."""

    async def forget(self, department: str, outbox: str, before: dt.datetime) -> None:
        """Delete the receipt numbers of files that were delivered and made before this time."""


@dataclass(slots=True)
class _Row:
    receipt: str
    content: bytes
    queued_at: dt.datetime
    sequence: int | None = None


@dataclass(slots=True)
class _Box:
    rows: dict[str, _Row] = field(default_factory=dict)
    files: dict[int, OutgoingFile] = field(default_factory=dict)


class MemoryOutgoing:
    """Store in the memory of this process."""

    def __init__(self) -> None:
        self._boxes: dict[tuple[str, str], _Box] = {}

    def _box(self, department: str, outbox: str) -> _Box:
        return self._boxes.setdefault((department, outbox), _Box())

    async def queue(
        self, department: str, outbox: str, receipt: str, content: bytes, now: dt.datetime
    ) -> bool:
        rows = self._box(department, outbox).rows
        if receipt in rows:
            return False
        rows[receipt] = _Row(receipt, content, now)
        return True

    async def waiting(self, department: str, outbox: str) -> Waiting:
        rows = [row for row in self._box(department, outbox).rows.values() if row.sequence is None]
        return Waiting(len(rows), min((row.queued_at for row in rows), default=None))

    async def seal(
        self,
        department: str,
        outbox: str,
        most_rows: int,
        now: dt.datetime,
        name_of: Callable[[int], str],
    ) -> bool:
        box = self._box(department, outbox)
        rows = [row for row in box.rows.values() if row.sequence is None][:most_rows]
        if not rows:
            return False
        sequence = max(box.files, default=0) + 1
        box.files[sequence] = OutgoingFile(sequence, name_of(sequence), now)
        for row in rows:
            row.sequence = sequence
        return True

    async def unfinished(self, department: str, outbox: str) -> Sequence[OutgoingFile]:
        files = self._box(department, outbox).files.values()
        return [file for file in files if file.state is not OutgoingState.DELIVERED]

    async def rows(self, department: str, outbox: str, sequence: int) -> Sequence[bytes]:
        rows = self._box(department, outbox).rows.values()
        return [row.content for row in rows if row.sequence == sequence]

    async def claim(
        self,
        department: str,
        outbox: str,
        file: OutgoingFile,
        temporary_name: str,
        now: dt.datetime,
    ) -> bool:
        files = self._box(department, outbox).files
        if files[file.sequence] != file:
            return False
        files[file.sequence] = replace(
            file, state=OutgoingState.WRITING, temporary_name=temporary_name, claimed_at=now
        )
        return True

    async def begin_rename(
        self, department: str, outbox: str, sequence: int, temporary_name: str
    ) -> bool:
        files = self._box(department, outbox).files
        file = files[sequence]
        if (file.state, file.temporary_name) != (OutgoingState.WRITING, temporary_name):
            return False
        files[sequence] = replace(file, state=OutgoingState.RENAMING)
        return True

    async def finish(self, department: str, outbox: str, sequence: int) -> None:
        box = self._box(department, outbox)
        box.files[sequence] = replace(box.files[sequence], state=OutgoingState.DELIVERED)
        for row in box.rows.values():
            if row.sequence == sequence:
                row.content = b""

    async def forget(self, department: str, outbox: str, before: dt.datetime) -> None:
        box = self._box(department, outbox)
        old = {
            file.sequence
            for file in box.files.values()
            if file.state is OutgoingState.DELIVERED and file.made_at < before
        }
        box.rows = {receipt: row for receipt, row in box.rows.items() if row.sequence not in old}
