"""Guesses the hub's writes in a department's description: which operation takes what.

A person checks every guess. The manifest gets them as comments only, because a wrong write changes
the department's data.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from adapters.mapping.value_rules import usable_steps
from adapters.workbench.introspection.calls import Placeholders
from adapters.workbench.introspection.columns import LIKELY, Column, Path, likeness
from adapters.workbench.introspection.description import DescribedOperation, Description, ValueShape
from adapters.workbench.introspection.vocabulary import REFERENCES
from adapters.workbench.introspection.write_arguments import WriteArguments
from adapters.workbench.introspection.write_vocabulary import (
    ACTS,
    CREATING,
    MESSAGE,
    NEVER,
    OFFICIAL,
    OUTCOME,
    PROBLEMS,
)
from adapters.workbench.operation_names import spaced, words_of
from adapters.writes import WriteCapability

FEWEST_FORM_FIELDS = 2
MOST_ARGUMENTS = 200
_NUMBERS = (*REFERENCES["application"], *REFERENCES["grievance"])
DEEPEST_OUTCOME = 3


@dataclass(slots=True)
class GuessedWrite:
    """A guessed write.

    Attributes:
        capability: what it does.
        operation: the department's operation.
        placeholders: what to send in its arguments.
        form: arguments that are fields of the application form, by their path in it; empty for
            other writes.
        document: the argument that takes a list of documents; None if there is none.
        reference: path in the reply to the department's number; None if unknown.
        receipt: path in the reply to the hub's receipt number; None if unknown.
        outcome: path in the reply to a code or flag that says whether it was done; None if unknown.
        is_flag: whether the outcome is true or false.
        message: path in the reply to a text for people; None if unknown.
        problem: path in the reply to the text of its first problem; None if it lists none.
    """

    capability: WriteCapability
    operation: DescribedOperation
    placeholders: Placeholders
    form: Mapping[Path, ValueShape] = field(default_factory=dict)
    document: ValueShape | None = None
    reference: Path | None = None
    receipt: Path | None = None
    outcome: Path | None = None
    is_flag: bool = False
    message: Path | None = None
    problem: Path | None = None

    @property
    def read(self) -> list[Path]:
        """Paths in the reply to everything that is read."""
        found = (self.reference, self.receipt, self.outcome, self.message, self.problem)
        return [each for each in found if each is not None]

    @property
    def score(self) -> int:
        """How likely the guess is; higher is likelier."""
        known = (self.reference, self.receipt, self.document, self.outcome)
        return len(self.placeholders) + len(self.form) + sum(each is not None for each in known)


def guess_writes(description: Description) -> list[GuessedWrite]:
    """Return the likeliest operation for each write, in the order of `WriteCapability`.

    Sets `unused` of the operations from which a write is guessed.
    """
    best: dict[WriteCapability, GuessedWrite] = {}
    for operation in description.operations:
        capability = _capability(operation) if operation.may_write else None
        guess = None if capability is None else _guess(capability, operation)
        if guess is None:
            continue
        operation.unused = f"another operation is likelier for {guess.capability}"
        other = best.get(guess.capability)
        if other is None or guess.score > other.score:
            best[guess.capability] = guess
    return [best[each] for each in WriteCapability if each in best]


def form_of(guesses: Sequence[GuessedWrite]) -> Mapping[Path, ValueShape]:
    """Return the fields of the application form; none if no guess has a form."""
    return next((each.form for each in guesses if each.form), {})


def _capability(operation: DescribedOperation) -> WriteCapability | None:
    """Return what an operation does, by its name and path."""
    names = [operation.name, re.sub(r"\{[^}]*\}", "", str(operation.call.get("path", "")))]
    words = {word for name in names for word in words_of(name)}
    words |= {word.removesuffix("s") for word in words}
    if words & NEVER or OFFICIAL.search(operation.documentation):
        return None
    creates = bool(words & CREATING) or operation.call.get("method") == "POST"
    for capability, act in ACTS.items():
        is_named = bool(words & act.verbs) or (creates and bool(words & act.nouns))
        if is_named and (not act.about or words & act.about):
            return capability
    return None


def _guess(capability: WriteCapability, operation: DescribedOperation) -> GuessedWrite | None:
    """Return the guess; None if the arguments do not fit."""
    if sum(1 for each in operation.arguments for _ in each.walk()) > MOST_ARGUMENTS:
        return None
    arguments = WriteArguments(capability)
    try:
        arguments.read(operation)
    except ValueError:
        return None
    sent = arguments.placeholders.values()
    if capability is WriteCapability.SUBMIT_APPLICATION:
        fits = len(arguments.form) >= FEWEST_FORM_FIELDS
    elif capability is WriteCapability.SUBMIT_GRIEVANCE:
        fits = "{text}" in sent
    elif capability is WriteCapability.ATTACH_DOCUMENT:
        fits = "{reference}" in sent and ("{content}" in sent or "{documents}" in sent)
    else:
        fits = "{reference}" in sent or "{citizen}" in sent
    if not fits:
        return None
    guess = GuessedWrite(capability, operation, arguments.placeholders)
    guess.form = arguments.form
    guess.document = arguments.document
    _read_reply(guess, arguments.receipt)
    return guess


def _read_reply(guess: GuessedWrite, receipt: str) -> None:
    """Find the numbers, the code and the message in the reply."""
    reply = guess.operation.reply
    if reply is None:
        return
    columns = [
        Column(path, shape)
        for path, shape in _single(reply, ())
        if not shape.children and _is_path(path)
    ]
    if receipt:
        wanted = words_of(receipt)
        guess.receipt = next((each.path for each in columns if words_of(each.name) == wanted), None)
    numbers = [
        (likeness(_NUMBERS, column), -index, column.path)
        for index, column in enumerate(columns)
        if column.path != guess.receipt
    ]
    likely = [each for each in numbers if each[0] >= LIKELY]
    guess.reference = max(likely)[2] if likely else None
    rest = [column for column in columns if column.path not in (guess.receipt, guess.reference)]
    rest.sort(key=lambda column: len(column.path))
    # A code of a status is that of the record.
    guess.outcome = _first([each for each in rest if not _is_of_status(each.path)], OUTCOME)
    guess.is_flag = any(e.path == guess.outcome and e.shape.kind == "truth" for e in rest)
    guess.message = _first([each for each in rest if each.path != guess.outcome], MESSAGE)
    problem = _problem(reply, ())
    guess.problem = problem if problem is not None and _is_path(problem) else None


def _is_path(path: Path) -> bool:
    """Return whether a manifest can name a path: some characters in names have a meaning there."""
    try:
        usable_steps("/".join(path))
    except ValueError:
        return False
    return not any("/" in step for step in path)


def _problem(shape: ValueShape, path: Path) -> Path | None:
    for child in shape.children:
        if child.many and PROBLEMS.fullmatch(spaced(child.name)):
            texts = [Column((each.name,), each) for each in child.children]
            found = _first(texts, MESSAGE)
            return None if found is None else (*path, child.name, "0", *found)
        if not child.many and (found := _problem(child, (*path, child.name))) is not None:
            return found
    return None


def _is_of_status(path: Path) -> bool:
    return len(path) > 1 and words_of(path[-2])[-1:] in (("state",), ("status",))


def _single(shape: ValueShape, path: Path) -> Iterator[tuple[Path, ValueShape]]:
    """Yield the shapes in a reply that are not in a list."""
    for child in shape.children:
        if not child.many:
            yield (*path, child.name), child
            yield from _single(child, (*path, child.name))


def _first(columns: Sequence[Column], pattern: re.Pattern[str]) -> Path | None:
    near = [each for each in columns if len(each.path) <= DEEPEST_OUTCOME]
    return next((e.path for e in near if pattern.fullmatch(spaced(e.name))), None)
