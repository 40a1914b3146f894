"""Shares the counts of budgets between replicas, through a Valkey server.

Each replica decides with its own counts at once, and exchanges them four times a second. So an
operation never waits for the server, and a failed server only means that replicas do not know of
each other.
"""

import asyncio
import hashlib
import logging
from collections.abc import Mapping
from typing import Any, Protocol

from hub.execution.demand.windows import Windows

log = logging.getLogger(__name__)

EXCHANGE_SECONDS = 0.25


class Client(Protocol):
    """The part of `valkey.asyncio.Valkey` that is used."""

    def pipeline(self, transaction: bool = ...) -> Any: ...
    async def aclose(self) -> None: ...


class SharedBudgets:
    """Exchanges the counts of windows with a server, until `stop`.

    Args:
        client: client of the server.
        secret: hides addresses and references from the server; equal in all replicas.
        windows: the windows by a name that all replicas use.
    """

    def __init__(self, client: Client, secret: bytes, windows: Mapping[str, Windows]) -> None:
        self._client = client
        self._secret = hashlib.sha256(secret).digest()
        self._windows = windows
        for each in windows.values():
            each.shared = True
        self._task: asyncio.Task[None] | None = None
        self._failed = False

    def start(self) -> None:
        """Begin to exchange. Requires a running event loop."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        if self._task:
            self._task.cancel()
        await self._client.aclose()

    async def exchange(self) -> None:
        """Send the changes of this replica, and read the totals of all."""
        for name, windows in self._windows.items():
            number, changes = windows.take_changes()
            if not changes:
                continue
            pipeline = self._client.pipeline(transaction=False)
            for key, amount in changes.items():
                digest = hashlib.blake2b(key.encode(), key=self._secret, digest_size=16).hexdigest()
                shared = f"hub:budget:{name}:{number}:{digest}"
                pipeline.incrby(shared, amount)
                pipeline.expire(shared, int(windows.seconds * 2))
            totals = (await pipeline.execute())[::2]
            for key, total in zip(changes, totals, strict=True):
                windows.set_total(number, key, int(total))

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(EXCHANGE_SECONDS)
            try:
                await self.exchange()
            except Exception as error:
                if not self._failed:
                    log.warning(
                        "The server of HUB_CACHE_URL does not reply (%s): "
                        "each replica counts budgets by itself.",
                        type(error).__name__,
                    )
                self._failed = True
            else:
                self._failed = False
