"""Decompresses files, up to a limit of bytes."""

import io
import zipfile
import zlib

_GZIP = 16 + zlib.MAX_WBITS
SLICE = 1 << 16
"""Number of bytes per step. Small, because the bytes after each gzip member are copied."""
MOST_MEMBERS = 10_000
"""Maximum number of gzip members in one file."""
BOUNDED_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""Compression methods for which `read` respects the limit of bytes."""


class UnreadableFileError(Exception):
    """A file can't be read. The message says why, and contains nothing of its content.

    Attributes:
        may_pass: whether the same file may be readable later.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


def decompress(name: str, content: bytes, most_bytes: int) -> bytes:
    """Return the content of a file, decompressed if its name ends in `.gz` or `.zip`.

    Args:
        most_bytes: maximum size after decompression.

    Raises:
        UnreadableFileError: the file is damaged or too large, or a `.zip` contains not exactly one
            file.
    """
    try:
        if name.endswith(".gz"):
            return _gunzipped(content, most_bytes)
        if name.endswith(".zip"):
            return _unzipped(content, most_bytes)
    except (zlib.error, zipfile.BadZipFile, EOFError, RuntimeError, ValueError, OSError):
        raise UnreadableFileError("it can't be decompressed") from None
    return content


def _gunzipped(content: bytes, most_bytes: int) -> bytes:
    """Decompress one or several gzip members, with padding of NUL bytes after each."""
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
                    raise UnreadableFileError(f"it has more than {MOST_MEMBERS:,} gzip members")
                unpacker = zlib.decompressobj(_GZIP)
            part = unpacker.decompress(data, left + 1)
            left -= len(part)
            if left < 0:
                raise too_large(most_bytes)
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
            raise UnreadableFileError(f"it contains {len(members)} files instead of one")
        if members[0].compress_type not in BOUNDED_METHODS:
            raise UnreadableFileError("its compression method is not deflate")
        with archive.open(members[0]) as member:
            # The size in the archive may be wrong.
            found = member.read(most_bytes + 1)
    if len(found) > most_bytes:
        raise too_large(most_bytes)
    return found


def too_large(most_bytes: int) -> UnreadableFileError:
    """Return the error for a file with too many bytes."""
    return UnreadableFileError(f"it has more than {most_bytes:,} bytes")
