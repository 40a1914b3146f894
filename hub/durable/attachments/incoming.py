"""Files that are being received: encrypted on the way to the disk, then checked and scanned."""

import asyncio
import contextlib
import hashlib
import io
import os
import secrets
import threading
import time
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, ParamSpec, TypeVar, cast

from hub.durable.attachments.checks import check_content
from hub.durable.attachments.encryption import (
    CHUNK,
    ChunkCipher,
    DecryptingReader,
    EncryptingWriter,
)
from hub.durable.attachments.names import safe_name
from hub.durable.attachments.problems import EMPTY, INFECTED, FileRefusedError, too_large
from hub.durable.attachments.scanner import Scanner
from schema.upload import UploadedFile

BUFFER_BYTES = 256 << 10
"""What is collected of each file before a thread encrypts and writes it."""
THREADS = 4
LEFT_SECONDS = 3600.0
"""Age after which an incoming file is left over from a process that has ended."""
SUFFIX = ".part"

ArgumentsT = ParamSpec("ArgumentsT")
ResultT = TypeVar("ResultT")


class IncomingFile(UploadedFile):
    """A file that is being received, or was received.

    Attributes:
        attachment_id: id of the attachment that it becomes; its content is encrypted for this id.
        path: the encrypted file.
    """

    def __init__(self, incoming: "Incoming", name: str) -> None:
        super().__init__(name)
        self._incoming = incoming
        self._buffer = bytearray()
        # A cancelled request does not stop the thread that writes for it.
        self._lock = threading.Lock()
        self._open()

    async def write(self, content: bytes) -> None:
        """Add a part of the content. Beyond the size limit, the file is refused and deleted."""
        if self.problem is not None:
            return
        self.size_bytes += len(content)
        if self.size_bytes > self._incoming.most_bytes:
            self.problem = too_large(self._incoming.most_bytes)
            await self.discard()
            return
        self._buffer += content
        if len(self._buffer) >= BUFFER_BYTES:
            part, self._buffer = self._buffer, bytearray()
            await self._incoming.run(self._write, part)

    async def finish(self) -> None:
        """Check the whole file. Afterwards it is on the disk, or has a problem and is deleted.

        Raises:
            ScannerError: it cannot be scanned.
        """
        if not self.size_bytes:
            self.problem = EMPTY
        if self.problem is None:
            try:
                await self._incoming.run(self._complete)
                await self._scan()
            except FileRefusedError as error:
                self.problem = error.problem
        self.sha256 = self._hash.hexdigest()
        self.name = safe_name(self.name, self.media_type)
        if self.problem is not None:
            await self.discard()

    async def discard(self) -> None:
        """Delete the file. If it was moved away, nothing happens."""
        self._buffer.clear()
        await self._incoming.run(self._delete)

    async def content(self) -> AsyncGenerator[bytes, None]:
        """Yield the content in parts."""
        file = self.path.open("rb")
        try:
            reader = DecryptingReader(self._cipher, file, os.fstat(file.fileno()).st_size)
            while part := await self._incoming.run(reader.read, CHUNK):
                yield cast("bytes", part)
        finally:
            file.close()

    def _open(self) -> None:
        """Begin an encrypted file, with an id and so with a key of its own."""
        self.attachment_id = secrets.token_hex(16)
        self.path = self._incoming.folder / f"{self.attachment_id}{SUFFIX}"
        self._cipher = ChunkCipher(self._incoming.key, self.attachment_id)
        descriptor = os.open(self.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        self._file: BinaryIO = os.fdopen(descriptor, "wb", buffering=0)
        self._writer = EncryptingWriter(self._cipher, self._file)
        self._hash = hashlib.sha256()

    def _write(self, content: bytearray) -> None:
        with self._lock:
            if not self._file.closed:
                self._hash.update(content)
                self._writer.write(bytes(content))

    def _complete(self) -> None:
        self._write(self._buffer)
        with self._lock:
            self._close()
            with self.path.open("rb") as file:
                stored_bytes = os.fstat(file.fileno()).st_size
                reader = DecryptingReader(self._cipher, file, stored_bytes)
                found = check_content(cast("BinaryIO", io.BufferedReader(reader, CHUNK)))
                self.media_type = found.media_type
                if found.size_bytes < self.size_bytes:
                    self._cut(reader, found.size_bytes)

    def _close(self) -> None:
        self._writer.finish()
        os.fsync(self._file.fileno())
        self._file.close()

    def _cut(self, reader: DecryptingReader, size_bytes: int) -> None:
        """Keep the first bytes only. They get another file, as no key may encrypt two contents."""
        before = self.path
        reader.seek(0)
        self._open()
        try:
            while part := reader.read(min(CHUNK, size_bytes - reader.tell())):
                self._hash.update(part)
                self._writer.write(part)
            self._close()
        finally:
            self._file.close()
            before.unlink(missing_ok=True)
        self.size_bytes = size_bytes

    def _delete(self) -> None:
        with self._lock:
            self._file.close()
            with contextlib.suppress(FileNotFoundError):
                self.path.unlink()

    async def _scan(self) -> None:
        scanner = self._incoming.scanner
        if scanner is None:
            return
        async with contextlib.aclosing(self.content()) as content:
            if await scanner.virus_in(content) is not None:
                raise FileRefusedError(INFECTED)


class Incoming:
    """The files that are being received.

    Args:
        folder: where they are until they are kept.
        key: key of all attachments.
        most_bytes: maximum size of a file.
        scanner: finds viruses; None to scan nothing.

    Attributes:
        folder, key, most_bytes, scanner: as above.
    """

    def __init__(self, folder: Path, key: bytes, most_bytes: int, scanner: Scanner | None) -> None:
        self.folder = folder
        self.key = key
        self.most_bytes = most_bytes
        self.scanner = scanner
        self._threads = ThreadPoolExecutor(THREADS, "attachments")

    def new(self, name: str) -> IncomingFile:
        """Begin to receive a file.

        Raises:
            OSError: the disk does not take it.
        """
        return IncomingFile(self, name)

    async def run(
        self,
        function: Callable[ArgumentsT, ResultT],
        *args: ArgumentsT.args,
        **kwargs: ArgumentsT.kwargs,
    ) -> ResultT:
        """Run a function in a thread. It goes on even if this is cancelled."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, lambda: function(*args, **kwargs))

    def delete_left(self) -> int:
        """Delete files that processes left over which have ended; return how many."""
        count = 0
        for file in self.folder.glob(f"*{SUFFIX}"):
            with contextlib.suppress(OSError):
                if time.time() - file.stat().st_mtime > LEFT_SECONDS:
                    file.unlink()
                    count += 1
        return count

    def close(self) -> None:
        self._threads.shutdown(wait=False)
