"""Wakes those who wait for the first attempt to deliver a submission."""

import asyncio
import contextlib
from collections.abc import Callable

from sqlalchemy import select

from hub.durable.model import Submission
from hub.durable.slots import resting
from hub.store import STORE_FAILURES, Store
from hub.store.submission_tables import submission
from schema.submission_state import SubmissionState

POLL_SECONDS = 0.5
EXPECTED_SECONDS = 10.0
"""Time for which the result of a new submission is kept for somebody who will wait for it."""

Result = asyncio.Future[Submission | None]


class Waiting:
    """Receipt numbers for which somebody waits.

    Args:
        elsewhere: returns whether another process may deliver, so that the table must be polled.
    """

    def __init__(self, store: Store, elsewhere: Callable[[], bool]) -> None:
        self._store = store
        self._elsewhere = elsewhere
        self._waiters: dict[str, set[Result]] = {}
        self._expected: dict[str, Result] = {}
        self._poller: asyncio.Task[None] | None = None

    def expect(self, receipt: str) -> None:
        """Keep the result for some seconds. Call this before the submission can be delivered."""
        if self._elsewhere():
            return
        loop = asyncio.get_running_loop()
        self._expected[receipt] = loop.create_future()
        loop.call_later(EXPECTED_SECONDS, self._expected.pop, receipt, None)

    def is_expected(self, receipt: str) -> bool:
        """Return whether `until_settled` can be called without a look into the table."""
        return receipt in self._expected

    async def until_settled(self, receipt: str, seconds: float) -> Submission | None:
        """Wait until `settle` is called, another process has delivered, or the time is over.

        Returns: the submission, if `settle` was called with it.
        """
        result = self._expected.pop(receipt, None) or asyncio.get_running_loop().create_future()
        self._waiters.setdefault(receipt, set()).add(result)
        if self._poller is None and self._elsewhere():
            self._poller = asyncio.create_task(self._poll())
        try:
            with resting():
                await asyncio.wait([result], timeout=seconds)
        finally:
            waiters = self._waiters.get(receipt, set())
            waiters.discard(result)
            if not waiters:
                self._waiters.pop(receipt, None)
        return result.result() if result.done() else None

    def settle(self, receipt: str, stored: Submission | None = None) -> None:
        """Wake those who wait for the submission.

        Args:
            stored: the submission; None if it must be read again.
        """
        results = self._waiters.pop(receipt, set())
        if (expected := self._expected.get(receipt)) is not None:
            results.add(expected)
        for result in results:
            if not result.done():
                result.set_result(stored)

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
