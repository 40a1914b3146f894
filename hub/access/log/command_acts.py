"""Writes the administrative acts of commands to the access log.

A command such as `hub revoke` can't write there itself: the log has one writer, and the command
also works while no hub runs.
"""

import datetime as dt

from hub.access.log.access_log import AccessLog
from hub.access.log.acts import Act
from hub.access.principal import Principal, Role
from hub.store import Store
from hub.store.queued_acts import ActQueue, QueuedAct


class CommandActs:
    """Moves acts from the queue in the database to the access log."""

    def __init__(self, store: Store, log: AccessLog) -> None:
        self._queue = ActQueue(store)
        self._log = log

    async def write(self) -> None:
        """Write all acts that wait.

        Raises:
            HubError: `STORE_UNAVAILABLE`, the log can't be written. The acts wait further.
        """
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
