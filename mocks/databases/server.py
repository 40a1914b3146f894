"""A database server of our own, on a unix socket only, which does not outlive the mock."""

import asyncio
import contextlib
import json
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

from mocks.databases import watchdog


class DatabaseMissingError(Exception):
    """The machine has no such database server."""


class DatabaseBrokenError(RuntimeError):
    """The database server is there and does not run."""


class DatabaseServer(ABC):
    """A running server. `workspace` is temporary and holds the socket and the log."""

    product: ClassVar[str]
    log_name: ClassVar[str]
    start_seconds: ClassVar[float]
    not_yet: ClassVar[tuple[type[Exception], ...]]
    """What connecting raises while the server is still starting."""

    def __init__(self, workspace: Path, order: dict[str, Any], password: str) -> None:
        self.workspace = workspace
        self.password = password
        self._watchdog = subprocess.Popen(
            [sys.executable, "-S", "-E", watchdog.__file__, json.dumps(order)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )

    @property
    @abstractmethod
    def socket_path(self) -> str:
        """Where the proxy connects."""

    @abstractmethod
    async def connect(self, database: str | None = None) -> Any:
        """A connection that may do everything."""

    @abstractmethod
    async def disconnect(self, connection: Any) -> None:
        """Closes what `connect` gave."""

    async def wait_until_ready(self) -> None:
        """Returns when it answers; raises DatabaseBrokenError if it ended or takes too long."""
        deadline = time.monotonic() + self.start_seconds
        while time.monotonic() < deadline and self._watchdog.poll() is None:
            try:
                connection = await self.connect()
            except self.not_yet:
                await asyncio.sleep(0.02)
                continue
            await self.disconnect(connection)
            return
        log = (self.workspace / self.log_name).read_text(errors="replace")
        raise DatabaseBrokenError(f"{self.product} did not start: {log.strip()[-500:]}")

    async def ended(self) -> None:
        """Returns when the server has ended by itself."""
        await asyncio.to_thread(self._watchdog.wait)

    def stop(self) -> None:
        """Tells the guardian to stop the server and clear up, and waits for it."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._watchdog.wait(4)
