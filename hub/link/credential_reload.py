"""Replaces a department's adapter when a file that its manifest refers to changes.

The files contain credentials and certificates (`${file:PATH}`). A secret store or an administrator
replaces them while the hub runs.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from pathlib import Path

from adapters.contract import Adapter
from adapters.manifest import Manifest, ManifestError
from hub.link.department_link import DepartmentLink

log = logging.getLogger(__name__)

POLL_SECONDS = 2.0

FileState = tuple[int, int, int] | None
"""Inode, size and time of the last change of a file; None if it cannot be read."""


class CredentialReload:
    """Watches the files of one department.

    Args:
        manifest: the manifest that the adapter was built from.
        link: the department's link.
        build: reads the manifest again and returns a new adapter; runs in a thread.
    """

    def __init__(
        self, manifest: Manifest, link: DepartmentLink, build: Callable[[], Adapter]
    ) -> None:
        self._department = manifest.file.department
        self._files = sorted(manifest.referred_files)
        self._deadline = manifest.file.limits.deadline
        self._link = link
        self._build = build
        self._states = _states_of(self._files)
        self._closing: set[asyncio.Task[None]] = set()

    async def check(self) -> None:
        """Replace the adapter if a file has changed since the last check."""
        states = await asyncio.to_thread(_states_of, self._files)
        if states == self._states:
            return
        self._states = states
        try:
            adapter = await asyncio.to_thread(self._build)
        except ManifestError as error:
            log.error(
                "The new credentials of %s can't be used; the hub keeps the present ones: %s",
                self._department,
                "; ".join(map(str, error.problems)),
            )
            return
        previous = await self._link.replace_adapter(adapter)
        log.info("The credentials of %s were read again", self._department)
        task = asyncio.create_task(self._close_later(previous))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close the adapters whose calls have not ended yet."""
        closing = list(self._closing)
        for task in closing:
            task.cancel()
        await asyncio.gather(*closing, return_exceptions=True)

    async def _close_later(self, adapter: Adapter) -> None:
        """Close an adapter when its running calls have ended."""
        try:
            await asyncio.sleep(self._deadline)
        finally:
            await adapter.close()


class CredentialReloads:
    """Checks the files of all departments every `POLL_SECONDS`."""

    def __init__(self, reloads: Iterable[CredentialReload]) -> None:
        self._reloads = [each for each in reloads if each._files]
        self._watcher: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the checks, in the running event loop."""
        if self._reloads:
            self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop the checks."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        for each in self._reloads:
            await each.close()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(POLL_SECONDS)
            for each in self._reloads:
                try:
                    await each.check()
                except Exception as error:
                    log.error("Credentials can't be read again: %s", type(error).__name__)


def _states_of(files: Iterable[Path]) -> list[FileState]:
    return [_state_of(each) for each in files]


def _state_of(path: Path) -> FileState:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns
