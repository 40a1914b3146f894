"""Writes entries in groups: those that arrive during one write are in the next.

If the database fails, entries wait in memory, and beyond a limit in the spill file. They are
written when the database works again.
"""

import asyncio
import contextlib
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice

from hub.access.log.database import LOG_FAILURES, reason_of
from hub.access.log.keys import LogKey
from hub.access.log.leaves import Entry, Leaf, concerned_by, identities_of, leaves_of
from hub.access.log.persons import Persons
from hub.access.log.spill import SpillFile
from hub.access.log.tree import CHECKPOINT_SECONDS, TreeWriter
from hub.observe import AccessLogMetrics
from schema.codes import ErrorCode
from schema.errors import HubError

log = logging.getLogger(__name__)

MAX_GROUP = 2_000
COMMIT_SECONDS = 5.0
RETRY_SECONDS = 1.0
REPEAT_ERROR_SECONDS = 60.0
CLOSE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Batch:
    """Leaves that are being written. After a failure, they may be in the tree or not."""

    entries: Sequence[Entry]
    leaves: Sequence[Leaf]
    sets: dict[str, bytes]


class Group:
    """The operations that wait for the same write.

    Each has a future of its own, because a cancelled operation cancels the future it waits for.

    Args:
        on_timeout: called if the write takes longer than `COMMIT_SECONDS`.
    """

    def __init__(self, on_timeout: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._on_timeout = on_timeout
        self._waiting: list[asyncio.Future[bool]] = []
        self._result: bool | None = None
        self._timer = self._loop.call_later(COMMIT_SECONDS, self._time_out)

    async def written(self) -> bool:
        """Wait for the write. Return whether it succeeded in time."""
        if self._result is not None:
            return self._result
        future: asyncio.Future[bool] = self._loop.create_future()
        self._waiting.append(future)
        return await future

    def finish(self, written: bool) -> None:
        """End the wait of all operations."""
        self._timer.cancel()
        if self._result is None:
            self._result = written
        for each in self._waiting:
            if not each.done():
                each.set_result(written)
        self._waiting.clear()

    def _time_out(self) -> None:
        self._on_timeout()
        self.finish(written=False)


class EntryWriter:
    """Writes entries to the tree of this process.

    Args:
        tree: the tree.
        persons: finds the hashes of people.
        key: hides the principals.
        spill: takes entries while the database cannot be written.
        max_waiting: how many entries may wait in memory.
        metrics: counts entries and failures.
    """

    def __init__(
        self,
        tree: TreeWriter,
        persons: Persons,
        key: LogKey,
        spill: SpillFile,
        max_waiting: int,
        metrics: AccessLogMetrics,
    ) -> None:
        self._tree = tree
        self._persons = persons
        self._key = key
        self._spill = spill
        self._max_waiting = max_waiting
        self._metrics = metrics
        self._waiting: deque[Entry] = deque()
        self._batch: Batch | None = None
        self._group: Group | None = None
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closing = False
        self.failing = False
        self._next_error = 0.0
        self._lost = 0
        metrics.watch(lambda: len(self._waiting))

    def start(self) -> None:
        """Start the background task in the running event loop."""
        if self._task is None:
            self._task = asyncio.create_task(self._write_groups())

    async def write(self, entries: Sequence[Entry]) -> bool:
        """Write entries. Return True when they are on the disk, False if that failed.

        If the write failed, the entries are kept.
        """
        self.start()
        self._waiting.extend(entries)
        if len(self._waiting) > self._max_waiting:
            self._move_to_spill()
        if self.failing:
            return False
        if self._group is None:
            self._group = Group(self._metrics.failed)
        self._wake.set()
        started = time.perf_counter()
        written = await self._group.written()
        self._metrics.committed(time.perf_counter() - started)
        return written

    async def read_spill(self) -> None:
        """Write the entries of the spill file to the tree, and clear the file.

        Raises one of `LOG_FAILURES` if that fails. The file then stays as it is.
        """
        if self._spill.is_empty:
            return
        entries = self._spill.entries()
        for start in range(0, len(entries), MAX_GROUP):
            await self._append(entries[start : start + MAX_GROUP])
        self._spill.clear()
        log.warning(
            "%d entries of the access log that waited in %s are written",
            len(entries),
            self._spill.path,
        )

    async def close(self) -> int:
        """Write the waiting entries, or move them to the spill file.

        Returns: how many entries are not in the database.
        """
        self._closing = True
        self.start()
        self._wake.set()
        assert self._task is not None
        done, _ = await asyncio.wait([self._task], timeout=CLOSE_SECONDS)
        if not done:
            self._task.cancel()
        waiting = len(self._waiting) + (len(self._batch.entries) if self._batch else 0)
        if not waiting and self._spill.is_empty and not self._lost:
            with contextlib.suppress(*LOG_FAILURES):
                await self._tree.sign()
            self._spill.close()
            return 0
        self._move_to_spill()
        self._spill.close()
        spilled = self._spill.count
        log.error(
            "The access log could not be written before the hub stopped: %d entries are in %s, "
            "which the next start reads; %d entries are lost",
            spilled,
            self._spill.path,
            self._lost,
        )
        return spilled + self._lost

    async def _write_groups(self) -> None:
        while True:
            pause = RETRY_SECONDS if self.failing else CHECKPOINT_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), pause)
            self._wake.clear()
            group, self._group = self._group, None
            written = await self._flushed()
            if group is not None:
                group.finish(written)
            if self._closing and (not written or not self._waiting):
                return

    async def _flushed(self) -> bool:
        """Write what waits, and a checkpoint if one is due. Return whether that succeeded."""
        try:
            await self._flush()
        except Exception as error:
            self._note_failure(error)
            return False
        if self.failing:
            self.failing = False
            log.warning("The access log is being written again; %d entries were lost", self._lost)
            self._lost = 0
        return True

    async def _flush(self) -> None:
        if self._batch is not None:
            batch = self._batch
            if not await self._tree.recover(batch.leaves):
                await self._tree.append(batch.leaves, batch.sets)
            self._finished(batch)
        await self.read_spill()
        # Entries that arrive meanwhile belong to the next group.
        remaining = len(self._waiting)
        while remaining:
            taken = list(islice(self._waiting, min(remaining, MAX_GROUP)))
            if not taken:
                # They were moved to the spill file meanwhile.
                return
            await self._append(taken)
            remaining -= len(taken)
        if self._tree.checkpoint_is_due:
            await self._tree.sign()

    async def _append(self, entries: Sequence[Entry]) -> None:
        concerned = concerned_by(entries)
        hashes = await self._persons.hashes(identities_of(concerned))
        leaves, sets = leaves_of(entries, concerned, hashes, self._key)
        batch = Batch(entries, leaves, sets)
        if self._waiting and entries[0] is self._waiting[0]:
            # From here, the batch holds them, in case that the write fails.
            for _ in entries:
                self._waiting.popleft()
            self._batch = batch
        await self._tree.append(leaves, sets)
        self._finished(batch)

    def _finished(self, batch: Batch) -> None:
        self._batch = None
        self._metrics.entries(len(batch.entries))

    def _note_failure(self, error: Exception) -> None:
        self.failing = True
        self._metrics.failed()
        now = time.monotonic()
        if now < self._next_error:
            return
        self._next_error = now + REPEAT_ERROR_SECONDS
        # The text of other errors may be personal.
        reason = reason_of(error) if isinstance(error, LOG_FAILURES) else type(error).__name__
        log.error(
            "The access log can't be written: %s. %d entries wait in memory, %d in %s; %d are "
            "lost. Check the access log's database.",
            reason,
            len(self._waiting),
            self._spill.count,
            self._spill.path,
            self._lost,
        )

    def _move_to_spill(self) -> None:
        """Move the waiting entries to the spill file. If that fails, they are lost."""
        entries = [*(self._batch.entries if self._batch else ()), *self._waiting]
        if not entries:
            return
        try:
            self._spill.append(entries)
            self._metrics.spilled(len(entries))
        except OSError as error:
            self._lost += len(entries)
            self._metrics.lost(len(entries))
            log.error(
                "%d entries of the access log are lost: %s can't be written (%s)",
                len(entries),
                self._spill.path,
                error.strerror,
            )
        self._batch = None
        self._waiting.clear()


def log_unavailable() -> HubError:
    return HubError(
        ErrorCode.STORE_UNAVAILABLE,
        "The access log can't be read now. Retry later.",
        retryable=True,
    )
