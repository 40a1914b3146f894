"""Strict checks of JPEG and PNG files: complete, nothing hidden, and a bounded number of pixels.

Nothing is decoded. A file that a decoder would blow up is refused by what its header declares.
"""

import re
import struct
import zlib
from typing import BinaryIO

from hub.durable.attachments.problems import (
    ADDED_CONTENT,
    DAMAGED,
    IMAGE_TOO_LARGE,
    FileRefusedError,
)

MAX_PIXELS = 1 << 26
"""67 million: more than an A4 page at 600 dpi (35 million) and a photo of 64 megapixels."""
MAX_SIDE = 30_000
MAX_CHUNKS = 10_000
"""Chunks of a PNG, and segments of a JPEG."""
MAX_FILL_BYTES = 64
"""Bytes that may fill the gap before a marker."""
MAX_SCANS = 100
"""A progressive JPEG has about ten scans. A thousand keep a decoder busy for minutes."""
MAX_TEXT_BYTES = 1 << 20
"""Size up to which a compressed text or colour profile of a PNG may grow."""
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
JPEG_START = b"\xff\xd8\xff"
_READ_BYTES = 64 << 10
# Valid combinations of colour type and bit depth (PNG, table 11.1).
_DEPTHS = {0: {1, 2, 4, 8, 16}, 2: {8, 16}, 3: {1, 2, 4, 8}, 4: {8, 16}, 6: {8, 16}}
_COMPRESSED = frozenset({b"zTXt", b"iTXt", b"iCCP"})

_START, _END, _SCAN = 0xD8, 0xD9, 0xDA
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_RESTARTS = frozenset(range(0xD0, 0xD8))
# In compressed data, 0xFF is followed by zero, and restart markers are part of the data.
_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")

# What telephones write behind a photo: a further JPEG, an MP4 film, or a block of Samsung's with a
# directory at its end. Zeros may precede it.
_PICTURE_OR_FILM = re.compile(rb"\0*(\xff\xd8\xff|[\x01-\xff]ftyp)")
_SAMSUNG_DIRECTORY, _SAMSUNG_END = b"SEFH", b"SEFT"
_SAMSUNG_END_BYTES = 8
_ADDED_HEAD_BYTES = 4096


def check_png(file: BinaryIO) -> None:
    """Check a PNG file.

    Raises:
        FileRefusedError: it is damaged, too large, or something follows its end.
    """
    file.seek(len(PNG_SIGNATURE))
    has_data = False
    for number in range(MAX_CHUNKS):
        length, name = struct.unpack(">I4s", _exactly(file, 8))
        if not name.isalpha() or length > 0x7FFFFFFF or (number == 0) != (name == b"IHDR"):
            raise FileRefusedError(DAMAGED)
        kept = _checked_chunk(file, name, length)
        if name == b"IHDR":
            _check_header(kept)
        elif name in _COMPRESSED:
            _check_text(name, kept)
        elif name == b"IDAT":
            has_data = True
        elif name == b"IEND":
            if length or not has_data:
                raise FileRefusedError(DAMAGED)
            if file.read(1):
                raise FileRefusedError(ADDED_CONTENT)
            return
    raise FileRefusedError(DAMAGED)


def _checked_chunk(file: BinaryIO, name: bytes, length: int) -> bytes:
    """Read a chunk and compare its checksum; return its content if it is not a picture's data."""
    keep = name == b"IHDR" or name in _COMPRESSED
    kept = bytearray()
    checksum = zlib.crc32(name)
    while length:
        part = _exactly(file, min(length, _READ_BYTES))
        checksum = zlib.crc32(part, checksum)
        length -= len(part)
        if keep:
            kept += part
    if struct.unpack(">I", _exactly(file, 4))[0] != checksum:
        raise FileRefusedError(DAMAGED)
    return bytes(kept)


def _check_header(header: bytes) -> None:
    if len(header) != 13:
        raise FileRefusedError(DAMAGED)
    width, height, depth, colour, compression, filtering, interlace = struct.unpack(
        ">IIBBBBB", header
    )
    if depth not in _DEPTHS.get(colour, ()) or compression or filtering or interlace > 1:
        raise FileRefusedError(DAMAGED)
    _check_size(width, height)


