"""Deletes old consents each hour."""

import asyncio
import contextlib
import logging

from hub.access.consent.consents import Consents
from schema.errors import HubError

log = logging.getLogger(__name__)

HOUR_SECONDS = 3600.0


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
                count = await self._consents.delete_old(self._days)
            except HubError as error:
                log.error("Old consents can't be deleted: %s", error.message)
            else:
                if count:
                    log.info("Deleted %d consents that ended %d days ago", count, self._days)
            await asyncio.sleep(HOUR_SECONDS)
