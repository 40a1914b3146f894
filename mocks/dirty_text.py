"""Dirt in the mocks' data: padding, double spaces, and many spellings of an empty value.

The dirt depends on a key only, usually a record number and a field name. So a department returns
the same text each time and in each process.
"""

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

BLANK_TEXTS = ("", "NA", "-", "not avaiable")
BLANK_JSON: tuple[str | None, ...] = ("", None, "NA", "-", "not avaiable")


def dirty(text: str, key: str) -> str:
    """Return the text; for one key in five, pad its end or double its first space."""
    remainder = crc32(key.encode()) % 10
    if remainder == 0:
        return f"{text}  "
    if remainder == 1:
        return text.replace(" ", "  ", 1)
    return text


def padded(text: str, key: str) -> str:
    """Return a code, number or label; for one key in ten, with a trailing space."""
    return f"{text} " if crc32(key.encode()) % 10 == 0 else text


def one_of(spellings: Sequence[T], key: str) -> T:
    """Return one of the spellings, always the same for one key."""
    return spellings[crc32(key.encode()) % len(spellings)]


def text_or_blank(text: str | None, key: str) -> str:
    """Return the text, perhaps dirty, or one of the spellings of an empty value."""
    return one_of(BLANK_TEXTS, key) if text is None else dirty(text, key)


def json_or_blank(text: str | None, key: str) -> str | None:
    """Return what `text_or_blank` returns, or null as one more spelling."""
    return one_of(BLANK_JSON, key) if text is None else dirty(text, key)
