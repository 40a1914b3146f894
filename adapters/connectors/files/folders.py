"""Delivery folders: the interface, and local folders."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.connectors.files.decompression import UnreadableFileError, too_large

MOST_LISTED = 20_000
"""Maximum number of files that are listed."""
CHUNK = 256 << 10
"""Number of bytes per read from a server."""


class FolderUnreachableError(Exception):
    """The folder can't be read; the message is for the hub's operator."""


class FolderRefusedError(FolderUnreachableError):
    """The server rejects the hub's credentials, or has an unexpected host key."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file in a folder.

    Attributes:
        name: name in the folder.
        size: size in bytes.
        modified: time of the last change, in seconds since 1970 (UTC).
    """

    name: str
    size: int
    modified: int


class OpenFolder(Protocol):
    """A delivery folder while it is open."""

    async def list(self) -> Sequence[ListedFile]:
        """Return at most `MOST_LISTED` regular files.

        Raises:
            FolderUnreachableError: the folder can't be read.
        """

    async def read(self, name: str, most_bytes: int) -> bytes:
        """Return the content of a file.

        Raises:
            UnreadableFileError: the file is larger than `most_bytes`, or no longer there.
        """


class OpenOutbox(Protocol):
    """A folder into which the hub delivers files, while it is open.

    Every method raises `FolderUnreachableError` if the folder fails.
    """

    async def write(self, name: str, content: bytes) -> None:
        """Write a new file. Return when it is on the disk."""

    async def exists(self, name: str) -> bool:
        """Return whether a file of this name is there."""

    async def rename(self, name: str, new_name: str) -> None:
        """Rename a file in one step. Do nothing if it is no longer there."""

    async def remove(self, name: str) -> None:
        """Delete a file. Do nothing if it is no longer there."""


class OutboxFolder(Protocol):
    """A folder into which the hub delivers files."""

    def open(self) -> AbstractAsyncContextManager[OpenOutbox]:
        """Open the folder.

        Raises:
            FolderUnreachableError: the folder can't be opened.
        """


class DeliveryFolder(Protocol):
    """A folder into which a department delivers files."""

    def open(self) -> AbstractAsyncContextManager[OpenFolder]:
        """Open the folder.

        Raises:
            FolderUnreachableError: the folder can't be opened.
        """


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A delivery folder on this machine."""

    path: Path

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenFolder]:
        yield self

    async def list(self) -> Sequence[ListedFile]:
        try:
            return await asyncio.to_thread(self._list)
        except OSError as error:
            raise FolderUnreachableError(f"the folder can't be read: {error.strerror}") from None

    def _list(self) -> Sequence[ListedFile]:
        found: list[ListedFile] = []
        with os.scandir(self.path) as entries:
            for entry in entries:
                # A link could lead outside of the folder.
                if entry.is_file(follow_symlinks=False):
                    status = entry.stat(follow_symlinks=False)
                    found.append(ListedFile(entry.name, status.st_size, int(status.st_mtime)))
                if len(found) >= MOST_LISTED:
                    break
        return found

    async def read(self, name: str, most_bytes: int) -> bytes:
        def read() -> bytes:
            with (self.path / name).open("rb") as file:
                return file.read(most_bytes + 1)

        try:
            content = await asyncio.to_thread(read)
        except OSError as error:
            raise UnreadableFileError(
                f"it can't be read: {error.strerror}", may_pass=True
            ) from None
        return within(content, most_bytes)


class LocalOutbox:
    """A folder on this machine into which the hub delivers files."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @asynccontextmanager
    async def open(self) -> AsyncIterator[OpenOutbox]:
        try:
            yield self
        except OSError as error:
            raise FolderUnreachableError(
                f"the outgoing folder can't be written: {error.strerror}"
            ) from None

    async def write(self, name: str, content: bytes) -> None:
        await asyncio.to_thread(self._write, self._path / name, content)

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        self._sync_folder()

    async def exists(self, name: str) -> bool:
        return await asyncio.to_thread((self._path / name).is_file)

    async def rename(self, name: str, new_name: str) -> None:
        def rename() -> None:
            with contextlib.suppress(FileNotFoundError):
                (self._path / name).rename(self._path / new_name)
            self._sync_folder()

        await asyncio.to_thread(rename)

    async def remove(self, name: str) -> None:
        await asyncio.to_thread((self._path / name).unlink, missing_ok=True)

    def _sync_folder(self) -> None:
        """Put new names on the disk: the names of a folder are not part of its files."""
        folder = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def within(content: bytes, most_bytes: int) -> bytes:
    """Return the content, or raise `UnreadableFileError` if it is too large."""
    if len(content) > most_bytes:
        raise too_large(most_bytes)
    return content
