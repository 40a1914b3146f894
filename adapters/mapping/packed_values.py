"""Values packed into one text, spread over several, or numbered: taken apart and put together.

Every function here is made once, when a rule is compiled, and then called per row.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from adapters.mapping.values import TextReader

MOST_NUMBERED = 1000


def whole_text(value: object) -> str | None:
    """A value as text, blanks and all; TypeError for what is not a single value."""
    if value is None or value.__class__ is str:
        return value
    if isinstance(value, dict | list | bytes):
        raise TypeError(f"expected a text, got {type(value).__name__}")
    return str(value)


def part_reader(separator: str, part: int) -> Callable[[object], str | None]:
    """The part of a packed text, counted from 1 (from the end: -1); None where it has none."""
    index = part - 1 if part > 0 else part

    def read(value: object) -> str | None:
        text = whole_text(value)
        if text is None:
            return None
        parts = text.split(separator)
        return parts[index] if -len(parts) <= index < len(parts) else None

    return read


def names_reader(separator: str, names: Sequence[str]) -> Callable[[object], Any]:
    """The parts of a packed text by name; None where there is no text.

    ValueError when it has more parts than there are names: then the layout is not the one meant.
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
    """The entries of a packed text, each with its parts by name; blank entries are none.

    Without a separator an entry is one part.
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
    """Objects spread over one object: `{f1: 2, a_1: …, b_1: …, a_2: …}` is two with a and b.

    ValueError when the count is no number, or more than `MOST_NUMBERED`.
    """

    def read(value: object) -> list[dict[str, Any]]:
        if value is None or value == "":
            return []
        if not isinstance(value, Mapping):
            raise TypeError(f"expected an object, got {type(value).__name__}")
        told = value.get(count)
        number = int(told) if told not in (None, "") else 0
        if not 0 <= number <= MOST_NUMBERED:
            raise ValueError(f"{number} entries")
        objects: list[dict[str, Any]] = [{} for _ in range(number)]
        for key, each in value.items():
            name, found, which = str(key).rpartition(separator)
            if found and which.isdecimal() and 0 < int(which) <= number:
                objects[int(which) - 1][name] = each
        return objects

    return read


def joiner(separator: str, text: TextReader) -> Callable[[Sequence[object]], str | None]:
    """Several values in one text; those that are absent leave no separator behind."""

    def join(values: Sequence[object]) -> str | None:
        there = [each for value in values if (each := text(value)) is not None]
        return separator.join(there) if there else None

    return join


def first_of(text: TextReader) -> Callable[[Sequence[object]], object]:
    """The first value that is not absent."""

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
    """Takes padding off; a text of nothing but padding is no value."""

    def trim(value: object) -> str | None:
        text = whole_text(value)
        if text is None:
            return None
        text = text.strip()
        text = text.lstrip(start) if start else text
        return (text.rstrip(end) if end else text) or None

    return trim


def padder(to: int, filling: str, *, at_start: bool) -> Callable[[object], str | None]:
    """Puts back the padding that a text has lost on its way, as leading zeros in a spreadsheet."""

    def pad(value: object) -> str | None:
        text = whole_text(value)
        if text is None or not (text := text.strip()):
            return None
        return text.rjust(to, filling) if at_start else text.ljust(to, filling)

    return pad


def without(words: frozenset[str]) -> Callable[[object], object]:
    """The value, or None when it is, blanks aside, one of the words."""

    def read(value: object) -> object:
        return None if value.__class__ is str and value.strip() in words else value

    return read
