"""Finds the hub's words in what a department publishes: capabilities, keys, fields.

Guesses only: whoever reads them decides. What is unlikely is left out rather than guessed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from functools import lru_cache

from adapters.workbench.introspection.description import Description, Operation, Shape
from adapters.workbench.introspection.vocabulary import (
    CITIZENS,
    FIELDS,
    REFERENCES,
    SUBJECTS,
    phrase_of,
)

LIKELY = 0.84
FEWEST_FIELDS = 2
FEWEST_LEAVES = 2
MOST_CANDIDATES = 40
Path = tuple[str, ...]
# What follows tells what is asked for, not what comes back: GetPermitsByLandholder.
_BY = re.compile(r"(?<=[a-z0-9])By(?=[A-Z])|_[Bb][Yy]_")


@dataclass(slots=True)
class Column:
    """A part of a row. `path` leads to it from the row."""

    path: Path
    shape: Shape


@dataclass(slots=True)
class Guess:
    """A capability as it was guessed.

    Attributes:
        capability: its name.
        operation: the operation that answers it.
        subject: what it is about: application, benefit, certificate, grievance, citizen.
        rows: path from the reply to the rows.
        row_name: what a row is called.
        columns: the row's parts.
        fields: by the hub's field, the column that seems to be it.
        argument: path to the argument that takes keys.
        takes_many: whether it takes several.
        key: path from a row to its key; None where nobody can tell.
    """

    capability: str
    operation: Operation
    subject: str
    rows: Path
    row_name: str
    columns: list[Column]
    fields: dict[str, Column]
    argument: Path
    takes_many: bool
    key: Path | None
    score: float = field(default=0.0)


def guess_capabilities(description: Description) -> list[Guess]:
    """The likeliest operation for each capability."""
    best: dict[str, Guess] = {}
    for operation in description.operations:
        if not operation.reads or operation.reply is None:
            continue
        for guess in _guesses(operation):
            other = best.get(guess.capability)
            if other is None or guess.score > other.score:
                best[guess.capability] = guess
    return sorted(best.values(), key=lambda guess: guess.capability)


def _guesses(operation: Operation) -> Iterator[Guess]:
    arguments = list(_arguments(operation))
    for rows, row in _rows(operation):
        columns = list(columns_of(row))
        if len(columns) < FEWEST_LEAVES:
            continue
        for subject in SUBJECTS:
            fields = fields_of(subject, columns)
            about = _about(subject, f"{_BY.split(operation.name)[0]} {row.name}")
            if len(fields) < FEWEST_FIELDS or not about:
                continue
            for path, shape in arguments:
                capability = _capability(subject, shape.name)
                if capability is None:
                    continue
                key = _key(shape, capability, fields, columns)
                deep = sum(len(column.path) - 1 for column in fields.values())
                score = len(fields) + 3 * about + (2 if key else 0) - len(arguments) / 10 - deep / 4
                many = shape.many or _is_many(operation, path)
                yield Guess(
                    capability, operation, subject, rows, row.name, columns, fields,
                    path, many, key, score,
                )  # fmt: skip


def _rows(operation: Operation) -> Iterator[tuple[Path, Shape]]:
    """Objects of the reply that can be rows: repeated ones first, then the others."""
    assert operation.reply is not None
    objects = [
        (path, shape)
        for path, shape in operation.reply.walk()
        if shape.kind == "object" and shape.children
    ]
    objects.sort(key=lambda each: (not each[1].many, len(each[0])))
    yield from objects[:MOST_CANDIDATES]


def columns_of(row: Shape, path: Path = ()) -> Iterator[Column]:
    """Leaves of the row, those of objects within it too, those of lists within it not."""
    for child in row.children:
        if child.kind == "object" and not child.many and len(path) < 3:
            yield from columns_of(child, (*path, child.name))
        elif child.kind != "object" and not child.many:
            yield Column((*path, child.name), child)


def fields_of(subject: str, columns: Sequence[Column]) -> dict[str, Column]:
    """The likeliest column of each field; no column stands for two."""
    scored = [
        (likeness(phrases, column), -number, name, column)
        for name, phrases in FIELDS[subject].items()
        for number, column in enumerate(columns)
    ]
    found: dict[str, Column] = {}
    taken: set[Path] = set()
    for score, _, name, column in sorted(scored, key=lambda each: each[:2], reverse=True):
        if score >= LIKELY and name not in found and column.path not in taken:
            found[name] = column
            taken.add(column.path)
    return found


def likeness(phrases: Sequence[str], column: Column) -> float:
    """How like a column's name is to one of the phrases; the first phrases count more."""
    return _likeness(tuple(phrases), column.path[-2:], len(column.path))


