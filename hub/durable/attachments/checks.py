"""Checks of a file by its content. Neither its name nor the type that the client declares counts.

What is kept of a file is of one type from its first byte to its last: what one program shows as a
picture, another must not open as an archive or a page.
"""

import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

import puremagic

from hub.durable.attachments.images import JPEG_START, PNG_SIGNATURE, check_jpeg, check_png
from hub.durable.attachments.problems import (
    ADDED_CONTENT,
    DAMAGED,
    EMPTY,
    TYPE_NOT_ALLOWED,
    FileRefusedError,
)

PDF, JPEG, PNG = "application/pdf", "image/jpeg", "image/png"
CHECKED_TYPES = frozenset({PDF, JPEG, PNG})
"""Files of these types are checked from the first byte to the last."""
_HEAD_BYTES = 1024
"""Readers of PDF files look for their mark in so many bytes at the start and at the end."""
_SCAN_BYTES = 256 << 10
_PDF_START = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n %]")
_PDF_END = re.compile(rb"startxref\s+\d+\s+%%EOF[\s\0]*\Z")

# Marks of at least six bytes, which do not occur by chance.
_ARCHIVES = (
    b"Rar!\x1a\x07",
    b"7z\xbc\xaf\x27\x1c",
    b"MSCF\0\0\0\0",
    b"\xfd7zXZ\0",
    b"\0asm\1\0\0\0",
)
_PAGES = (b"<script", b"<SCRIPT", b"<?php ", b"<!DOCTYPE", b"<!doctype", b"<html>", b"<HTML>")
_LONGEST_MARK = max(map(len, (*_ARCHIVES, *_PAGES)))
_TAR_MARK, _TAR_OFFSET = b"ustar", 257
_ISO_MARK, _ISO_OFFSETS = b"CD001", (0x8001, 0x8801, 0x9001)

_ZIP_END, _ZIP64_END, _ZIP_ENTRY = b"PK\x05\x06", b"PK\x06\x07", b"PK\x01\x02"
_ZIP_END_BYTES = 22
_ZIP_TAIL_BYTES = _ZIP_END_BYTES + 0xFFFF

_OTHER = re.compile(r"image/(?!svg)[a-z0-9.+-]+")
"""Other types that a service may name: pictures. All else can contain files or programs."""


@dataclass(frozen=True, slots=True)
class CheckedContent:
    """What the check of a file has found.

    Attributes:
        media_type: `application/pdf`, `image/jpeg` or `image/png`; for other pictures, the type
            that their first bytes show.
        size_bytes: how much of the file to keep. What follows is what a telephone has added to a
            photo.
    """

    media_type: str
    size_bytes: int


def check_content(file: BinaryIO) -> CheckedContent:
    """Check a file by its content.

    Args:
        file: the whole content, readable at any position.

    Raises:
        FileRefusedError: the file is empty, damaged or of a type that is never accepted, or it has
            content of a second type.
    """
    size = file.seek(0, 2)
    file.seek(0)
    head = file.read(_HEAD_BYTES)
    if not head:
        raise FileRefusedError(EMPTY)
    if head.startswith(b"PK"):
        raise FileRefusedError(TYPE_NOT_ALLOWED)
    if head.startswith(b"%PDF-"):
        media_type = PDF
        _check_pdf(file, head)
    elif head.startswith(JPEG_START):
        media_type = JPEG
        size = check_jpeg(file)
    elif head.startswith(PNG_SIGNATURE):
        media_type = PNG
        check_png(file)
    else:
        return CheckedContent(_other_type(head), size)
    _check_marks(file, media_type, head)
    if _is_zip(file):
        raise FileRefusedError(ADDED_CONTENT)
    return CheckedContent(media_type, size)


def _check_pdf(file: BinaryIO, head: bytes) -> None:
    size = file.seek(0, 2)
    file.seek(max(size - _HEAD_BYTES, 0))
    if not _PDF_START.match(head):
        raise FileRefusedError(DAMAGED)
    tail = file.read()
    if not _PDF_END.search(tail):
        raise FileRefusedError(ADDED_CONTENT if b"%%EOF" in tail else DAMAGED)


def _check_marks(file: BinaryIO, media_type: str, head: bytes) -> None:
    """Check that no mark of another type is in the file.

    A PDF may describe pages of the web in its text, so its start only is searched for them.
    """
    pages = () if media_type == PDF else _PAGES
    searched = head if media_type == PDF else head[1:]
    has_pdf = media_type != PDF and b"%PDF-" in searched
    if has_pdf or any(mark in head for mark in _PAGES):
        raise FileRefusedError(ADDED_CONTENT)
    if head[_TAR_OFFSET:].startswith(_TAR_MARK):
        raise FileRefusedError(ADDED_CONTENT)
    for offset in _ISO_OFFSETS:
        file.seek(offset)
        if file.read(len(_ISO_MARK)) == _ISO_MARK:
            raise FileRefusedError(ADDED_CONTENT)
    file.seek(0)
    before = b""
    while part := file.read(_SCAN_BYTES):
        searched = before + part
        if any(mark in searched for mark in (*_ARCHIVES, *pages)):
            raise FileRefusedError(ADDED_CONTENT)
        before = part[-_LONGEST_MARK:]


def _is_zip(file: BinaryIO) -> bool:
    """Return whether a program would open the file as a ZIP archive.

    Such a program looks for a record near the end, which says where the list of entries is. The
    four bytes of its mark can occur by chance, so that the list is looked up too.
    """
    size = file.seek(0, 2)
    start = max(size - _ZIP_TAIL_BYTES, 0)
    file.seek(start)
    tail = file.read()
    found = tail.rfind(_ZIP_END)
    while found >= 0:
        record = tail[found : found + _ZIP_END_BYTES]
        if len(record) == _ZIP_END_BYTES:
            list_bytes, list_offset = struct.unpack("<II", record[12:20])
            if _ZIP64_END in tail[max(found - 20, 0) : found]:
                return True
            for offset in (list_offset, start + found - list_bytes):
                if 0 <= offset < size:
                    file.seek(offset)
                    if file.read(4) == _ZIP_ENTRY:
                        return True
        found = tail.rfind(_ZIP_END, 0, found)
    return False


def _other_type(head: bytes) -> str:
    """Return the media type of another content.

    Raises:
        FileRefusedError: it is not known, or is never accepted, or looks like a type with a
            checked structure, but lacks its beginning.
    """
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError):
        raise FileRefusedError(TYPE_NOT_ALLOWED) from None
    names: list[str] = [each.mime_type for each in found if each.mime_type]
    if not names or not all(_OTHER.fullmatch(name) for name in names):
        raise FileRefusedError(TYPE_NOT_ALLOWED)
    if CHECKED_TYPES.intersection(names):
        raise FileRefusedError(DAMAGED)
    return names[0]
