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

from sqlalchemy import ColumnElement, bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.contract import DepartmentError
from adapters.writes import WriteReply
from hub.durable.delivery_queue import DeliveryQueue
from hub.durable.holds import Holds
from hub.durable.model import (
    DeliveryPort,
    EarlierSubmissionError,
    EventKind,
    Submission,
    TaskKind,
)
from hub.durable.outcomes import DEPARTMENT_WIDE, Failure, StaleAttemptError, code_of, judged
from hub.durable.table import SubmissionRow, SubmissionTable, add_event, row_of
from hub.durable.tasks import close_tasks, open_task
from hub.durable.waiting import Waiting
from hub.observe import SubmissionMetrics
from hub.observe.stacks import stack_of
from hub.store import Store
from hub.store.group_commit import GroupCommit
from hub.store.submission_tables import submission, submission_event
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading, writing
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.submission_state import SubmissionKind, SubmissionState

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
FIRST_INQUIRY = dt.timedelta(seconds=5)
SHORTEST_WAIT = dt.timedelta(seconds=30)
LONGEST_WAIT = dt.timedelta(minutes=15)

Result = TypeVar("Result")


class Delivery:
    """Delivers submissions to departments.

    Args:
        port: sends, asks and notifies.
        clock: returns the time.
        monotonic: returns seconds.
    """

    def __init__(
        self,
        store: Store,
        table: SubmissionTable,
        queue: DeliveryQueue,
        holds: Holds,
        waiting: Waiting,
        port: DeliveryPort,
        clock: Callable[[], dt.datetime],
        metrics: SubmissionMetrics,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._group = GroupCommit(store)
        self._table = table
        self._queue = queue
        self._holds = holds
        self._waiting = waiting
        self._port = port
        self._clock = clock
        self._metrics = metrics
        self._monotonic = monotonic

    async def run(self, receipt: str, delivery: int) -> None:
        """Deliver a submission, or find out that there is nothing to do.

        Args:
            delivery: number of the delivery. Only the newest of a submission has an effect.
        """
        row = await _patiently(lambda: self._row(receipt))
        if row is None or row.delivery != delivery:
            return
        stored = self._table.submission(row)
        is_new = stored.state is SubmissionState.NOT_SENT
        if is_new:
            settled = None
            try:
                settled = await self._deliver(row, stored)
                if settled is None:
                    row = await _patiently(lambda: self._row(receipt))
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
        now = self._clock()
        if row.open_attempt is not None:
            await _patiently(lambda: self._note_unclear(row, stored, ErrorCode.INTERNAL))
        elif row.content is None:
            await _patiently(lambda: self._give_up(row, ErrorCode.NOT_FOUND, TaskKind.EXHAUSTED))
        elif not self._port.can_send(stored):
            await _patiently(lambda: self._note_no_capability(row))
        elif self._holds.is_held(stored.department, now):
            await _patiently(lambda: self._enqueue_again(row))
        else:
            return await self._attempt(row, stored)
        return None

    async def _attempt(self, row: SubmissionRow, stored: Submission) -> Submission | None:
        attempt = row.attempts + 1
        if not await _patiently(lambda: self._begin(row, attempt)):
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
        if not await _patiently(lambda: self.note_reply(row, reply, attempt)):
            return None
        is_final = _is_final(reply)
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
            await _patiently(lambda: self._note_unclear(row, stored, code, error))
        elif failure is Failure.HOLD:
            await _patiently(lambda: self._note_hold(row, attempts, code, error))
        elif failure is Failure.LATER:
            wait = self._wait_before_next(row, attempts, error)
            await _patiently(lambda: self._note_later(row, attempts, code, wait))
        else:
            kind = TaskKind.EXHAUSTED if failure is Failure.BROKEN else TaskKind.REFUSED
            await _patiently(lambda: self._give_up(row, code, kind, attempts))

    def _wait_before_next(
        self, row: SubmissionRow, attempts: int, error: Exception
    ) -> dt.timedelta:
        if isinstance(error, EarlierSubmissionError):
            age = self._clock() - moment_of(row.accepted_us)
            return min(max(age / 4, SHORTEST_WAIT), LONGEST_WAIT)
        return min(SHORTEST_WAIT * (1 << attempts), LONGEST_WAIT)

    async def _row(self, receipt: str) -> SubmissionRow | None:
        async with reading(self._store) as connection:
            return await row_of(connection, receipt)

    async def _begin(self, row: SubmissionRow, attempt: int) -> bool:
        """Store that an attempt begins; return False if the submission has changed meanwhile."""
        now = self._clock()
        parameters = {
            "its_receipt": row.receipt,
            "its_delivery": row.delivery,
            "its_attempt": attempt,
            "its_time": microseconds_of(now),
        }

        async def change(connection: AsyncConnection) -> bool:
            if (await connection.execute(_BEGIN, parameters)).rowcount == 0:
                return False
            await add_event(connection, row.receipt, EventKind.SENDING, now, attempt=attempt)
            return True

        return await self._group.run(change)

    async def note_reply(self, row: SubmissionRow, reply: WriteReply, attempt: int | None) -> bool:
        """Store that the department has received the submission; return False if it is too late.

        Args:
            attempt: number of the attempt; None if the hub asked the department.
        """
        now, is_final = self._clock(), _is_final(reply)
        state = SubmissionState.ACKNOWLEDGED if is_final else SubmissionState.SENT
        next_attempt = None if is_final else microseconds_of(now + FIRST_INQUIRY)
        # The reply is true even if another process has taken over and found the end unclear.
        waits = [SubmissionState.NOT_SENT.name, SubmissionState.MAYBE_SENT.name]
        if attempt is None:
            # A delivery informs the citizen.
            next_attempt = microseconds_of(now)
            waits = [SubmissionState.MAYBE_SENT.name, SubmissionState.SENT.name]
        parameters = {
            "its_receipt": row.receipt,
            "its_delivery": row.delivery,
            "its_states": waits,
            "its_state": state.name,
            "its_time": microseconds_of(now),
            "its_next_attempt": next_attempt,
            "its_result": row.result,
            "its_reference": row.reference,
        }
        if reply.reference is not None or reply.token is not None:
            parameters["its_result"] = self._table.result_of(
                row.receipt, reply.reference, reply.token
            )
        if reply.reference is not None:
            parameters["its_reference"] = self._table.reference_of(row.department, reply.reference)

        was_held = attempt is not None and row.department in self._holds.all

        async def change(connection: AsyncConnection) -> bool:
            if (await connection.execute(_NOTE_REPLY, parameters)).rowcount == 0:
                return False
            event = EventKind.ACKNOWLEDGED if is_final else EventKind.SENT
            await add_event(connection, row.receipt, event, now, attempt=attempt)
            await close_tasks(connection, row.receipt, now)
            if was_held:
                await self._holds.end(connection, row.department)
            return True

        is_noted = await self._group.run(change)
        if not is_noted:
            log.warning("The reply about %s came too late", row.receipt)
        return is_noted

    async def _note_unclear(
        self,
        row: SubmissionRow,
        stored: Submission,
        code: ErrorCode,
        error: Exception | None = None,
    ) -> None:
        now = self._clock()
        can_find, may_repeat = self._port.can_find(stored), self._port.may_repeat(stored)
        changed = {
            "state": SubmissionState.MAYBE_SENT.name,
            "open_attempt": None,
            "error": code.name,
            "updated_us": microseconds_of(now),
            "next_attempt_us": microseconds_of(now + FIRST_INQUIRY) if can_find else None,
            "inquiries": 0,
            "denials": 0,
        }
        async with writing(self._store) as connection:
            if not await self._change(connection, row, changed):
                return
            event = EventKind.MAYBE_SENT
            await add_event(connection, row.receipt, event, now, error=code.name)
            if code in DEPARTMENT_WIDE:
                await self._hold(connection, row, code, error, now)
            if can_find:
                return
            if may_repeat and row.attempts < MOST_ATTEMPTS:
                wait = self._wait_before_next(row, row.attempts, StaleAttemptError())
                await send_again(connection, row.receipt, now + wait)
                return
            department = row.department
            kind = TaskKind.CANNOT_BE_ASKED
            await open_task(connection, row.receipt, department, kind, code.name, now)

    async def _note_hold(
        self, row: SubmissionRow, attempts: int, code: ErrorCode, error: Exception
    ) -> None:
        now = self._clock()
        async with writing(self._store) as connection:
            if not await self._again(connection, row, attempts, code, now):
                return
            await self._hold(connection, row, code, error, now)
            await self._enqueue_next(connection, row)

    async def _hold(
        self,
        connection: AsyncConnection,
        row: SubmissionRow,
        code: ErrorCode,
        error: Exception | None,
        now: dt.datetime,
    ) -> None:
        earliest = None
        if isinstance(error, DepartmentError):
            earliest = error.back_at
            if earliest is None and error.retry_after is not None:
                earliest = now + dt.timedelta(seconds=error.retry_after)
        await self._holds.extend(connection, row.department, code, now, earliest)

    async def _note_later(
        self, row: SubmissionRow, attempts: int, code: ErrorCode, wait: dt.timedelta
    ) -> None:
        now = self._clock()
        async with writing(self._store) as connection:
            if not await self._again(connection, row, attempts, code, now, now + wait):
                return
            if attempts == row.attempts + 1:
                # The department has answered, so it is not down.
                await self._holds.end(connection, row.department)

    async def _again(
        self,
        connection: AsyncConnection,
        row: SubmissionRow,
        attempts: int,
        code: ErrorCode,
        now: dt.datetime,
        next_attempt: dt.datetime | None = None,
    ) -> bool:
        changed = {
            "open_attempt": None,
            "attempts": attempts,
            "error": code.name,
            "updated_us": microseconds_of(now),
            "next_attempt_us": None if next_attempt is None else microseconds_of(next_attempt),
        }
        if not await self._change(connection, row, changed):
            return False
        await add_event(connection, row.receipt, EventKind.NOT_RECEIVED, now, error=code.name)
        return True

    async def _enqueue_again(self, row: SubmissionRow) -> None:
        async with writing(self._store) as connection:
            if await self._change(connection, row, {"next_attempt_us": None}):
                await self._enqueue_next(connection, row)

    async def _enqueue_next(self, connection: AsyncConnection, row: SubmissionRow) -> None:
        following = row.delivery + 1
        same = (submission.c.receipt == row.receipt, submission.c.delivery == row.delivery)
        await connection.execute(update(submission).where(*same).values(delivery=following))
        await self._queue.enqueue(connection, row.receipt, following, row.department, row.number)

    async def _give_up(
        self, row: SubmissionRow, code: ErrorCode, kind: TaskKind, attempts: int | None = None
    ) -> None:
        now = self._clock()
        changed = {
            "attempts": row.attempts if attempts is None else attempts,
            "state": SubmissionState.FAILED.name,
            "open_attempt": None,
            "error": code.name,
            "updated_us": microseconds_of(now),
            "next_attempt_us": None,
        }
        async with writing(self._store) as connection:
            if not await self._change(connection, row, changed):
                return
            await add_event(connection, row.receipt, EventKind.FAILED, now, error=code.name)
            await open_task(connection, row.receipt, row.department, kind, code.name, now)
            if kind is TaskKind.REFUSED:
                await self._holds.end(connection, row.department)

    async def _note_no_capability(self, row: SubmissionRow) -> None:
        if row.kind != SubmissionKind.CORRECTION.name:
            await self._give_up(row, ErrorCode.NOT_CONFIGURED, TaskKind.NO_CAPABILITY)
            return
        now = self._clock()
        changed = {"updated_us": microseconds_of(now), "error": ErrorCode.NOT_CONFIGURED.name}
        kind, code = TaskKind.NO_CAPABILITY, ErrorCode.NOT_CONFIGURED.name
        async with writing(self._store) as connection:
            if await self._change(connection, row, changed):
                await open_task(connection, row.receipt, row.department, kind, code, now)

    async def _change(
        self, connection: AsyncConnection, row: SubmissionRow, values: Mapping[str, object]
    ) -> bool:
        """Change a submission that is not sent, unless another delivery has begun."""
        statement = update(submission).where(*_same(row)).values(values)
        return (await connection.execute(statement)).rowcount > 0

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


async def send_again(connection: AsyncConnection, receipt: str, at: dt.datetime) -> None:
    """Have a submission sent again that the department certainly does not have."""
    values = {
        "state": SubmissionState.NOT_SENT.name,
        "open_attempt": None,
        "next_attempt_us": microseconds_of(at),
        "inquiries": 0,
        "denials": 0,
    }
    await connection.execute(
        update(submission).where(submission.c.receipt == receipt).values(values)
    )


_BEGIN = (
    update(submission)
    .where(
        submission.c.receipt == bindparam("its_receipt"),
        submission.c.delivery == bindparam("its_delivery"),
        submission.c.state == SubmissionState.NOT_SENT.name,
        submission.c.open_attempt.is_(None),
    )
    .values(
        open_attempt=bindparam("its_attempt"),
        attempts=bindparam("its_attempt"),
        updated_us=bindparam("its_time"),
    )
)


def _is_final(reply: WriteReply) -> bool:
    return reply.is_final or reply.reference is not None


_NOTE_REPLY = (
    update(submission)
    .where(
        submission.c.receipt == bindparam("its_receipt"),
        submission.c.delivery == bindparam("its_delivery"),
        submission.c.state.in_(bindparam("its_states", expanding=True)),
    )
    .values(
        state=bindparam("its_state"),
        open_attempt=None,
        error=None,
        updated_us=bindparam("its_time"),
        next_attempt_us=bindparam("its_next_attempt"),
        inquiries=0,
        denials=0,
        result=bindparam("its_result"),
        reference=bindparam("its_reference"),
    )
)


def _same(row: SubmissionRow) -> tuple[ColumnElement[bool], ...]:
    return (
        submission.c.receipt == row.receipt,
        submission.c.delivery == row.delivery,
        submission.c.state == SubmissionState.NOT_SENT.name,
    )


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