def _check_text(name: bytes, content: bytes) -> None:
    """Check that a compressed text does not grow beyond its limit."""
    keyword, _, rest = content.partition(b"\0")
    if name == b"iTXt":
        compressed, method, rest = rest[:1], rest[1:2], rest[2:]
        if compressed != b"\x01":
            return
        rest = rest.split(b"\0", 2)[-1]
    else:
        method, rest = rest[:1], rest[1:]
    if not keyword or method != b"\0":
        raise FileRefusedError(DAMAGED)
    try:
        inflating = zlib.decompressobj()
        inflating.decompress(rest, MAX_TEXT_BYTES)
    except zlib.error:
        raise FileRefusedError(DAMAGED) from None
    if inflating.unconsumed_tail:
        raise FileRefusedError(IMAGE_TOO_LARGE)


def check_jpeg(file: BinaryIO) -> int:
    """Check the picture in a JPEG file, and return where it ends.

    Telephones add further pictures (CIPA DC-007), films and notes behind it. They are no part of
    the document, so they may follow, but are not checked: the caller must cut them off.

    Returns: size of the picture in bytes.

    Raises:
        FileRefusedError: it is damaged, too large, or something else follows its end.
    """
    file.seek(0)
    _check_picture(file)
    end = file.tell()
    added = file.read(_ADDED_HEAD_BYTES)
    if added and not _PICTURE_OR_FILM.match(added) and not _is_samsung_block(file, end):
        raise FileRefusedError(ADDED_CONTENT)
    return end


def _is_samsung_block(file: BinaryIO, start: int) -> bool:
    """Return whether the file ends with the directory of a Samsung block."""
    size = file.seek(0, 2)
    if size - start < 2 * _SAMSUNG_END_BYTES:
        return False
    file.seek(size - _SAMSUNG_END_BYTES)
    directory_bytes, mark = struct.unpack("<I4s", _exactly(file, _SAMSUNG_END_BYTES))
    directory = size - _SAMSUNG_END_BYTES - directory_bytes
    if mark != _SAMSUNG_END or directory < start:
        return False
    file.seek(directory)
    return file.read(len(_SAMSUNG_DIRECTORY)) == _SAMSUNG_DIRECTORY


def _check_picture(file: BinaryIO) -> None:
    """Read one picture from its first marker to its last."""
    if _exactly(file, 2) != JPEG_START[:2]:
        raise FileRefusedError(DAMAGED)
    frames = scans = segments = 0
    marker = _next_marker(file)
    while marker != _END:
        segments += 1
        if segments > MAX_CHUNKS or marker in (_START, 0x00, 0x01) or marker in _RESTARTS:
            raise FileRefusedError(DAMAGED)
        (length,) = struct.unpack(">H", _exactly(file, 2))
        if length < 2:
            raise FileRefusedError(DAMAGED)
        segment = _exactly(file, length - 2)
        if marker in _FRAMES:
            frames += 1
            if len(segment) < 6 or frames > 1:
                raise FileRefusedError(DAMAGED)
            height, width = struct.unpack(">HH", segment[1:5])
            _check_size(width, height)
        if marker == _SCAN:
            scans += 1
            if scans > MAX_SCANS or not frames:
                raise FileRefusedError(DAMAGED)
            marker = _marker_after_scan(file)
        else:
            marker = _next_marker(file)
    if not scans:
        raise FileRefusedError(DAMAGED)


def _next_marker(file: BinaryIO) -> int:
    if _exactly(file, 1) != b"\xff":
        raise FileRefusedError(DAMAGED)
    for _ in range(MAX_FILL_BYTES):
        marker = _exactly(file, 1)[0]
        if marker != 0xFF:
            return marker
    raise FileRefusedError(DAMAGED)


def _marker_after_scan(file: BinaryIO) -> int:
    """Skip the compressed data of a scan; return the marker behind it."""
    before = b""
    while part := file.read(_READ_BYTES):
        searched = before + part
        found = _MARKER.search(searched)
        if found is not None:
            file.seek(found.end() - len(searched), 1)
            return searched[found.end() - 1]
        before = b"\xff" if searched.endswith(b"\xff") else b""
    raise FileRefusedError(DAMAGED)


def _check_size(width: int, height: int) -> None:
    if not width or not height:
        raise FileRefusedError(DAMAGED)
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise FileRefusedError(IMAGE_TOO_LARGE)


def _exactly(file: BinaryIO, count: int) -> bytes:
    content = file.read(count)
    if len(content) != count:
        raise FileRefusedError(DAMAGED)
    return content
