"""Reads the numbers that the metrics of submissions show."""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import func, select

from hub.durable.model import UNFINISHED
from hub.observe.submissions import SubmissionMetrics
from hub.store import Store
from hub.store.submission_tables import submission, submission_task
from hub.store.tables import moment_of
from hub.store.transactions import reading
from schema.submission_state import SubmissionState


async def measure(
    store: Store, metrics: SubmissionMetrics, held: Iterable[str], now: dt.datetime
) -> None:
    """Show the unfinished submissions and the open tasks.

    Args:
        held: departments to which nothing is delivered for now.
    """
    rows = submission.c
    unfinished = (
        select(rows.department, rows.state, func.count(), func.min(rows.accepted_us))
        .where(rows.state.in_([state.name for state in UNFINISHED]))
        .group_by(rows.department, rows.state)
    )
    tasks = (
        select(submission_task.c.department, submission_task.c.kind, func.count())
        .where(submission_task.c.closed_us.is_(None))
        .group_by(submission_task.c.department, submission_task.c.kind)
    )
    async with reading(store) as connection:
        counted = (await connection.execute(unfinished)).all()
        open_tasks = (await connection.execute(tasks)).all()
    metrics.unfinished(
        {(department, state.lower()): count for department, state, count, _oldest in counted}
    )
    metrics.oldest(
        {
            (department,): (now - moment_of(oldest)).total_seconds()
            for department, state, _count, oldest in counted
            if state == SubmissionState.NOT_SENT.name
        }
    )
    metrics.tasks({(department, kind): count for department, kind, count in open_tasks})
    metrics.held(dict.fromkeys(((department,) for department in held), 1.0))
