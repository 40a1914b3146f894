"""Functions that split packed values and join spread values.

Each function is created once, when a rule is compiled, and then called for every row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.mapping.values import TextReader, integer_reader, text_reader

MOST_NUMBERED = 1000
"""Maximum number of elements in a list that is spread over one object."""


def whole_text(value: object) -> str | None:
    """Return a single value as text, with its blanks.

    Raises:
        TypeError: the value is a list, an object or bytes.
    """
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, dict | list | bytes):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return str(value)


def part_reader(separator: str, part: int) -> Callable[[object], str | None]:
    """Return a function that returns a part of a packed text, or None if there is no such part.

    The first part has the number 1, the last one -1.
    """
    index = part - 1 if part > 0 else part

    def read(value: object) -> str | None:
        text = whole_text(value)
        if text is None:
            return None
        parts = text.split(separator)
        return parts[index] if -len(parts) <= index < len(parts) else None

    return read


def names_reader(separator: str, names: Sequence[str]) -> Callable[[object], Any]:
    """Return a function that returns the parts of a packed text by name, or None for a blank text.

    It raises ValueError if there are more parts than names, because then the layout is another one.
    """

    def read(value: object) -> Mapping[str, str] | None:
        text = whole_text(value)
        if text is None or not text.strip():
            return None
        parts = text.split(separator)
        if len(parts) > len(names):
            raise ValueError(f"{len(parts)} parts")
        return dict(zip(names, parts, strict=False))

    return read


def entries_reader(
    entries: str, separator: str | None, names: Sequence[str]
) -> Callable[[object], Any]:
    """Return a function that splits a packed list into entries, each with its parts by name.

    Blank entries are left out. `entries` separates the entries, and `separator` the parts of each;
    it is None if an entry is a single part.
    """
    read_entry = names_reader(separator, names) if separator else None

    def read(value: object) -> list[Any]:
        text = whole_text(value)
        if text is None:
            return []
        kept = [entry for entry in text.split(entries) if entry.strip()]
        return [read_entry(each) if read_entry else {names[0]: each} for each in kept]

    return read


def numbered_reader(count: str, separator: str) -> Callable[[object], Any]:
    """Return a function that collects objects spread over one object.

    With the count `f1` and the separator `_`, it collects from `{f1: 2, a_1: …, b_1: …, a_2: …}`
    two objects with the keys a and b. It raises ValueError if the count is not a number or
    exceeds `MOST_NUMBERED`.
    """
    read_count = integer_reader(text_reader(frozenset({""})))

    def read(value: object) -> list[dict[str, Any]]:
        if value is None or value == "":
            return []
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        written = value.get(count)
        number = read_count(written) or 0
        if not 0 <= number <= MOST_NUMBERED:
            raise ValueError(f"{number} entries")
        objects: list[dict[str, Any]] = [{} for _ in range(number)]
        for key, each in value.items():
            name, found, which = str(key).rpartition(separator)
            if found and which.isascii() and which.isdecimal() and 0 < int(which) <= number:
                objects[int(which) - 1][name] = each
        return objects

    return read


def joiner(separator: str, text: TextReader) -> Callable[[Sequence[object]], str | None]:
    """Return a function that joins values; absent values and their separators are left out."""

    def join(values: Sequence[object]) -> str | None:
        there = [each for value in values if (each := text(value)) is not None]
        return separator.join(there) if there else None

    return join


def first_of(text: TextReader) -> Callable[[Sequence[object]], object]:
    """Return a function that returns the first value that is not absent."""

    def first(values: Sequence[object]) -> object:
        for value in values:
            if value.__class__ is str:
                if text(value) is not None:
                    return value
            elif value is not None and value not in ({}, []):
                return value
        return None

    return first


def trimmer(start: str, end: str) -> Callable[[object], str | None]:
    """Return a function that removes padding; it returns None if only padding is left."""

    def trim(value: object) -> str | None:
        text = whole_text(value)
        if text is None:
            return None
        text = text.strip()
        text = text.lstrip(start) if start else text
        return (text.rstrip(end) if end else text) or None

    return trim


def padder(to: int, filling: str, *, at_start: bool) -> Callable[[object], str | None]:
    """Return a function that restores lost padding, such as leading zeros after a spreadsheet."""

    def pad(value: object) -> str | None:
        text = whole_text(value)
        if text is None or not (text := text.strip()):
            return None
        return text.rjust(to, filling) if at_start else text.ljust(to, filling)

    return pad


def without(words: frozenset[str]) -> Callable[[object], object]:
    """Return a function that returns None for these words, and other values unchanged."""

    def read(value: object) -> object:
        return None if value.__class__ is str and value.strip() in words else value

    return read
