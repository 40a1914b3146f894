"""Deletes old consents each hour."""

import asyncio
import contextlib
import datetime as dt
import logging

from sqlalchemy import delete

from hub.access.consent.consents import Consents
from hub.access.consent.counts import delete_old_counts
from hub.store.tables import microseconds_of, one_time_code
from hub.store.transactions import writing
from schema.errors import HubError

log = logging.getLogger(__name__)

HOUR_SECONDS = 3600.0


async def delete_old(consents: Consents, days: int) -> int:
    """Delete consents and requests that ended more than `days` days ago; return how many.

    Codes that have expired and the counts of past hours are deleted too.

    Raises:
        HubError: `STORE_UNAVAILABLE`.
    """
    now = consents.clock()
    expired = one_time_code.c.expires_us < microseconds_of(now)
    async with writing(consents.store) as connection:
        count = await consents.table.delete_ended(connection, now - dt.timedelta(days=days))
        await connection.execute(delete(one_time_code).where(expired))
        await delete_old_counts(connection, now)
    return count


class ConsentRetention:
    """The background task that deletes consents which ended long ago.

    Args:
        days: days after their end for which consents are kept.
    """

    def __init__(self, consents: Consents, days: int) -> None:
        self._consents = consents
        self._days = days
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task in the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            try:
                count = await delete_old(self._consents, self._days)
            except HubError as error:
                log.error("Old consents can't be deleted: %s", error.message)
            else:
                if count:
                    log.info("Deleted %d consents that ended %d days ago", count, self._days)
            await asyncio.sleep(HOUR_SECONDS)
