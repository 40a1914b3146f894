"""Compares the names of a row's fields with the hub's fields."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import lru_cache

from adapters.workbench.introspection.description import ValueShape
from adapters.workbench.introspection.vocabulary import (
    FIELDS,
    KNOWN,
    MEANINGS,
    is_place,
    phrase_of,
)

LIKELY = 0.84
TEXT = "_value_1"
Path = tuple[str, ...]


@dataclass(slots=True)
class Column:
    """A field of a row; `path` leads from the row to it."""

    path: Path
    shape: ValueShape

    @property
    def name(self) -> str:
        """The name of the field; that of its element if it is the text beside attributes."""
        return next((step for step in reversed(self.path) if step != TEXT), TEXT)


def columns_of(row: ValueShape, path: Path = ()) -> Iterator[Column]:
    """Yield the fields of a row, including those of nested objects but not of nested lists."""
    for child in row.children:
        if child.kind == "object" and not child.many and len(path) < 3:
            yield from columns_of(child, (*path, child.name))
        elif child.kind != "object" and not child.many:
            yield Column((*path, child.name), child)


def fields_of(subject: str, columns: Sequence[Column]) -> dict[str, Column]:
    """Return the likeliest column of each field; no column is used twice."""
    scored = [
        (likeness(phrases, column), -number, name, column)
        for name, phrases in FIELDS[subject].items()
        for number, column in enumerate(columns)
        if "status" not in name.lower() or not is_place(column.shape.documentation, _values(column))
    ]
    if not any(phrase_of(column.name).endswith("status") for column in columns):
        scored += _states(subject, columns)
    found: dict[str, Column] = {}
    taken: set[Path] = set()
    for score, _, name, column in sorted(scored, key=lambda each: each[:2], reverse=True):
        if score >= LIKELY and name not in found and column.path not in taken:
            found[name] = column
            taken.add(column.path)
    return found


def _values(column: Column) -> tuple[str, ...]:
    return (*column.shape.values, column.shape.example)


def _states(subject: str, columns: Sequence[Column]) -> Iterator[tuple[float, int, str, Column]]:
    """Yield columns named `state` if their listed values are statuses, not places."""
    name = next((each for each in FIELDS[subject] if each.lower().endswith("status")), None)
    for number, column in enumerate(columns):
        if name is None or phrase_of(column.name) not in ("state", f"{subject} state"):
            continue
        known = [
            each for each in column.shape.values if re.sub(r"\W|_", "", each.lower()) in MEANINGS
        ]
        if known and len(known) * 2 >= len(column.shape.values):
            yield LIKELY, -number, name, column


def likeness(phrases: Sequence[str], column: Column) -> float:
    """Return how similar a column's name is to a phrase, at most 1; earlier phrases count more."""
    path = tuple(step for step in column.path if step != TEXT) or column.path
    return _likeness(tuple(phrases), path[-2:], len(path))


@lru_cache(maxsize=100_000)
def _likeness(phrases: tuple[str, ...], ends: Path, depth: int) -> float:
    names = [phrase_of(ends[-1])]
    if len(ends) > 1:
        names.append(phrase_of("_".join(ends)))
    # `DateOfIssue` and `IssueDate` mean the same.
    names += [f"{each[5:]} date" for each in names if each.startswith("date ")]
    best = 0.0
    for rank, phrase in enumerate(phrases):
        for name in names:
            score = 1.0 if name == phrase else _ratio(name, phrase)
            best = max(best, score - rank * 0.005 - (depth - 1) * 0.01)
    return best


@lru_cache(maxsize=100_000)
def _ratio(name: str, phrase: str) -> float:
    # Only unknown words, such as misspelt ones, can stand for a similar word.
    if not KNOWN.isdisjoint(set(name.split()) - set(phrase.split())):
        return 0.0
    matcher = SequenceMatcher(None, name, phrase)
    # The upper bounds are fast to compute, and most names are not similar.
    if matcher.real_quick_ratio() < LIKELY or matcher.quick_ratio() < LIKELY:
        return 0.0
    return matcher.ratio()
