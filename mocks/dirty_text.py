"""The dirt on the wire: padding, double spaces, and the many spellings of nothing.

What gets which blemish depends only on a key (usually the record's number and the field), so that
a department gives the same dirty answer each time and in each process.
"""

from collections.abc import Sequence
from typing import TypeVar
from zlib import crc32

T = TypeVar("T")

NOTHING_AS_TEXT = ("", "NA", "-", "not avaiable")
NOTHING_AS_JSON: tuple[str | None, ...] = ("", None, "NA", "-", "not avaiable")


def blemished(text: str, key: str) -> str:
    """The text, one time in five padded at its end or with its first space doubled."""
    throw = crc32(key.encode()) % 10
    if throw == 0:
        return f"{text}  "
    if throw == 1:
        return text.replace(" ", "  ", 1)
    return text


def padded(text: str, key: str) -> str:
    """The text, one time in ten with a trailing space; for codes, numbers and labels."""
    return f"{text} " if crc32(key.encode()) % 10 == 0 else text


def one_of(spellings: Sequence[T], key: str) -> T:
    """Always the same one of the spellings for a key."""
    return spellings[crc32(key.encode()) % len(spellings)]


def text_or_nothing(text: str | None, key: str) -> str:
    """A text with its blemish, or some spelling of nothing."""
    return one_of(NOTHING_AS_TEXT, key) if text is None else blemished(text, key)


def json_or_nothing(text: str | None, key: str) -> str | None:
    """As `text_or_nothing`, where nothing may also be null."""
    return one_of(NOTHING_AS_JSON, key) if text is None else blemished(text, key)