@lru_cache(maxsize=100_000)
def _likeness(phrases: tuple[str, ...], ends: Path, depth: int) -> float:
    names = [phrase_of(ends[-1])]
    if len(ends) > 1:
        names.append(phrase_of("_".join(ends)))
    best = 0.0
    for rank, phrase in enumerate(phrases):
        for name in names:
            score = 1.0 if name == phrase else _ratio(name, phrase)
            best = max(best, score - rank * 0.005 - (depth - 1) * 0.01)
    return best


@lru_cache(maxsize=100_000)
def _ratio(name: str, phrase: str) -> float:
    matcher = SequenceMatcher(None, name, phrase)
    # The bounds are quick to tell, and most names are not alike at all.
    if matcher.real_quick_ratio() < LIKELY or matcher.quick_ratio() < LIKELY:
        return 0.0
    return matcher.ratio()


@lru_cache(maxsize=10_000)
def _about(subject: str, text: str) -> int:
    """How much a name is about a subject: 2, 1 or 0."""
    words = set(phrase_of(text).split()) | set(text.lower().replace("_", " ").split())
    lowered = text.lower()
    for rank, word in enumerate(SUBJECTS[subject]):
        if word in words or word in lowered:
            return 2 if rank < 2 else 1
    return 0


def _arguments(operation: Operation) -> Iterator[tuple[Path, Shape]]:
    for argument in operation.arguments:
        for path, shape in argument.walk((argument.name,)):
            if not shape.children:
                yield path, shape


def _is_many(operation: Operation, path: Path) -> bool:
    """Whether the argument, or something around it, may stand there several times."""
    shapes = operation.arguments
    for step in path:
        found = next((shape for shape in shapes if shape.name == step), None)
        if found is None:
            return False
        if found.many:
            return True
        shapes = found.children
    return False


def _capability(subject: str, argument: str) -> str | None:
    column = Column((argument,), Shape(argument))
    reference = likeness(REFERENCES.get(subject, ()), column) if subject in REFERENCES else 0.0
    citizen = likeness(CITIZENS, column)
    if max(reference, citizen) < LIKELY:
        return None
    if subject == "citizen":
        return "citizens_by_identifier"
    if subject == "grievance":
        by_number = reference >= citizen
        return "grievances_by_registration_number" if by_number else "grievances_by_citizen"
    if subject == "application" and reference >= citizen:
        return "applications_by_reference"
    return f"{subject}s_by_citizen" if citizen >= LIKELY else None


def _key(
    argument: Shape, capability: str, fields: dict[str, Column], columns: Sequence[Column]
) -> Path | None:
    """The column that has what the argument asks for."""
    wanted = phrase_of(argument.name)
    for column in columns:
        if phrase_of(column.path[-1]) == wanted:
            return column.path
    names = (
        ("applicationReferenceNumber", "registrationNumber")
        if capability.endswith(("reference", "registration_number"))
        else ("applicantKey", "holderKey", "accountKey", "memberIdentifier")
    )
    for name in names:
        if name in fields:
            return fields[name].path
    return None
