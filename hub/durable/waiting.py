"""Wakes those who wait for the first attempt to deliver a submission."""

import asyncio
import contextlib
from collections.abc import Callable

from sqlalchemy import select

from hub.store import STORE_FAILURES, Store
from hub.store.tables import submission
from schema.submission_state import SubmissionState

POLL_SECONDS = 0.5


class Waiting:
    """Receipt numbers for which somebody waits.

    Args:
        elsewhere: returns whether another process may deliver, so that the table must be polled.
    """

    def __init__(self, store: Store, elsewhere: Callable[[], bool]) -> None:
        self._store = store
        self._elsewhere = elsewhere
        self._waiters: dict[str, set[asyncio.Event]] = {}
        self._poller: asyncio.Task[None] | None = None

    async def until_settled(self, receipt: str, seconds: float) -> None:
        """Wait until `settle` is called, another process has delivered, or the time is over."""
        settled = asyncio.Event()
        self._waiters.setdefault(receipt, set()).add(settled)
        if self._poller is None and self._elsewhere():
            self._poller = asyncio.create_task(self._poll())
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(settled.wait(), seconds)
        finally:
            waiters = self._waiters.get(receipt, set())
            waiters.discard(settled)
            if not waiters:
                self._waiters.pop(receipt, None)

    def settle(self, receipt: str) -> None:
        """Wake those who wait for the submission."""
        for settled in self._waiters.pop(receipt, ()):
            settled.set()

    async def close(self) -> None:
        """Wake everybody."""
        for receipt in list(self._waiters):
            self.settle(receipt)
        if self._poller is not None:
            self._poller.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._poller

    async def _poll(self) -> None:
        """Read all submissions for which somebody waits with one statement."""
        try:
            while self._waiters:
                await asyncio.sleep(POLL_SECONDS)
                with contextlib.suppress(TimeoutError, *STORE_FAILURES):
                    await self._settle_delivered()
        finally:
            self._poller = None

    async def _settle_delivered(self) -> None:
        statement = select(submission.c.receipt).where(
            submission.c.receipt.in_(self._waiters),
            submission.c.state != SubmissionState.NOT_SENT.name,
        )
        async with self._store.engine.connect() as connection:
            for receipt in (await connection.execute(statement)).scalars():
                self.settle(receipt)
