"""Tasks: decisions about submissions that only an operator can make."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.log import Act
from hub.durable.model import EventKind, TaskKind
from hub.durable.table import SubmissionTable, add_event
from hub.store import Store
from hub.store.queued_acts import QueuedAct, queue
from hub.store.submission_tables import submission, submission_task
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading, writing
from schema.submission_state import SubmissionState


class TaskOutcome(StrEnum):
    """How a task ended."""

    RETRIED = "RETRIED"
    """The submission was sent again."""
    DELIVERED = "DELIVERED"
    """The department has the submission."""
    FAILED = "FAILED"
    """The submission will not be delivered."""


@dataclass(frozen=True, slots=True)
class Task:
    """A task.

    Attributes:
        task_id: identifies the task.
        receipt: receipt number of the submission.
        department: identifier of the department.
        kind: why an operator must decide.
        error: code of the failure (`ErrorCode`); None if there was none.
        opened_at: since when (UTC).
        closed_at: when it was closed (UTC); None while it is open.
        closed_by: account of the operator; None if the hub closed it, or it is open.
        outcome: how it ended; None while it is open.
        note: why, as the operator wrote it; None if there is no reason.
    """

    task_id: str
    receipt: str
    department: str
    kind: TaskKind
    error: str | None
    opened_at: dt.datetime
    closed_at: dt.datetime | None = None
    closed_by: str | None = None
    outcome: TaskOutcome | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which tasks are meant. A field that is None or empty does not restrict.

    Attributes:
        ids: ids of tasks.
        department: identifier of the department.
        kind: why the task was opened.
        error: code of the failure.
        receipt: receipt number.
        is_open: True for open tasks only.
    """

    ids: Collection[str] = ()
    department: str | None = None
    kind: TaskKind | None = None
    error: str | None = None
    receipt: str | None = None
    is_open: bool = True

    def conditions(self) -> list[ColumnElement[bool]]:
        columns = submission_task.c
        wanted = {
            columns.department: self.department,
            columns.kind: self.kind,
            columns.error: self.error,
            columns.receipt: self.receipt,
        }
        found = [column == value for column, value in wanted.items() if value is not None]
        if self.ids:
            found.append(columns.task_id.in_(self.ids))
        if self.is_open:
            found.append(columns.closed_us.is_(None))
        return found


