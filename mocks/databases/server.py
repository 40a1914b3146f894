"""A database server that the mock starts, on a Unix socket only."""

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
    """The database server is not installed."""


class DatabaseBrokenError(RuntimeError):
    """The database server is installed but does not run."""


class DatabaseServer(ABC):
    """A running database server, which stops when the mock ends (see `watchdog`).

    Args:
        workspace: temporary folder with the socket and the log.
        order: the argument of `watchdog`.
        password: password of the account with all rights.
    """

    product: ClassVar[str]
    log_name: ClassVar[str]
    start_seconds: ClassVar[float]
    not_yet: ClassVar[tuple[type[Exception], ...]]
    """Exceptions of `connect` while the server is starting."""

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
        """Path of the Unix socket."""

    @abstractmethod
    async def connect(self, database: str | None = None) -> Any:
        """Open a connection with all rights."""

    @abstractmethod
    async def disconnect(self, connection: Any) -> None:
        """Close a connection of `connect`."""

    async def wait_until_ready(self) -> None:
        """Wait until the server accepts connections.

        Raises:
            DatabaseBrokenError: it ended, or took longer than `start_seconds`.
        """
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
        """Return when the server has ended."""
        await asyncio.to_thread(self._watchdog.wait)

    def stop(self) -> None:
        """Stop the server and remove its folders."""
        if self._watchdog.stdin is not None:
            self._watchdog.stdin.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._watchdog.wait(4)
