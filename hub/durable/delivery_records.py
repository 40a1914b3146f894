"""Stores the steps of a delivery: that an attempt begins, and how it ends."""

import datetime as dt
import logging
from collections.abc import Callable, Mapping

from sqlalchemy import ColumnElement, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.contract import DepartmentError
from adapters.writes import WriteReply
from hub.durable.delivery_queue import DeliveryQueue
from hub.durable.holds import Holds
from hub.durable.model import EventKind, TaskKind
from hub.durable.outcomes import DEPARTMENT_WIDE
from hub.durable.table import SubmissionRow, SubmissionTable, add_event, row_of
from hub.durable.tasks import close_tasks, open_task
from hub.store import Store
from hub.store.group_commit import GroupCommit
from hub.store.submission_tables import submission
from hub.store.tables import microseconds_of
from hub.store.transactions import reading, writing
from schema.codes import ErrorCode
from schema.submission_state import SubmissionKind, SubmissionState

log = logging.getLogger(__name__)

FIRST_INQUIRY = dt.timedelta(seconds=5)


class DeliveryRecords:
    """Changes the rows of submissions that are being delivered.

    A change has no effect if another delivery of the submission has begun.

    Args:
        clock: returns the time.
    """

    def __init__(
        self,
        store: Store,
        table: SubmissionTable,
        queue: DeliveryQueue,
        holds: Holds,
        clock: Callable[[], dt.datetime],
    ) -> None:
        self._store = store
        self._group = GroupCommit(store)
        self._table = table
        self._queue = queue
        self._holds = holds
        self._clock = clock

    async def row(self, receipt: str) -> SubmissionRow | None:
        """Return the row with a receipt number."""
        async with reading(self._store) as connection:
            return await row_of(connection, receipt)

    async def begin(self, row: SubmissionRow, attempt: int) -> bool:
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
        now, is_final = self._clock(), is_final_reply(reply)
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
        await self._queue.enqueue(connection, row.receipt, following, row.department, row.number)

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


def is_final_reply(reply: WriteReply) -> bool:
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
