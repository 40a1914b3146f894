"""Holds: departments to which nothing is delivered for now.

A department that is closed or does not answer gets one hold, whatever number of submissions wait.
When the hold is over, one delivery tries. Its success ends the hold, its failure prolongs it.
"""

import datetime as dt
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store import Store
from hub.store.submission_tables import delivery_hold
from hub.store.tables import microseconds_of, moment_of
from hub.store.transactions import reading
from schema.codes import ErrorCode

SHORTEST = dt.timedelta(seconds=5)
LONGEST = dt.timedelta(minutes=15)
"""Also bounds a hold for a closed department, because it may be opened earlier than planned."""
BUSY = dt.timedelta(seconds=2)
BUSY_ERRORS = (ErrorCode.DEPARTMENT_BUSY, ErrorCode.DEADLINE_EXCEEDED)
"""The hub's own slots or rate were used up, so the department has not failed."""
JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold.

    Attributes:
        since: when the department failed first.
        until: when one delivery may try.
        failures: failures since then, one for each try.
        error: code of the last failure.
    """

    since: dt.datetime
    until: dt.datetime
    failures: int
    error: str


class Holds:
    """The holds of all departments.

    Args:
        jitter: returns a number from 0 to 1, so that departments are not tried at once.
    """

    def __init__(self, store: Store, jitter: Callable[[], float] = random.random) -> None:
        self._store = store
        self._jitter = jitter
        self._holds: dict[str, Hold] = {}

    @property
    def all(self) -> Mapping[str, Hold]:
        """Return the holds by department, as they were read last."""
        return self._holds

    async def read(self) -> None:
        """Read the holds, which other processes may have changed."""
        async with reading(self._store) as connection:
            rows = (await connection.execute(select(delivery_hold))).all()
        self._holds = {
            row.department: Hold(
                moment_of(row.since_us), moment_of(row.until_us), row.failures, row.error
            )
            for row in rows
        }

    def is_held(self, department: str, now: dt.datetime) -> bool:
        """Return whether nothing may be delivered to the department now."""
        hold = self._holds.get(department)
        return hold is not None and now < hold.until

    async def extend(
        self,
        connection: AsyncConnection,
        department: str,
        error: ErrorCode,
        now: dt.datetime,
        earliest: dt.datetime | None = None,
    ) -> None:
        """Begin a hold, or prolong it if its time is over.

        Deliveries that fail while the hold is in force change nothing: they began before it.

        Args:
            earliest: when the department is expected to answer again; None if unknown.
        """
        statement = select(delivery_hold).where(delivery_hold.c.department == department)
        row = (await connection.execute(statement)).one_or_none()
        if row is not None and now < moment_of(row.until_us):
            return
        failures = row.failures if row is not None else 0
        if error in BUSY_ERRORS:
            wait = BUSY
        else:
            failures += 1
            wait = self._backoff(failures)
        until = now + wait
        if earliest is not None:
            until = min(max(earliest, now + BUSY), now + LONGEST)
        hold = Hold(now if row is None else moment_of(row.since_us), until, failures, error.name)
        changed = {
            "until_us": microseconds_of(until),
            "failures": failures,
            "error": hold.error,
        }
        new = {"department": department, "since_us": microseconds_of(hold.since), **changed}
        upsert = self._store.upsert(delivery_hold).values(new)
        await connection.execute(
            upsert.on_conflict_do_update(index_elements=["department"], set_=changed)
        )
        self._holds[department] = hold

    async def end(self, connection: AsyncConnection, department: str) -> None:
        """End the department's hold, because it has answered."""
        gone = delete(delivery_hold).where(delivery_hold.c.department == department)
        await connection.execute(gone)
        self._holds.pop(department, None)

    def _backoff(self, failures: int) -> dt.timedelta:
        doubled = min(SHORTEST * (1 << min(failures - 1, 20)), LONGEST)
        return doubled * (1 - JITTER * self._jitter())