class Tasks:
    """The tasks in the database. Commands use it too, while hub processes run or not.

    Every method raises `HubError` with `STORE_UNAVAILABLE` if the database does not reply.
    """

    def __init__(
        self, store: Store, table: SubmissionTable, clock: Callable[[], dt.datetime]
    ) -> None:
        self._store = store
        self._table = table
        self._clock = clock

    async def list(
        self, wanted: TaskFilter | None = None, limit: int = 100, offset: int = 0
    ) -> Sequence[Task]:
        """Return tasks, the oldest first."""
        order = (submission_task.c.opened_us, submission_task.c.task_id)
        statement = (
            select(submission_task)
            .where(*(wanted or TaskFilter()).conditions())
            .order_by(*order)
            .limit(limit)
            .offset(offset)
        )
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
        return [
            Task(
                row.task_id,
                row.receipt,
                row.department,
                TaskKind(row.kind),
                row.error,
                moment_of(row.opened_us),
                None if row.closed_us is None else moment_of(row.closed_us),
                row.closed_by,
                None if row.outcome is None else TaskOutcome(row.outcome),
                row.note,
            )
            for row in rows
        ]

    async def show(self, task_id: str) -> Task | None:
        """Return the task; None if there is none."""
        found = await self.list(TaskFilter([task_id], is_open=False), 1)
        return found[0] if found else None

    async def count(self, wanted: TaskFilter) -> int:
        """Return the number of tasks."""
        statement = select(func.count()).select_from(submission_task).where(*wanted.conditions())
        async with reading(self._store) as connection:
            return (await connection.execute(statement)).scalar_one()

    async def retry(self, wanted: TaskFilter, actor: str, reason: str) -> Sequence[str]:
        """Have submissions sent again, although the hub does not know whether that is right.

        Args:
            actor: account of the operator.
            reason: why, without personal data. The access log shows it.

        Returns: the receipt numbers.
        """
        values: dict[str, object] = {
            "state": SubmissionState.NOT_SENT.name,
            "inquiries": 0,
            "denials": 0,
        }
        return await self._close_all(
            wanted, TaskOutcome.RETRIED, Act.RETRY_TASK, actor, reason, lambda _receipt, _of: values
        )

    async def resolve(
        self,
        wanted: TaskFilter,
        outcome: TaskOutcome,
        actor: str,
        reason: str,
        reference: str | None = None,
    ) -> Sequence[str]:
        """Close tasks because an operator knows what became of the submissions.

        Args:
            outcome: `DELIVERED` or `FAILED`.
            actor: account of the operator.
            reason: why, without personal data. The access log shows it.
            reference: the department's number; only for one task that is `DELIVERED`.

        Returns: the receipt numbers.
        """

        def values(receipt: str, department: str) -> dict[str, object]:
            if outcome is not TaskOutcome.DELIVERED:
                return {"state": SubmissionState.FAILED.name}
            changed: dict[str, object] = {"state": SubmissionState.ACKNOWLEDGED.name}
            if reference is not None:
                changed["result"] = self._table.result_of(receipt, reference, None)
                changed["reference"] = self._table.reference_of(department, reference)
            return changed

        return await self._close_all(wanted, outcome, Act.RESOLVE_TASK, actor, reason, values)

    async def _close_all(
        self,
        wanted: TaskFilter,
        outcome: TaskOutcome,
        act: Act,
        actor: str,
        reason: str,
        values: "Callable[[str, str], dict[str, object]]",
    ) -> Sequence[str]:
        now = self._clock()
        columns = submission_task.c
        closing = (
            update(submission_task)
            .where(*wanted.conditions(), columns.closed_us.is_(None))
            .values(
                closed_us=microseconds_of(now), closed_by=actor, outcome=outcome.value, note=reason
            )
            .returning(columns.task_id, columns.receipt, columns.department, columns.kind)
        )
        kind = EventKind.TASK_RESOLVED
        if outcome is TaskOutcome.RETRIED:
            kind = EventKind.TASK_RETRIED
        async with writing(self._store) as connection:
            rows = (await connection.execute(closing)).all()
            for row in rows:
                changed: dict[str, object] = {
                    "updated_us": microseconds_of(now),
                    "open_attempt": None,
                    # A hub process sends the submission, or informs the citizen.
                    "next_attempt_us": microseconds_of(now),
                    **values(row.receipt, row.department),
                }
                found = submission.c.receipt == row.receipt
                await connection.execute(update(submission).where(found).values(changed))
                await add_event(connection, row.receipt, kind, now, actor=actor, note=reason)
                target = f"task {row.task_id} {row.department} {row.kind} {row.receipt}"
                await queue(connection, QueuedAct(act, target, reason, actor, now))
        return [row.receipt for row in rows]


async def open_task(
    connection: AsyncConnection,
    receipt: str,
    department: str,
    kind: TaskKind,
    error: str | None,
    now: dt.datetime,
) -> None:
    """Open a task, unless the submission has an open one.

    The transaction must have changed the submission's row before.
    """
    is_open = (submission_task.c.receipt == receipt, submission_task.c.closed_us.is_(None))
    if (await connection.execute(select(submission_task.c.task_id).where(*is_open))).first():
        return
    row = {
        "task_id": uuid.uuid4().hex[:12],
        "receipt": receipt,
        "department": department,
        "kind": kind.value,
        "error": error,
        "opened_us": microseconds_of(now),
    }
    await connection.execute(insert(submission_task), row)
    await add_event(connection, receipt, EventKind.TASK_OPENED, now, note=kind.value, error=error)


async def close_tasks(
    connection: AsyncConnection,
    settled: Sequence[tuple[str, dt.datetime]],
    outcome: TaskOutcome = TaskOutcome.DELIVERED,
) -> None:
    """Close the tasks of submissions, because no operator needs to decide any more.

    Args:
        settled: receipt numbers, and when the tasks are closed.
    """
    if not settled:
        return
    parameters = [
        {"its_receipt": receipt, "its_time": microseconds_of(at), "its_outcome": outcome.value}
        for receipt, at in settled
    ]
    await connection.execute(_CLOSE, parameters)


_CLOSE = (
    update(submission_task)
    .where(
        submission_task.c.receipt == bindparam("its_receipt"),
        submission_task.c.closed_us.is_(None),
    )
    .values(closed_us=bindparam("its_time"), outcome=bindparam("its_outcome"))
)
