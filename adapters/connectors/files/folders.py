"""Where files are: a folder of this machine, or one on an SFTP server."""

import asyncio
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from adapters.connectors.files.decompression import UnreadableFileError

MOST_LISTED = 20_000
CHUNK = 256 << 10


class FolderUnreachableError(Exception):
    """The folder can't be looked into; the message is for who runs the hub."""


class FolderRefusedError(FolderUnreachableError):
    """The server does not know the hub, or is not the one that it should be."""


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A file in the folder: its size in bytes; when it was changed, in seconds since 1970."""

    name: str
    size: int
    modified: int


class OpenFolder(Protocol):
    """The folder, while it is looked into. Raises `FolderUnreachableError`."""

    async def list(self) -> Sequence[ListedFile]: ...
    async def read(self, name: str, most_bytes: int) -> bytes:
        """The file's content; `UnreadableFileError` when it has more bytes, or is gone."""


class DeliveryFolder(Protocol):
    """A folder that a department leaves files in."""

    def open(self) -> AbstractAsyncContextManager[OpenFolder]:
        """Raises `FolderUnreachableError`."""


class LocalFolder:
    """A folder of this machine."""

    def __init__(self, path: Path) -> None:
        self._path = path

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
        with os.scandir(self._path) as entries:
            for entry in entries:
                # A link could lead out of the folder.
                if entry.is_file(follow_symlinks=False):
                    told = entry.stat(follow_symlinks=False)
                    found.append(ListedFile(entry.name, told.st_size, int(told.st_mtime)))
                if len(found) >= MOST_LISTED:
                    break
        return found

    async def read(self, name: str, most_bytes: int) -> bytes:
        def read() -> bytes:
            with (self._path / name).open("rb") as file:
                return file.read(most_bytes + 1)

        try:
            content = await asyncio.to_thread(read)
        except OSError as error:
            raise UnreadableFileError(
                f"it can't be read: {error.strerror}", may_pass=True
            ) from None
        return within(content, most_bytes)


def within(content: bytes, most_bytes: int) -> bytes:
    if len(content) > most_bytes:
        raise UnreadableFileError(f"it has more than {most_bytes:,} bytes")
    return content
