"""Writes the administrative acts of commands to the access log.

A command such as `hub revoke` can't write there itself: the log has one writer, and the command
also works while no hub runs.
"""

import asyncio
import contextlib
import datetime as dt
import logging

from hub.access.log.access_log import AccessLog
from hub.access.log.acts import Act
from hub.access.principal import Principal, Role
from hub.store import Store
from hub.store.queued_acts import ActQueue, QueuedAct

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


class CommandActs:
    """Moves acts from the queue in the database to the access log."""

    def __init__(self, store: Store, log: AccessLog) -> None:
        self._queue = ActQueue(store)
        self._log = log
        self._added = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Write the acts that wait, and further ones from now on."""
        self._added.set()
        self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """Look for new acts."""
        self._added.set()

    async def close(self) -> None:
        """Stop. Acts that wait are written by another process, or after the next start."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            await self._added.wait()
            self._added.clear()
            try:
                await self._write_all()
            except Exception as error:
                log.warning(
                    "The acts of commands wait for the access log: %s", type(error).__name__
                )
                self._added.set()
                await asyncio.sleep(RETRY_SECONDS)

    async def _write_all(self) -> None:
        acts = await self._queue.claim(dt.datetime.now(dt.UTC))
        if not acts:
            return
        try:
            for act in acts:
                await self._write(act)
        except BaseException:
            await self._queue.release(acts)
            raise
        await self._queue.remove(acts)

    async def _write(self, act: QueuedAct) -> None:
        # The log hides subjects, but the account of an administrator must be readable in it.
        at = act.at.isoformat(timespec="seconds")
        reason = f"{act.reason} (command of {act.actor}, {at})".strip()
        actor = Principal(Role.ADMIN, subject=f"command|{act.actor}", client="hub")
        await self._log.administrative(actor, Act(act.act), act.target, reason=reason)
