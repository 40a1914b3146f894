"""Guesses the hub's capabilities, keys and fields in a department's description.

A person checks every guess. Unlikely guesses are left out.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from adapters.contract import Capability
from adapters.workbench.introspection.columns import (
    LIKELY,
    Column,
    Path,
    columns_of,
    fields_of,
    likeness,
)
from adapters.workbench.introspection.description import DescribedOperation, Description, ValueShape
from adapters.workbench.introspection.vocabulary import (
    CITIZENS,
    REFERENCES,
    SUBJECTS,
    phrase_of,
)
from adapters.workbench.introspection.write_vocabulary import OWN_NUMBER
from adapters.workbench.operation_names import spaced, words_of

FINDERS = {
    "application": Capability.FIND_SUBMISSION.value,
    "grievance": Capability.FIND_GRIEVANCE.value,
}
"""What an operation does that takes numbers of the caller's own."""
FEWEST_FIELDS = 2
FEWEST_LEAVES = 2
MOST_CANDIDATES = 40
_TEXTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[^\x00-\x7f]+")
# Names of message numbers. They are keys only if the records have them too.
TECHNICAL = re.compile(r"(?i)x?[-_]?(req|request|txn|trans|transaction|msg|message)[-_]?(id|no)")
# The part after `By` names the argument, not the reply: GetPermitsByLandholder.
_BY = re.compile(r"(?<=[a-z0-9])By(?=[A-Z])|_[Bb][Yy]_")


@dataclass(slots=True)
class Guess:
    """A guessed capability.

    Attributes:
        capability: its name.
        operation: the department's operation.
        subject: application, benefit, certificate, grievance or citizen.
        rows: path from the reply to the rows.
        row_name: name of a row.
        columns: fields of a row.
        fields: guessed column of each field of the hub.
        argument: path to the argument that takes keys.
        takes_many: True if the argument takes several keys.
        key: path from a row to its key; None if unknown.
        score: how likely the guess is; higher is likelier.
    """

    capability: str
    operation: DescribedOperation
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
    """Return the likeliest guess for each capability.

    Sets `unused` of each operation from which nothing can be guessed.
    """
    best: dict[str, Guess] = {}
    for operation in description.operations:
        if not operation.reads:
            continue
        guesses = list(_guesses(operation))
        if not guesses:
            operation.unused = _why_not(operation)
            continue
        operation.unused = "another operation is likelier for the same capability"
        for guess in guesses:
            other = best.get(guess.capability)
            if other is None or guess.score > other.score:
                best[guess.capability] = guess
    return sorted(best.values(), key=lambda guess: guess.capability)


def _why_not(operation: DescribedOperation) -> str:
    """Return the reason why no capability is guessed from the operation."""
    changed = _changed(operation)
    if changed is not None:
        return f"it takes {changed}, so it may change data"
    if operation.reply is None:
        return "its reply is not described"
    rows = [list(columns_of(row)) for _, row in _rows(operation)]
    if not rows:
        return "its reply has no object with fields"
    if all(len(columns) < FEWEST_LEAVES for columns in rows):
        return "its reply has fewer than two fields"
    if all(_is_acknowledgement(columns) for columns in rows):
        return "its reply is an acknowledgement without a record"
    arguments = [shape.name for _, shape in _arguments(operation)]
    if not any(_capability(subject, name) for subject in SUBJECTS for name in arguments):
        return "no argument looks like the number of an application or of a citizen"
    return "neither its name nor its fields fit a record of the hub"


def _changed(operation: DescribedOperation) -> str | None:
    """Return the argument that has the new value of something; None if there is none."""
    names = (shape.name for _, shape in _arguments(operation))
    return next((name for name in names if words_of(name)[:1] == ("new",)), None)


def _is_acknowledgement(columns: Sequence[Column]) -> bool:
    """Return True if the fields only confirm that something was done, perhaps with its number."""
    phrases = [phrase_of(column.name) for column in columns]
    others = [each for each in phrases if not _ACKNOWLEDGES.fullmatch(each)]
    if not others:
        return True
    is_flagged = any(_FLAGS.search(each) for each in phrases)
    return is_flagged and all(each.endswith(("number", "reference", "code")) for each in others)


