"""Stores the ends of deliveries that the department did not confirm."""

import datetime as dt
from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.contract import DepartmentError
from hub.durable.attempts import FIRST_INQUIRY
from hub.durable.delivery_queue import DeliveryQueue, Enqueued
from hub.durable.holds import Holds
from hub.durable.model import EventKind, TaskKind
from hub.durable.outcomes import DEPARTMENT_WIDE
from hub.durable.table import SubmissionRow, add_event
from hub.durable.tasks import open_task
from hub.store import Store
from hub.store.submission_tables import submission
from hub.store.tables import microseconds_of
from hub.store.transactions import writing
from schema.codes import ErrorCode
from schema.submission_state import SubmissionKind, SubmissionState


class DeliveryRecords:
    """Changes the rows of submissions that are being delivered.

    A change has no effect if another delivery of the submission has begun.

    Args:
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        queue: DeliveryQueue,
        holds: Holds,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._queue = queue
        self._holds = holds
        self._clock = clock

    async def note_unclear(
        self,
        row: SubmissionRow,
        code: ErrorCode,
        error: Exception | None,
        *,
        can_find: bool,
        repeat_after: dt.timedelta | None,
    ) -> None:
        """Store that nobody knows whether the submission has arrived.

        Args:
            can_find: whether the department can be asked for it.
            repeat_after: time after which it is sent again, because the department ignores a
                second copy; None if it does not.
        """
        now = self._clock()
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
            if repeat_after is not None:
                await send_again(connection, row.receipt, now + repeat_after)
                return
            department = row.department
            kind = TaskKind.CANNOT_BE_ASKED
            await open_task(connection, row.receipt, department, kind, code.name, now)

    async def note_hold(
        self, row: SubmissionRow, attempts: int, code: ErrorCode, error: Exception
    ) -> None:
        """Store that nothing arrived, and hold the department."""
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

    async def note_later(
        self, row: SubmissionRow, attempts: int, code: ErrorCode, wait: dt.timedelta
    ) -> None:
        """Store that nothing arrived, and when the submission is sent again."""
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

    async def enqueue_again(self, row: SubmissionRow) -> None:
        """Put the submission back into its queue."""
        async with writing(self._store) as connection:
            if await self._change(connection, row, {"next_attempt_us": None}):
                await self._enqueue_next(connection, row)

    async def _enqueue_next(self, connection: AsyncConnection, row: SubmissionRow) -> None:
        following = row.delivery + 1
        same = (submission.c.receipt == row.receipt, submission.c.delivery == row.delivery)
        await connection.execute(update(submission).where(*same).values(delivery=following))
        enqueued = Enqueued(row.receipt, following, row.department, row.number)
        await self._queue.enqueue(connection, [enqueued])

    async def give_up(
        self, row: SubmissionRow, code: ErrorCode, kind: TaskKind, attempts: int | None = None
    ) -> None:
        """Store that the submission is not sent any more, and open a task."""
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

    async def note_no_capability(self, row: SubmissionRow) -> None:
        """Store that the department has no call for it, so that an operator must forward it."""
        if row.kind != SubmissionKind.CORRECTION.name:
            await self.give_up(row, ErrorCode.NOT_CONFIGURED, TaskKind.NO_CAPABILITY)
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


def _same(row: SubmissionRow) -> tuple[ColumnElement[bool], ...]:
    return (
        submission.c.receipt == row.receipt,
        submission.c.delivery == row.delivery,
        submission.c.state == SubmissionState.NOT_SENT.name,
    )
