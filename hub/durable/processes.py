"""The hub processes on one database, and which of them have died."""

import datetime as dt
import time
import uuid
from collections.abc import Callable

from sqlalchemy import delete, select, update

from hub.store import Store
from hub.store.submission_tables import hub_process
from hub.store.tables import microseconds_of
from hub.store.transactions import writing

LEASE_SECONDS = 5.0
"""A process that has not renewed its row for so many seconds is dead."""
ENDED = 0
"""Value of `renewed_us` after an orderly end."""


class Processes:
    """This process and its peers.

    The clocks of two computers may differ, so a peer is judged by the time for which its row has
    not changed, on this process's own clock.

    Args:
        clock: returns the time, for the rows.
        monotonic: returns seconds, for the judgement.

    Attributes:
        own_id: identifies this process.
        has_peers: False if no other process uses the database, as of the last renewal.
        meetings: number of renewals at which another process, living or dead, had a row.
    """

    def __init__(
        self,
        store: Store,
        clock: Callable[[], dt.datetime],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._seen: dict[str, tuple[int, float]] = {}
        self.own_id = str(uuid.uuid4())
        self.has_peers = True
        self.meetings = 0

    async def renew(self) -> list[str]:
        """Renew this process's row; return the ids of dead processes."""
        now_us = microseconds_of(self._clock())
        own = {"process_id": self.own_id, "started_us": now_us, "renewed_us": now_us}
        upsert = self._store.upsert(hub_process).values(own)
        async with writing(self._store) as connection:
            await connection.execute(
                upsert.on_conflict_do_update(
                    index_elements=["process_id"], set_={"renewed_us": now_us}
                )
            )
            rows = (await connection.execute(select(hub_process))).all()
        read_at = self._monotonic()
        seen: dict[str, tuple[int, float]] = {}
        dead = []
        for row in rows:
            if row.process_id == self.own_id:
                continue
            before = self._seen.get(row.process_id)
            if before is None or before[0] != row.renewed_us:
                before = (row.renewed_us, read_at)
            seen[row.process_id] = before
            if row.renewed_us == ENDED or read_at - before[1] > LEASE_SECONDS:
                dead.append(row.process_id)
        self._seen = seen
        self.meetings += bool(seen)
        self.has_peers = len(seen) > len(dead)
        return dead

    async def remove(self, process_id: str) -> None:
        """Remove a dead process of which nothing is left to take over."""
        gone = delete(hub_process).where(hub_process.c.process_id == process_id)
        async with writing(self._store) as connection:
            await connection.execute(gone)

    async def end(self) -> None:
        """Mark this process as ended, so that they take over at once."""
        own = hub_process.c.process_id == self.own_id
        async with writing(self._store) as connection:
            await connection.execute(update(hub_process).where(own).values(renewed_us=ENDED))
