"""Decompression that stops: a file's content after it is never more than was agreed."""

import io
import zipfile
import zlib

_GZIP = 16 + zlib.MAX_WBITS


class UnreadableFileError(Exception):
    """A file can't be read as a whole; the message says why, without anything of its content.

    `may_pass` says whether the same file may be readable later.
    """

    def __init__(self, message: str, *, may_pass: bool = False) -> None:
        super().__init__(message)
        self.may_pass = may_pass


def unpacked(name: str, content: bytes, most_bytes: int) -> bytes:
    """The content of `name`, unpacked where it ends in `.gz` or `.zip` (with one file in it).

    Raises `UnreadableFileError` when it is broken, or would have more than `most_bytes`.
    """
    try:
        if name.endswith(".gz"):
            return _gunzipped(content, most_bytes)
        if name.endswith(".zip"):
            return _unzipped(content, most_bytes)
    except (zlib.error, zipfile.BadZipFile, EOFError, RuntimeError, NotImplementedError):
        raise UnreadableFileError("it can't be unpacked") from None
    return content


def _gunzipped(content: bytes, most_bytes: int) -> bytes:
    parts: list[bytes] = []
    left = most_bytes
    rest = content
    # Several gzip members may follow each other.
    while rest:
        unpacker = zlib.decompressobj(_GZIP)
        part = unpacker.decompress(rest, left + 1)
        left -= len(part)
        if left < 0:
            raise _too_large(most_bytes)
        if not unpacker.eof:
            raise EOFError
        parts.append(part)
        rest = unpacker.unused_data.lstrip(b"\0")
    return b"".join(parts)


def _unzipped(content: bytes, most_bytes: int) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [each for each in archive.infolist() if not each.is_dir()]
        if len(members) != 1:
            raise UnreadableFileError(f"it holds {len(members)} files, not one")
        with archive.open(members[0]) as member:
            # Its own word on its size is not believed.
            found = member.read(most_bytes + 1)
    if len(found) > most_bytes:
        raise _too_large(most_bytes)
    return found


def _too_large(most_bytes: int) -> UnreadableFileError:
    return UnreadableFileError(f"it has more than {most_bytes:,} bytes")
