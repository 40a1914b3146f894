"""Delivery folders: the interface, and local folders."""

import asyncio
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


def within(content: bytes, most_bytes: int) -> bytes:
    """Return the content, or raise `UnreadableFileError` if it is too large."""
    if len(content) > most_bytes:
        raise too_large(most_bytes)
    return content
