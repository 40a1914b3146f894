"""Encryption of files of any size, in chunks, without holding a whole file in memory.

It is the STREAM construction (Hoang, Reyhanitabar, Rogaway and Vizár, CRYPTO 2015) with
AES-256-GCM. Each attachment has its own key, which is derived from its id. The nonce of a chunk is
its position and whether it is the last one. So a chunk that was changed, moved, left out or taken
from another file does not decrypt.
"""

import io
from collections.abc import Iterator
from hashlib import blake2b
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
CHUNK = 64 << 10
"""Bytes of content in each chunk but the last."""
TAG_BYTES = 16
STORED_CHUNK = CHUNK + TAG_BYTES


class ContentChangedError(Exception):
    """A stored file is not what the hub has written."""


class ChunkCipher:
    """Encrypts and decrypts the chunks of one attachment.

    Args:
        key: secret key of all attachments, `KEY_BYTES` bytes.
        attachment_id: id of the attachment. It must never be used for two contents.
    """

    def __init__(self, key: bytes, attachment_id: str) -> None:
        derived = blake2b(
            attachment_id.encode(), key=key, digest_size=KEY_BYTES, person=b"attachment"
        )
        self._aead = AESGCM(derived.digest())

    def encrypt(self, content: bytes, position: int, *, is_last: bool) -> bytes:
        return self._aead.encrypt(_nonce(position, is_last), content, None)

    def decrypt(self, stored: bytes, position: int, *, is_last: bool) -> bytes:
        """Return the content of a chunk.

        Raises:
            ContentChangedError: `encrypt` did not make it for this position of this attachment.
        """
        try:
            return self._aead.decrypt(_nonce(position, is_last), stored, None)
        except InvalidTag:
            raise ContentChangedError(f"Chunk {position} does not decrypt.") from None


class EncryptingWriter:
    """Encrypts a content that arrives in pieces, into a file."""

    def __init__(self, cipher: ChunkCipher, file: BinaryIO) -> None:
        self._cipher = cipher
        self._file = file
        self._waiting = bytearray()
        self._position = 0

    def write(self, content: bytes) -> None:
        self._waiting += content
        # The last chunk is encrypted differently, so one always waits.
        while len(self._waiting) > CHUNK:
            self._write_chunk(is_last=False)

    def finish(self) -> None:
        """Write the last chunk."""
        self._write_chunk(is_last=True)

    def _write_chunk(self, *, is_last: bool) -> None:
        chunk = bytes(self._waiting[:CHUNK])
        del self._waiting[:CHUNK]
        self._file.write(self._cipher.encrypt(chunk, self._position, is_last=is_last))
        self._position += 1


class DecryptingReader(io.RawIOBase):
    """The content of an encrypted file, readable at any position.

    Args:
        cipher: cipher of the attachment.
        file: the encrypted file.
        stored_bytes: size of the encrypted file in bytes.
    """

    def __init__(self, cipher: ChunkCipher, file: BinaryIO, stored_bytes: int) -> None:
        self._cipher = cipher
        self._file = file
        self._last = max(stored_bytes - 1, 0) // STORED_CHUNK
        self.size = stored_bytes - (self._last + 1) * TAG_BYTES
        self._offset = 0
        self._chunk = b""
        self._loaded = -1

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._offset

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._offset, io.SEEK_END: self.size}[whence]
        self._offset = max(start + offset, 0)
        return self._offset

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        position, start = divmod(self._offset, CHUNK)
        if self._offset >= self.size:
            return 0
        if position != self._loaded:
            self._file.seek(position * STORED_CHUNK)
            stored = self._file.read(STORED_CHUNK)
            self._chunk = self._cipher.decrypt(stored, position, is_last=position == self._last)
            self._loaded = position
        part = self._chunk[start : start + len(buffer)]
        buffer[: len(part)] = part
        self._offset += len(part)
        return len(part)


class ChunkDecryptor:
    """Decrypts a content that arrives in pieces of any size.

    Args:
        cipher: cipher of the attachment.
        content_bytes: size of the content in bytes.
    """

    def __init__(self, cipher: ChunkCipher, content_bytes: int) -> None:
        self._cipher = cipher
        self._last = max(content_bytes - 1, 0) // CHUNK
        self._missing = content_bytes + (self._last + 1) * TAG_BYTES
        self._waiting = bytearray()
        self._position = 0

    def feed(self, stored: bytes) -> Iterator[bytes]:
        """Yield the content of each chunk that is complete now.

        Raises:
            ContentChangedError: a chunk is not what the hub has written, or there are too many.
        """
        self._waiting += stored
        self._missing -= len(stored)
        if self._missing < 0:
            raise ContentChangedError("The stored file is too long.")
        while len(self._waiting) >= STORED_CHUNK or (self._waiting and self._missing == 0):
            chunk = bytes(self._waiting[:STORED_CHUNK])
            del self._waiting[:STORED_CHUNK]
            is_last = self._position == self._last
            yield self._cipher.decrypt(chunk, self._position, is_last=is_last)
            self._position += 1

    def finish(self) -> None:
        """Check that the whole content has arrived.

        Raises:
            ContentChangedError: a part is missing.
        """
        if self._missing:
            raise ContentChangedError("The stored file is too short.")


def _nonce(position: int, is_last: bool) -> bytes:
    return position.to_bytes(11, "big") + bytes([is_last])
