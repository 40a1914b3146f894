"""Decompression that stops: a file's content after it is never more than was agreed."""

import io
import zipfile
import zlib

_GZIP = 16 + zlib.MAX_WBITS
SLICE = 1 << 16
"""Bytes taken at once: what follows a member is copied."""
MOST_MEMBERS = 10_000
BOUNDED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""The others are unpacked without a bound, whatever `read` is told."""


class UnreadableFileError(Exception):
    """A file can't be read as a whole; the message says why, without anything of its content.

    `may_pass` says whether the same file may be readable later.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


def decompress(name: str, content: bytes, most_bytes: int) -> bytes:
    """The content of `name`, unpacked where it ends in `.gz` or `.zip` (with one file in it).

    Raises `UnreadableFileError` when it is broken, or would have more than `most_bytes`.
    """
    try:
        if name.endswith(".gz"):
            return _gunzipped(content, most_bytes)
        if name.endswith(".zip"):
            return _unzipped(content, most_bytes)
    except (zlib.error, zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError):
        raise UnreadableFileError("it can't be unpacked") from None
    return content


def _gunzipped(content: bytes, most_bytes: int) -> bytes:
    """Of one gzip member, or of several that follow each other, and NULs after each."""
    parts: list[bytes] = []
    left = most_bytes
    members = 0
    unpacker: zlib._Decompress | None = None
    for start in range(0, len(content), SLICE):
        data = content[start : start + SLICE]
        while data:
            if unpacker is None:
                data = data.lstrip(b"\0") if members else data
                if not data:
                    break
                members += 1
                if members > MOST_MEMBERS:
                    raise UnreadableFileError("it is packed in too many members")
                unpacker = zlib.decompressobj(_GZIP)
            part = unpacker.decompress(data, left + 1)
            left -= len(part)
            if left < 0:
                raise _too_large(most_bytes)
            parts.append(part)
            data = unpacker.unused_data
            if unpacker.eof:
                unpacker = None
    if unpacker is not None:
        raise EOFError
    return b"".join(parts)


def _unzipped(content: bytes, most_bytes: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise UnreadableFileError(f"it holds {len(members)} files, not one")
        if members[0].compress_type not in BOUNDED_METHODS:
            raise UnreadableFileError("it is packed by another method than deflate")
        with archive.open(members[0]) as member:
            # Its own word on its size is not believed.
            found = member.read(most_bytes + 1)
    if len(found) > most_bytes:
        raise _too_large(most_bytes)
    return found


def _too_large(most_bytes: int) -> UnreadableFileError:
    return UnreadableFileError(f"it has more than {most_bytes:,} bytes")
