"""Delivery folder on an SFTP server with a known host key (SSH 2, SFTP version 3)."""

import asyncio
import contextlib
import stat
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import asyncssh

from adapters.connectors.files.decompression import UnreadableFileError
from adapters.connectors.files.folders import (
    CHUNK,
    MOST_LISTED,
    FolderRefusedError,
    FolderUnreachableError,
    ListedFile,
    within,
)
from adapters.connectors.files.settings import FilesSettings
from adapters.connectors.setup import SetupError

REFUSALS = (asyncssh.PermissionDenied, asyncssh.HostKeyNotVerifiable, asyncssh.KeyExchangeFailed)


class SftpFolder:
    """A delivery folder on an SFTP server. Each poll opens a new connection.

    Args:
        seconds: time limit of each step.
        folder: path on the server, instead of the path of the URL.

    Raises:
        SetupError: a key is not valid.
    """

    def __init__(self, settings: FilesSettings, seconds: float, folder: str | None = None) -> None:
        url = urlsplit(settings.url)
        self._folder = folder if folder is not None else unquote(url.path)
        self._seconds = seconds
        client_keys = []
        if settings.client_key is not None:
            key = settings.client_key.get_secret_value()
            try:
                client_keys.append(asyncssh.import_private_key(key))
            except (asyncssh.KeyImportError, asyncssh.KeyEncryptionError):
                remedy = "refer to the private key's file with ${file:PATH}"
                raise _not_a_key("client_key", remedy) from None
        try:
            host_key = asyncssh.import_public_key(settings.host_key or "")
        except asyncssh.KeyImportError:
            remedy = "write the server's public key as ssh-keyscan prints it: `ssh-ed25519 AAAA…`"
            raise _not_a_key("host_key", remedy) from None
        self._options = asyncssh.SSHClientConnectionOptions(
            username=unquote(url.username or ""),
            password=settings.password.get_secret_value() if settings.password else None,
            client_keys=client_keys or None,
            # Ignore the SSH keys and configuration of the user who runs the hub.
            agent_path=None,
            config=None,
            known_hosts=([host_key], [], []),
            connect_timeout=seconds,
            login_timeout=seconds,
        )
        self._host, self._port = url.hostname or "", url.port or 22

    @asynccontextmanager
    async def open(self) -> "AsyncIterator[_OpenSftpFolder]":
        """Open the folder.

        Raises:
            FolderRefusedError: the server rejects the credentials, or has another host key.
            FolderUnreachableError: the server failed.
        """
        try:
            async with (
                asyncssh.connect(self._host, self._port, options=self._options) as connection,
                connection.start_sftp_client() as client,
            ):
                yield _OpenSftpFolder(client, self._folder, self._seconds)
        except REFUSALS as error:
            raise FolderRefusedError(
                f"the SFTP server and the hub do not accept each other: {_reason(error)}"
            ) from None
        except (asyncssh.Error, OSError, TimeoutError) as error:
            raise FolderUnreachableError(f"the SFTP server failed: {_reason(error)}") from None


def _not_a_key(name: str, remedy: str) -> SetupError:
    return SetupError(("connector", name), f"{name} is not a key", remedy)


@dataclass(frozen=True, slots=True)
class _OpenSftpFolder:
    client: asyncssh.SFTPClient
    folder: str
    seconds: float

    async def list(self) -> Sequence[ListedFile]:
        found: list[ListedFile] = []
        async with asyncio.timeout(self.seconds):
            async for entry in self.client.scandir(self.folder):
                name, attributes = str(entry.filename), entry.attrs
                # The server must not lead the hub to another folder.
                if "/" not in name and stat.S_ISREG(attributes.permissions or 0):
                    modified = int(attributes.mtime or 0)
                    found.append(ListedFile(name, attributes.size or 0, modified))
                if len(found) >= MOST_LISTED:
                    break
        return found

    async def read(self, name: str, most_bytes: int) -> bytes:
        content = bytearray()
        try:
            async with self.client.open(f"{self.folder}/{name}", "rb") as file:
                while len(content) <= most_bytes:
                    async with asyncio.timeout(self.seconds):
                        part = await file.read(min(CHUNK, most_bytes + 1 - len(content)))
                    if not part:
                        break
                    assert isinstance(part, bytes)
                    content += part
        except (asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection):
            # The connection failed, not the file.
            raise
        except asyncssh.SFTPError as error:
            raise UnreadableFileError(
                f"it can't be read: {_reason(error)}", may_pass=True
            ) from None
        return within(bytes(content), most_bytes)

    async def write(self, name: str, content: bytes) -> None:
        async with (
            asyncio.timeout(self.seconds),
            self.client.open(f"{self.folder}/{name}", "xb") as file,
        ):
            for start in range(0, len(content), CHUNK):
                await file.write(content[start : start + CHUNK])
            with contextlib.suppress(asyncssh.SFTPOpUnsupported):
                await file.fsync()

    async def exists(self, name: str) -> bool:
        async with asyncio.timeout(self.seconds):
            return await self.client.exists(f"{self.folder}/{name}")

    async def rename(self, name: str, new_name: str) -> None:
        old, new = f"{self.folder}/{name}", f"{self.folder}/{new_name}"
        async with asyncio.timeout(self.seconds):
            with contextlib.suppress(asyncssh.SFTPNoSuchFile):
                try:
                    await self.client.posix_rename(old, new)
                except asyncssh.SFTPOpUnsupported:
                    await self.client.rename(old, new)

    async def remove(self, name: str) -> None:
        async with asyncio.timeout(self.seconds):
            with contextlib.suppress(asyncssh.SFTPNoSuchFile):
                await self.client.remove(f"{self.folder}/{name}")


def _reason(error: Exception) -> str:
    """Return why a connection or a file failed, in the hub's words."""
    return next((words for kind, words in _REASONS if isinstance(error, kind)), "no known reason")


_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (asyncssh.HostKeyNotVerifiable, "its host key is not the one in the manifest"),
    (asyncssh.PermissionDenied, "it rejects the hub's user, key or password"),
    (asyncssh.KeyExchangeFailed, "they have no common encryption"),
    (asyncssh.SFTPNoSuchFile, "the file or folder does not exist"),
    (asyncssh.SFTPPermissionDenied, "the hub has no permission"),
    ((asyncssh.SFTPConnectionLost, asyncssh.SFTPNoConnection), "the connection was lost"),
    (asyncssh.SFTPError, "the server reports an error"),
    (TimeoutError, "it did not answer in time"),
    (asyncssh.Error, "the connection was closed"),
    (OSError, "it can't be reached"),
)
