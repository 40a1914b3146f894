"""Collects rows for a department and delivers them as files.

A row is stored before `queue` returns. Each row gets into exactly one file, and each file to the
department exactly once, whatever step the process ends in:

1. `seal` fixes the rows and the name of a file, in one transaction.
2. The file is written under a temporary name that no other process uses.
3. `begin_rename` records that the temporary file is complete.
4. The file is renamed. The temporary name disappears in the same moment as the department gets the
   file, so a process that repeats this step sees whether it was done, even if the department has
   moved the file away since.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

import orjson

from adapters.connectors.files.folders import FolderUnreachableError, OpenOutbox, OutboxFolder
from adapters.connectors.files.outgoing_layouts import check_row, write_file
from adapters.connectors.files.settings import OutboxRule
from adapters.connectors.outgoing_rows import OutgoingFile, OutgoingState, OutgoingStore
from adapters.connectors.templates import fill_to_text

log = logging.getLogger(__name__)

CLAIM = dt.timedelta(seconds=30)
"""Time after which another process writes a file that a process has begun to write."""
KEPT = dt.timedelta(days=400)
"""Time for which the receipt numbers of delivered rows are kept, so that none is sent again."""


class Outbox:
    """One outbox of a department.

    Args:
        department: identifier of the department.
        name: name of the outbox in the manifest.
        rule: its settings.
        folder: where the files are written.
        store: stores rows and files.
        zone: the department's time zone.
        clock: returns the current time (UTC).
    """

    def __init__(
        self,
        department: str,
        name: str,
        rule: OutboxRule,
        folder: OutboxFolder,
        store: OutgoingStore,
        zone: ZoneInfo,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self.rule = rule
        self._key = department, name
        self._folder = folder
        self._store = store
        self._zone = zone
        self._clock = clock
        hours, minutes = map(int, rule.at.split(":"))
        self._at = dt.timedelta(hours=hours, minutes=minutes)

    async def queue(self, receipt: str, values: Mapping[str, str]) -> bool:
        """Store a row for the next file.

        Args:
            receipt: the hub's receipt number, by which the row is recognised.
            values: texts by column.

        Returns:
            False if the row was stored before.

        Raises:
            UnfitRowError: the row can't be written to a file.
            RowStoreError: the store failed.
        """
        check_row(self.rule, values)
        return await self._store.queue(*self._key, receipt, orjson.dumps(values), self._clock())

    async def deliver(self) -> None:
        """Make the files that are due, and deliver every file that is not delivered yet.

        Raises:
            FolderUnreachableError: the folder can't be written. The next call continues.
            RowStoreError: the store failed.
        """
        while await self._is_due() and await self._seal():
            pass
        files = await self._store.unfinished(*self._key)
        if files:
            async with self._folder.open() as folder:
                for file in files:
                    await self._deliver(folder, file)
        await self._store.forget(*self._key, self._clock() - KEPT)

    async def _is_due(self) -> bool:
        waiting = await self._store.waiting(*self._key)
        if waiting.oldest is None:
            return False
        return waiting.rows >= self.rule.rows or waiting.oldest <= self._latest_time()

    def _latest_time(self) -> dt.datetime:
        """Return the latest time at which the manifest wants a file."""
        now = self._clock().astimezone(self._zone)
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight + self._at
        if first > now:
            first -= dt.timedelta(days=1)
        periods = (now - first) // dt.timedelta(seconds=self.rule.every)
        return first + periods * dt.timedelta(seconds=self.rule.every)

    async def _seal(self) -> bool:
        now = self._clock()
        local = now.astimezone(self._zone)

        def name_of(sequence: int) -> str:
            bindings = {"now": local, "sequence": str(sequence)}
            return fill_to_text(self.rule.name, bindings) or str(sequence)

        return await self._store.seal(*self._key, self.rule.rows, now, name_of)

    async def _deliver(self, folder: OpenOutbox, file: OutgoingFile) -> None:
        temporary_name = file.temporary_name
        if file.state is not OutgoingState.RENAMING:
            temporary_name = f"{file.name}.{uuid.uuid4().hex[:12]}.tmp"
            if not await self._write(folder, file, temporary_name):
                return
        # Look for the final name first: another process may rename the file at any moment.
        is_taken = await folder.exists(file.name)
        if await folder.exists(temporary_name):
            if is_taken:
                raise FolderUnreachableError(
                    f"a file {file.name} is there already, although the hub has not delivered it; "
                    "remove it, or restore the newest copy of the hub's database"
                )
            await folder.rename(temporary_name, file.name)
        await self._store.finish(*self._key, file.sequence)
        log.info("%s: delivered the file %s", self._key[0], file.name)

    async def _write(self, folder: OpenOutbox, file: OutgoingFile, temporary_name: str) -> bool:
        """Write the temporary file. Return False if another process does so."""
        now = self._clock()
        if file.claimed_at is not None and now - file.claimed_at < CLAIM:
            return False
        if not await self._store.claim(*self._key, file, temporary_name, now):
            return False
        if file.temporary_name:
            await folder.remove(file.temporary_name)
        rows = await self._store.rows(*self._key, file.sequence)
        made_at = file.made_at.astimezone(self._zone)
        content = write_file(self.rule, list(map(orjson.loads, rows)), made_at, file.sequence)
        await folder.write(temporary_name, content)
        if await self._store.begin_rename(*self._key, file.sequence, temporary_name):
            return True
        await folder.remove(temporary_name)
        return False