_ACKNOWLEDGES = re.compile(
    r"(response |result |return |error |status )?"
    r"(success|result|status|code|notes|message|error|errors|ok|response|date|description|return"
    r"|text|acknowledgement|number)( (code|notes|text|description|number|date|flag))?"
)
_FLAGS = re.compile(r"\b(success|succeeded|result|response|ok|acknowledged|saved|done)\b")


def _guesses(operation: DescribedOperation) -> Iterator[Guess]:
    if not operation.reads or operation.reply is None:
        return
    if _changed(operation) is not None:
        return
    arguments = list(_arguments(operation))
    capabilities = {
        subject: [
            (path, shape, capability)
            for path, shape in arguments
            if (capability := _capability(subject, shape.name)) is not None
        ]
        for subject in SUBJECTS
    }
    for rows, row in _rows(operation):
        columns = list(columns_of(row))
        if len(columns) < FEWEST_LEAVES or _is_acknowledgement(columns):
            continue
        for subject, found in capabilities.items():
            asks_own = any(each in FINDERS.values() for _, _, each in found)
            about = _strength(subject, operation, row.name, asks_own=asks_own)
            # Fields are compared last, because that takes longest.
            fields = fields_of(subject, columns) if about and found else {}
            if len(fields) < FEWEST_FIELDS:
                continue
            own = next((each for each in columns if _is_own_number(each.name)), None)
            if subject in FINDERS and own is not None:
                fields["receiptNumber"] = own
            for path, shape, capability in found:
                key = _key(shape, capability, fields, columns)
                if TECHNICAL.fullmatch(shape.name) and (key is None or key[-1] != shape.name):
                    continue
                deep = sum(len(column.path) - 1 for column in fields.values())
                score = len(fields) + 3 * about + (2 if key else 0) - len(arguments) / 10 - deep / 4
                yield Guess(
                    capability, operation, subject, rows, row.name, columns, fields,
                    path, shape.many, key, score,
                )  # fmt: skip


def _in_no_list(shape: ValueShape, path: Path) -> Iterator[tuple[Path, ValueShape]]:
    """Yield the shapes that a path can reach: it can't lead through a list."""
    yield path, shape
    for child in shape.children if not shape.many else ():
        yield from _in_no_list(child, (*path, child.name))


def _rows(operation: DescribedOperation) -> Iterator[tuple[Path, ValueShape]]:
    """Yield the objects of the reply that may be rows, repeated ones first."""
    assert operation.reply is not None
    objects = [
        (path, shape)
        for path, shape in _in_no_list(operation.reply, ())
        if shape.kind == "object" and shape.children
    ]
    objects.sort(key=lambda each: (not each[1].many, len(each[0])))
    yield from objects[:MOST_CANDIDATES]


def _strength(subject: str, operation: DescribedOperation, row_name: str, *, asks_own: bool) -> int:
    """Return how strongly an operation and its rows suggest the subject: 2, 1 or 0."""
    found = _about(subject, f"{_BY.split(operation.name)[0]} {row_name}")
    if not found and asks_own:
        # Who asks with numbers of the caller's own asks for what the path names.
        return min(_about(subject, str(operation.call.get("path", ""))), 1)
    return found


@lru_cache(maxsize=10_000)
def _about(subject: str, text: str) -> int:
    """Return how strongly a name suggests the subject: 2, 1 or 0."""
    words = set(phrase_of(spaced(text)).split())
    for part in map(str.lower, _TEXTS.findall(text)):
        words |= {part, part.removesuffix("s")}
    for rank, word in enumerate(SUBJECTS[subject]):
        if word in words:
            return 2 if rank < 2 else 1
    return 0


def _arguments(operation: DescribedOperation) -> Iterator[tuple[Path, ValueShape]]:
    for argument in operation.arguments:
        for path, shape in argument.walk((argument.name,)):
            if not shape.children:
                yield path, shape


def _is_own_number(name: str) -> bool:
    """Return True for the name of a number that the department has from the caller."""
    return OWN_NUMBER.fullmatch(spaced(name)) is not None


def _capability(subject: str, argument: str) -> str | None:
    if subject in FINDERS and _is_own_number(argument):
        return FINDERS[subject]
    column = Column((argument,), ValueShape(argument))
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
    argument: ValueShape, capability: str, fields: dict[str, Column], columns: Sequence[Column]
) -> Path | None:
    """Return the path of the column that holds the argument's value."""
    wanted = phrase_of(argument.name)
    for column in columns:
        if phrase_of(column.name) == wanted:
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
