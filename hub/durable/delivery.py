"""Delivers a submission: the state machine of one delivery.

The rule is that nothing is sent twice blindly. The attempt is stored before anything is sent, so
after a crash the next process sees that the submission may have arrived, and asks the department.
"""

import asyncio
import datetime as dt
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from sqlalchemy import select, update

from hub.durable.attempts import FIRST_INQUIRY, Attempts, is_final_reply
from hub.durable.delivery_queue import DeliveryQueue
from hub.durable.delivery_records import DeliveryRecords
from hub.durable.holds import Holds
from hub.durable.model import (
    DeliveryPort,
    EarlierSubmissionError,
    EventKind,
    Submission,
    TaskKind,
)
from hub.durable.outcomes import Failure, StaleAttemptError, code_of, judged
from hub.durable.table import SubmissionRow, SubmissionTable, add_event
from hub.durable.waiting import Waiting
from hub.observe import SubmissionMetrics
from hub.observe.stacks import stack_of
from hub.store import Store
from hub.store.submission_tables import submission, submission_event
from hub.store.tables import moment_of
from hub.store.transactions import reading, writing
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionState

log = logging.getLogger(__name__)

STALE_SECONDS = 30.0
"""An attempt that has not been sent so long after its begin is not sent any more."""
STORE_PATIENCE = 60.0
"""Seconds for which the result of an attempt is kept while the database does not reply."""
NOTIFY_SECONDS = 15.0
NOTIFIED = frozenset({SubmissionState.SENT, SubmissionState.ACKNOWLEDGED, SubmissionState.FAILED})
"""States about which citizens are informed."""
MOST_ATTEMPTS = 10
"""Attempts after which an operator must look at a submission that the department never takes."""
SHORTEST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)

Result = TypeVar("Result")


