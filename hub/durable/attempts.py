"""Stores that an attempt begins, and that the department has received the submission.

Deliveries that are at the same step at the same time share a transaction.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, bindparam, update
from sqlalchemy.ext.asyncio import AsyncConnection
from strawberry.dataloader import DataLoader

from adapters.writes import WriteReply
from hub.durable.holds import Holds
from hub.durable.model import EventKind, SubmissionEvent
from hub.durable.table import SubmissionRow, SubmissionTable, add_events, rows_of
from hub.durable.tasks import close_tasks
from hub.store import Store
from hub.store.group_commit import GroupCommit
from hub.store.submission_tables import submission
from hub.store.tables import microseconds_of
from hub.store.transactions import reading
from schema.submission_state import SubmissionState

log = logging.getLogger(__name__)

FIRST_INQUIRY = dt.timedelta(seconds=5)
# The states that a reply may find. They are pairs, because one statement serves all three.
UNSENT_STATES = (SubmissionState.NOT_SENT.name, SubmissionState.NOT_SENT.name)
"""The state of a submission during its attempt, unless something else happened to it."""
UNCLEAR_STATES = (SubmissionState.MAYBE_SENT.name, SubmissionState.MAYBE_SENT.name)
"""The states of submissions that another process has taken over during the attempt. The reply is
true in spite of it."""
ASKED_STATES = (SubmissionState.MAYBE_SENT.name, SubmissionState.SENT.name)
"""The states of submissions that the hub asks the department for."""


@dataclass(frozen=True, slots=True)
class _Beginning:
    """An attempt that begins."""

    receipt: str
    delivery: int
    attempt: int
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class _Received:
    """A submission that the department has received."""

    row: SubmissionRow
    parameters: dict[str, object]
    event: SubmissionEvent
    ends_hold: bool


class Attempts:
    """The attempts to send submissions, as far as nothing fails.

    A change has no effect if another delivery of the submission has begun.

    Args:
        clock: returns the time.
    """

    def __init__(
        self, store: Store, table: SubmissionTable, holds: Holds, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._table = table
        self._holds = holds
        self._clock = clock
        self._rows: DataLoader[str, SubmissionRow | None] = DataLoader(self._read, cache=False)
        self._beginnings = GroupCommit(store, _begin_all)
        self._replies = GroupCommit(store, self._note_replies)

    async def row(self, receipt: str) -> SubmissionRow | None:
        """Return the row with a receipt number."""
        return await self._rows.load(receipt)

    async def _read(self, receipts: list[str]) -> list[SubmissionRow | None]:
        async with reading(self._store) as connection:
            return await rows_of(connection, receipts)

    async def begin(self, row: SubmissionRow) -> bool:
        """Store that an attempt begins; return False if the submission has changed meanwhile."""
        beginning = _Beginning(row.receipt, row.delivery, row.attempts + 1, self._clock())
        return await self._beginnings.run(beginning)

    async def note_reply(self, row: SubmissionRow, reply: WriteReply, attempt: int | None) -> bool:
        """Store that the department has received the submission; return False if it is too late.

        Args:
            attempt: number of the attempt; None if the hub asked the department.
        """
        now, is_final = self._clock(), is_final_reply(reply)
        state = SubmissionState.ACKNOWLEDGED if is_final else SubmissionState.SENT
        next_attempt = None if is_final else microseconds_of(now + FIRST_INQUIRY)
        if attempt is None:
            # A delivery informs the citizen.
            next_attempt = microseconds_of(now)
        parameters = {
            "its_receipt": row.receipt,
            "its_delivery": row.delivery,
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
        kind = EventKind.ACKNOWLEDGED if is_final else EventKind.SENT
        event = SubmissionEvent(now, kind, attempt)
        ends_hold = attempt is not None and row.department in self._holds.all
        is_noted = await self._replies.run(_Received(row, parameters, event, ends_hold))
        if not is_noted:
            log.warning("The reply about %s came too late", row.receipt)
        return is_noted

    async def _note_replies(
        self, connection: AsyncConnection, group: Sequence[_Received]
    ) -> Sequence[bool]:
        may_have_task = await connection.run_sync(_update_received, group)
        received = [
            (each, may) for each, may in zip(group, may_have_task, strict=True) if may is not None
        ]
        await add_events(connection, [(each.row.receipt, each.event) for each, _ in received])
        await close_tasks(
            connection, [(each.row.receipt, each.event.at) for each, may in received if may]
        )
        ended = {each.row.department for each, _ in received if each.ends_hold}
        for department in sorted(ended):
            await self._holds.end(connection, department)
        return [may is not None for may in may_have_task]


async def _begin_all(connection: AsyncConnection, group: Sequence[_Beginning]) -> Sequence[bool]:
    begun = await connection.run_sync(_update_begun, group)
    events = [
        (each.receipt, SubmissionEvent(each.at, EventKind.SENDING, each.attempt))
        for each, has_begun in zip(group, begun, strict=True)
        if has_begun
    ]
    await add_events(connection, events)
    return begun


def _update_begun(connection: Connection, group: Sequence[_Beginning]) -> list[bool]:
    # One statement for all would make SQLite read every submission in this state.
    return [
        connection.execute(
            _BEGIN,
            {
                "its_receipt": each.receipt,
                "its_delivery": each.delivery,
                "its_attempt": each.attempt,
                "its_time": microseconds_of(each.at),
            },
        ).rowcount
        > 0
        for each in group
    ]


def _update_received(connection: Connection, group: Sequence[_Received]) -> list[bool | None]:
    """Return whether each submission can have an open task; None if it is too late."""
    return [_update(connection, each) for each in group]


def _update(connection: Connection, received: _Received) -> bool | None:
    is_asked = received.event.attempt is None
    for one, other in [ASKED_STATES] if is_asked else [UNSENT_STATES, UNCLEAR_STATES]:
        parameters = {**received.parameters, "its_old_state": one, "or_old_state": other}
        if connection.execute(_NOTE_REPLY, parameters).rowcount:
            # Tasks are opened only together with a change of the state.
            return bool(received.row.has_task) or one != SubmissionState.NOT_SENT.name
    return None


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
_NOTE_REPLY = (
    update(submission)
    .where(
        submission.c.receipt == bindparam("its_receipt"),
        submission.c.delivery == bindparam("its_delivery"),
        (submission.c.state == bindparam("its_old_state"))
        | (submission.c.state == bindparam("or_old_state")),
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


def is_final_reply(reply: WriteReply) -> bool:
    return reply.is_final or reply.reference is not None
