"""The access log: which department was asked about whom, when, for whom, and how it went.

Written behind: a record waits in memory for a moment and is then written with others. While the
store can't be written, reading goes on and records wait, up to a bound.
"""

import asyncio
import contextlib
import datetime as dt
import logging
import time
from collections import deque

from hub.access.records import AccessBatch, AccessEntry, AccessRecords
from hub.store import STORE_FAILURES
from hub.store.store import failure_text
from schema.connections import SortKey
from schema.errors import HubError
from schema.sources import AccessLogPage

log = logging.getLogger(__name__)

MOST_WAITING = 200_000
BATCH_ROWS = 10_000
FLUSH_SECONDS = 0.25
DELETE_SECONDS = 3600.0


class AccessLog:
    """Takes records and writes them a moment later.

    Args:
        records: the log's rows in the store.
        days: how long records are kept.
        most_waiting: rows (a record is one, and one more for each citizen) that may wait.
    """

    def __init__(
        self, records: AccessRecords, days: int, *, most_waiting: int = MOST_WAITING
    ) -> None:
        self._records = records
        self._kept = dt.timedelta(days=days)
        self._most_waiting = most_waiting
        self._waiting: deque[AccessEntry] = deque()
        self._waiting_rows = 0
        # Formed and not yet known to be written: sent again as it is.
        self._batch: AccessBatch | None = None
        self._writing = asyncio.Lock()
        self._failing = False
        self._failures = 0
        self._lost = 0
        self._flusher: asyncio.Task[None] | None = None

    def record(self, access: AccessEntry) -> None:
        """Takes a record without waiting; beyond the bound it is counted as lost."""
        rows = 1 + len(access.citizens)
        if self._waiting_rows + rows > self._most_waiting:
            self._lose()
            return
        self._waiting_rows += rows
        self._waiting.append(access)

    def start(self) -> None:
        """Begins to write behind, in the running event loop."""
        self._flusher = asyncio.create_task(self._write_behind())

    async def close(self) -> None:
        """Writes what waits; what can't be written is lost, and that is logged."""
        if self._flusher is not None:
            self._flusher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._flusher
        if not await self._flushed():
            log.error(
                "the access log could not be written before the hub stopped; %d records are lost",
                self._lost + len(self._waiting) + (self._batch.count if self._batch else 0),
            )

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        """The citizen's records after that place, newest first, up to this moment.

        Raises STORE_UNAVAILABLE.
        """
        if await self._flushed():
            with contextlib.suppress(*STORE_FAILURES):
                return await self._records.page(member_identifier, first, after)
        raise log_unavailable()

    async def delete_old(self) -> None:
        """Deletes records that have been kept long enough."""
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
                    log.error("old access records can't be deleted: %s", _told(error))

    async def _flushed(self) -> bool:
        """Writes everything that waits; whether that went well. Never raises.

        Where it fails, it has failed for all who waited for it: a store that hangs would cost each
        of them its time-out, one after the other.
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
                        "the access log can't be written: %s; the hub answers on, and up to %d "
                        "rows wait in memory",
                        _told(error),
                        self._most_waiting,
                    )
                return False
        if self._failing:
            self._failing = False
            log.warning("the access log is written again; %d records were lost", self._lost)
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

    def _lose(self) -> None:
        if not self._lost:
            log.error(
                "%d rows of the access log wait to be written, and no more fit: "
                "records are lost from now on",
                self._waiting_rows,
            )
        self._lost += 1


def _told(error: Exception) -> str:
    """The store's own words; of anything unforeseen the type only, for it may hold a number."""
    return failure_text(error) if isinstance(error, STORE_FAILURES) else type(error).__name__


def log_unavailable() -> HubError:
    return HubError(
        "STORE_UNAVAILABLE", "The access log can't be read now. Try again later.", retryable=True
    )