class Delivery:
    """Delivers submissions to departments.

    Args:
        port: sends, asks and notifies.
        calls: deliveries that may call a department at once.
        clock: returns the time.
        monotonic: returns seconds.

    Attributes:
        attempts: stores attempts and what departments reply.
    """

    def __init__(
        self,
        store: Store,
        table: SubmissionTable,
        queue: DeliveryQueue,
        holds: Holds,
        waiting: Waiting,
        port: DeliveryPort,
        calls: Mapping[str, int],
        clock: Callable[[], dt.datetime],
        metrics: SubmissionMetrics,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.attempts = Attempts(store, table, holds, clock)
        self._records = DeliveryRecords(store, queue, holds, clock)
        self._store = store
        self._table = table
        self._holds = holds
        self._waiting = waiting
        self._port = port
        # Whoever waits here has not begun an attempt, so its deadline does not run.
        self._calls = {department: asyncio.Semaphore(most) for department, most in calls.items()}
        self._clock = clock
        self._metrics = metrics
        self._monotonic = monotonic

    async def run(self, receipt: str, delivery: int) -> None:
        """Deliver a submission, or find out that there is nothing to do.

        Args:
            delivery: number of the delivery. Only the newest of a submission has an effect.
        """
        row = await _patiently(lambda: self.attempts.row(receipt))
        if row is None or row.delivery != delivery:
            return
        stored = self._table.submission(row)
        is_new = stored.state is SubmissionState.NOT_SENT
        if is_new:
            settled = None
            try:
                settled = await self._deliver(row, stored)
                if settled is None:
                    row = await _patiently(lambda: self.attempts.row(receipt))
                    settled = None if row is None else self._table.submission(row)
            finally:
                self._waiting.settle(receipt, settled)
            if row is None or settled is None or row.delivery != delivery:
                return
            stored = settled
        if stored.state not in NOTIFIED or not stored.member:
            return
        # A delivery that was interrupted may have informed the citizen already.
        if is_new or not await self._was_notified(stored):
            await self._notify(stored)

    async def _deliver(self, row: SubmissionRow, stored: Submission) -> Submission | None:
        """Do the next step; return the submission if the department has received it."""
        if row.open_attempt is not None:
            await self._note_unclear(row, stored, ErrorCode.INTERNAL)
        elif row.content is None:
            await _patiently(
                lambda: self._records.give_up(row, ErrorCode.NOT_FOUND, TaskKind.EXHAUSTED)
            )
        elif not self._port.can_send(stored):
            await _patiently(lambda: self._records.note_no_capability(row))
        else:
            async with self._calls[row.department]:
                # The department may have failed while this waited.
                if not self._holds.is_held(row.department, self._clock()):
                    return await self._attempt(row, stored)
            await _patiently(lambda: self._records.enqueue_again(row))
        return None

    async def _attempt(self, row: SubmissionRow, stored: Submission) -> Submission | None:
        attempt = row.attempts + 1
        if not await _patiently(lambda: self.attempts.begin(row)):
            return None
        began = self._monotonic()
        was_sent = False

        def on_sent() -> None:
            nonlocal was_sent
            # If somebody catches this error and sends in spite of it, the end is unclear.
            was_sent = True
            if self._monotonic() - began > STALE_SECONDS:
                raise StaleAttemptError

        try:
            reply = await self._port.send(stored, on_sent)
        except Exception as error:
            await self._note_failure(row, stored, attempt, error, was_sent=was_sent)
            return None
        self._metrics.attempt(row.department, "received")
        if not await _patiently(lambda: self.attempts.note_reply(row, reply, attempt)):
            return None
        is_final = is_final_reply(reply)
        return replace(
            stored,
            state=SubmissionState.ACKNOWLEDGED if is_final else SubmissionState.SENT,
            reference=reply.reference,
            token=reply.token,
            attempts=attempt,
            updated_at=self._clock(),
            next_attempt_at=None if is_final else self._clock() + FIRST_INQUIRY,
            error=None,
            has_task=False,
        )

    async def _note_failure(
        self,
        row: SubmissionRow,
        stored: Submission,
        attempt: int,
        error: Exception,
        *,
        was_sent: bool,
    ) -> None:
        failure, code = judged(error, was_sent=was_sent), code_of(error)
        if failure is Failure.BROKEN or (failure is Failure.UNCLEAR and code is ErrorCode.INTERNAL):
            log.error("The delivery of %s failed: %s", row.receipt, stack_of(error))
        # What was not sent does not count as an attempt.
        attempts = attempt if was_sent else attempt - 1
        if failure is Failure.LATER and attempts >= MOST_ATTEMPTS:
            failure = Failure.BROKEN
        self._metrics.attempt(row.department, failure.name.lower())
        if failure is Failure.UNCLEAR:
            await self._note_unclear(row, stored, code, error)
        elif failure is Failure.HOLD:
            await _patiently(lambda: self._records.note_hold(row, attempts, code, error))
        elif failure is Failure.LATER:
            wait = self._wait_before_next(row, attempts, error)
            await _patiently(lambda: self._records.note_later(row, attempts, code, wait))
        else:
            kind = TaskKind.EXHAUSTED if failure is Failure.BROKEN else TaskKind.REFUSED
            await _patiently(lambda: self._records.give_up(row, code, kind, attempts))

    def _wait_before_next(
        self, row: SubmissionRow, attempts: int, error: Exception
    ) -> dt.timedelta:
        if isinstance(error, EarlierSubmissionError):
            age = self._clock() - moment_of(row.accepted_us)
            return min(max(age / 4, SHORTEST_WAIT), LONGEST_WAIT)
        return min(SHORTEST_WAIT * (1 << attempts), LONGEST_WAIT)

    async def _note_unclear(
        self,
        row: SubmissionRow,
        stored: Submission,
        code: ErrorCode,
        error: Exception | None = None,
    ) -> None:
        can_find, repeat_after = self._port.can_find(stored), None
        if self._port.may_repeat(stored) and row.attempts < MOST_ATTEMPTS:
            repeat_after = self._wait_before_next(row, row.attempts, StaleAttemptError())
        await _patiently(
            lambda: self._records.note_unclear(
                row, code, error, can_find=can_find, repeat_after=repeat_after
            )
        )

    async def _was_notified(self, stored: Submission) -> bool:
        was = (
            submission_event.c.receipt == stored.receipt,
            submission_event.c.event == EventKind.NOTIFIED.value,
            submission_event.c.note == stored.state.name,
        )
        statement = select(submission_event.c.at_us).where(*was)
        async with reading(self._store) as connection:
            return (await connection.execute(statement)).first() is not None

    async def _notify(self, stored: Submission) -> None:
        try:
            if not await asyncio.wait_for(self._port.notify(stored), NOTIFY_SECONDS):
                return
        except Exception as error:
            log.warning("No message about %s: %s", stored.receipt, type(error).__name__)
        now = self._clock()
        lock = update(submission).where(submission.c.receipt == stored.receipt)
        async with writing(self._store) as connection:
            await connection.execute(lock.values(updated_us=submission.c.updated_us))
            event, note = EventKind.NOTIFIED, stored.state.name
            await add_event(connection, stored.receipt, event, now, note=note)


async def _patiently(act: Callable[[], Awaitable[Result]]) -> Result:
    """Return the result of a transaction, which is repeated while the database does not reply."""
    began, wait = time.monotonic(), 0.2
    while True:
        try:
            return await act()
        except HubError as error:
            late = time.monotonic() - began > STORE_PATIENCE
            if error.code is not ErrorCode.STORE_UNAVAILABLE or late:
                raise
        await asyncio.sleep(wait)
        wait = min(wait * 2, 5.0)
