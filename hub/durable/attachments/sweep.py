"""Deletes expired and orphaned documents every ten minutes."""

import asyncio
import contextlib
import logging

from hub.durable.attachments.attachments import Attachments
from schema.errors import HubError

log = logging.getLogger(__name__)

SWEEP_SECONDS = 600.0


class AttachmentSweep:
    """The background task that deletes documents which are not needed any more."""

    def __init__(self, attachments: Attachments) -> None:
        self._attachments = attachments
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the task in the running event loop."""
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        self._attachments.close()

    async def _run(self) -> None:
        while True:
            try:
                count = await self._attachments.sweep()
            except HubError as error:
                log.error("Old documents can't be deleted: %s", error.message)
            else:
                if count:
                    log.info("Deleted %d documents that were expired or left over", count)
            await asyncio.sleep(SWEEP_SECONDS)
