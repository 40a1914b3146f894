"""Lists submissions for operators, without personal data."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select

from hub.durable.model import UNFINISHED, SubmissionEvent
from hub.durable.table import OPEN_TASK, events_of
from hub.store import Store
from hub.store.submission_tables import submission
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading
from schema.submission_state import SubmissionKind, SubmissionState


@dataclass(frozen=True, slots=True)
class SubmissionFilter:
    """Which submissions are meant. A field that is None does not restrict.

    Attributes:
        department: identifier of the department.
        kind: what was submitted.
        state: how far it has got.
        is_stuck: True for those that are unfinished and have failed, or have an open task.
        since: accepted at or after this moment.
    """

    department: str | None = None
    kind: SubmissionKind | None = None
    state: SubmissionState | None = None
    is_stuck: bool = False
    since: dt.datetime | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        columns = submission.c
        found: list[ColumnElement[bool]] = []
        if self.department is not None:
            found.append(columns.department == self.department)
        if self.kind is not None:
            found.append(columns.kind == self.kind.name)
        if self.state is not None:
            found.append(columns.state == self.state.name)
        if self.since is not None:
            found.append(columns.accepted_us >= microseconds_of(self.since))
        if self.is_stuck:
            waits = columns.state.in_([each.name for each in UNFINISHED])
            found.append((waits & columns.error.is_not(None)) | OPEN_TASK)
        return found


@dataclass(frozen=True, slots=True)
class SubmissionSummary:
    """What operators see of a submission.

    Attributes:
        number: position in the order of acceptance.
        receipt: receipt number.
        kind, department, service, state: as in `Submission`.
        attempts: how often it was sent.
        error: code of the last failure; None if there is none.
        has_task: True while an operator has to decide about it.
        accepted_at: when the hub stored it (UTC).
        updated_at: when its state last changed (UTC).
        next_attempt_at: when the hub tries again (UTC); None if nothing is planned.
    """

    number: int
    receipt: str
    kind: SubmissionKind
    department: str
    service: str | None
    state: SubmissionState
    attempts: int
    error: str | None
    has_task: bool
    accepted_at: dt.datetime
    updated_at: dt.datetime
    next_attempt_at: dt.datetime | None


class SubmissionListing:
    """Reads submissions from the database, whether hub processes run or not.

    Every method raises `HubError` with `STORE_UNAVAILABLE` if the database does not reply.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def list(
        self, wanted: SubmissionFilter, limit: int | None = None
    ) -> Sequence[SubmissionSummary]:
        """Return submissions in the order of acceptance.

        Args:
            limit: return the newest of them, at most this many; all if None.
        """
        statement = _selected().where(*wanted.conditions())
        newest_first = statement.order_by(submission.c.number.desc()).limit(limit)
        async with reading(self._store) as connection:
            rows = (await connection.execute(newest_first)).all()
        return [_summary(row) for row in reversed(rows)]

    async def count(self, wanted: SubmissionFilter) -> int:
        """Return the number of submissions."""
        statement = select(func.count()).select_from(submission).where(*wanted.conditions())
        async with reading(self._store) as connection:
            return (await connection.execute(statement)).scalar_one()

    async def one(self, receipt: str) -> tuple[SubmissionSummary, Sequence[SubmissionEvent]] | None:
        """Return a submission and what happened to it, oldest first; None if there is none."""
        async with reading(self._store) as connection:
            statement = _selected().where(submission.c.receipt == receipt)
            row = (await connection.execute(statement)).one_or_none()
            events = await events_of(connection, receipt)
        return None if row is None else (_summary(row), events)


def _selected() -> Any:
    columns = submission.c
    return select(
        columns.number,
        columns.receipt,
        columns.kind,
        columns.department,
        columns.service,
        columns.state,
        columns.attempts,
        columns.error,
        columns.accepted_us,
        columns.updated_us,
        columns.next_attempt_us,
        OPEN_TASK.label("has_task"),
    )


def _summary(row: Any) -> SubmissionSummary:
    next_us = row.next_attempt_us
    return SubmissionSummary(
        row.number,
        row.receipt,
        SubmissionKind[row.kind],
        row.department,
        row.service,
        SubmissionState[row.state],
        row.attempts,
        row.error,
        bool(row.has_task),
        moment_of(row.accepted_us),
        moment_of(row.updated_us),
        None if next_us is None else moment_of(next_us),
    )
