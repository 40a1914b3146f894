"""The access log: one entry for each call to a department.

Entries wait in memory for a moment and are then written to the store together. If the store fails,
the hub keeps running and entries keep waiting, up to a limit.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections import deque
from collections.abc import Sequence

from hub.access.log.entries import AccessEntry
from hub.access.records import AccessBatch, AccessRecords
from hub.store import STORE_FAILURES
from hub.store.store import failure_text
from schema.access_record import AccessRecord
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.errors import HubError
from schema.sources import AccessLogPage

log = logging.getLogger(__name__)

MAX_WAITING = 200_000
BATCH_ROWS = 10_000
FLUSH_SECONDS = 0.25
DELETE_SECONDS = 3600.0


class AccessLog:
    """Collects entries and writes them to the store in batches.

    Args:
        records: the log's tables in the store.
        days: how long entries are kept.
        max_waiting: maximum number of rows in memory. An entry is one row, plus one per citizen.
    """

    def __init__(
        self, records: AccessRecords, days: int, *, max_waiting: int = MAX_WAITING
    ) -> None:
        self._records = records
        self._kept = dt.timedelta(days=days)
        self._max_waiting = max_waiting
        self._waiting: deque[AccessEntry] = deque()
        self._waiting_rows = 0
        # Kept until its commit is confirmed, so that the same batch can be written again.
        self._batch: AccessBatch | None = None
        self._writing = asyncio.Lock()
        self._failing = False
        self._failures = 0
        self._lost = 0
        self._flusher: asyncio.Task[None] | None = None

    def record(self, access: AccessEntry) -> None:
        """Add an entry without waiting. If the limit is reached, count it as lost."""
        rows = 1 + len(access.citizens)
        if self._waiting_rows + rows > self._max_waiting:
            self._count_lost()
            return
        self._waiting_rows += rows
        self._waiting.append(access)

    async def commit(self, entries: Sequence[AccessEntry]) -> None:
        """Write the entries of an operation before its response is sent."""
        for each in entries:
            self.record(each)

    def start(self) -> None:
        """Start the background task that writes entries, in the running event loop."""
        self._flusher = asyncio.create_task(self._write_behind())

    async def close(self) -> None:
        """Stop the background task and write the remaining entries. Log how many are lost."""
        if self._flusher is not None:
            self._flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flusher
        if not await self._flushed():
            log.error(
                "The access log could not be written before the hub stopped; %d entries are lost",
                self._lost + len(self._waiting) + (self._batch.count if self._batch else 0),
            )

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """Return the citizen's access records after the sort key `after`, newest first.

        Raises:
            HubError: `STORE_UNAVAILABLE`, or `BAD_USER_INPUT` for a cursor of a different list.
        """
        if await self._flushed():
            with contextlib.suppress(*STORE_FAILURES):
                return await self._records.page(member_identifier, first, after)
        raise log_unavailable()

    async def one(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        """Return the citizen's access record with this sort key; None if there is none.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        if await self._flushed():
            with contextlib.suppress(*STORE_FAILURES):
                return await self._records.record(member_identifier, sort_key)
        raise log_unavailable()

    async def delete_old(self) -> None:
        """Delete entries that are older than the retention time."""
        await self._records.delete_before(dt.datetime.now(dt.UTC) - self._kept)

    async def _write_behind(self) -> None:
        next_delete = time.monotonic()
        while True:
            await asyncio.sleep(FLUSH_SECONDS)
            if await self._flushed() and time.monotonic() >= next_delete:
                next_delete = time.monotonic() + DELETE_SECONDS
                try:
                    await self.delete_old()
                except Exception as error:
                    log.error(
                        "Old entries of the access log can't be deleted: %s", _safe_text(error)
                    )

    async def _flushed(self) -> bool:
        """Write all waiting entries. Return whether that succeeded.

        If a write fails, all callers that waited for it fail too. Otherwise each of them would wait
        for the timeout of a hanging store, one after another.
        """
        failures = self._failures
        async with self._writing:
            if failures != self._failures:
                return False
            try:
                await self._write_all()
            except Exception as error:
                self._failures += 1
                if not self._failing:
                    self._failing = True
                    log.error(
                        "The access log can't be written: %s. The hub keeps running; up to %d "
                        "rows wait in memory. Check the hub's database.",
                        _safe_text(error),
                        self._max_waiting,
                    )
                return False
        if self._failing:
            self._failing = False
            log.warning("The access log is being written again; %d entries were lost", self._lost)
            self._lost = 0
        return True

    async def _write_all(self) -> None:
        while self._batch is not None or self._waiting:
            if self._batch is None:
                self._batch = self._records.batch(self._next_accesses())
            await self._records.write(self._batch)
            self._waiting_rows -= self._rows_in_batch
            self._batch = None

    def _next_accesses(self) -> list[AccessEntry]:
        taken: list[AccessEntry] = []
        self._rows_in_batch = 0
        while self._waiting and self._rows_in_batch < BATCH_ROWS:
            access = self._waiting.popleft()
            self._rows_in_batch += 1 + len(access.citizens)
            taken.append(access)
        return taken

    def _count_lost(self) -> None:
        if not self._lost:
            log.error(
                "The access log has %d rows in memory, which is the limit: new entries are lost "
                "until the hub's database can be written",
                self._waiting_rows,
            )
        self._lost += 1


def _safe_text(error: Exception) -> str:
    """Return a store error's text. Of other errors return the type: their text may be personal."""
    return failure_text(error) if isinstance(error, STORE_FAILURES) else type(error).__name__


def log_unavailable() -> HubError:
    return HubError(
        ErrorCode.STORE_UNAVAILABLE,
        "The access log can't be read now. Retry later.",
        retryable=True,
    )
