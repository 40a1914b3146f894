"""Guesses the hub's writes in a department's description: which operation takes what.

A person checks every guess. The manifest gets them as comments only, because a wrong write changes
the department's data.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from adapters.connectors.secrets import names_secret
from adapters.connectors.templates import MERGED
from adapters.mapping.value_rules import usable_steps
from adapters.workbench.introspection.calls import LEFT_OUT, Placeholders
from adapters.workbench.introspection.columns import LIKELY, Column, Path, likeness
from adapters.workbench.introspection.description import DescribedOperation, Description, ValueShape
from adapters.workbench.introspection.vocabulary import CITIZENS, REFERENCES, phrase_of
from adapters.workbench.introspection.write_vocabulary import (
    ACTS,
    CREATING,
    DOCUMENT_LISTS,
    DOCUMENTS,
    FACTS,
    MESSAGE,
    NEVER,
    OUTCOME,
    OWN_NUMBER,
    PEOPLE,
    PREFILLED,
    PROBLEMS,
)
from adapters.workbench.operation_names import words_of
from adapters.writes import WriteCapability

SUBMIT = WriteCapability.SUBMIT_APPLICATION
FEWEST_FORM_FIELDS = 2
MOST_LEAVES = 200
_NUMBERS = (*REFERENCES["application"], *REFERENCES["grievance"])
DEEPEST_OUTCOME = 3


@dataclass(slots=True)
class GuessedWrite:
    """A guessed write.

    Attributes:
        capability: what it does.
        operation: the department's operation.
        placeholders: what to send in its arguments.
        form: arguments that are fields of the application form; empty for other writes.
        document: shape of one document, if it takes a list of them.
        reference: path in the reply to the department's number; None if unknown.
        receipt: path in the reply to the hub's receipt number; None if unknown.
        outcome: path in the reply to a code or flag that says whether it was done; None if unknown.
        message: path in the reply to a text for people; None if unknown.
        problem: path in the reply to the text of its first problem; None if it lists none.
    """

    capability: WriteCapability
    operation: DescribedOperation
    placeholders: Placeholders
    form: Sequence[ValueShape] = ()
    document: ValueShape | None = None
    reference: Path | None = None
    receipt: Path | None = None
    outcome: Path | None = None
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
        capability = None if operation.reads else _capability(operation)
        guess = None if capability is None else _guess(capability, operation)
        if guess is None:
            continue
        operation.unused = f"another operation is likelier for {guess.capability}"
        other = best.get(guess.capability)
        if other is None or guess.score > other.score:
            best[guess.capability] = guess
    return [best[each] for each in WriteCapability if each in best]


def _capability(operation: DescribedOperation) -> WriteCapability | None:
    """Return what an operation does, by its name and path."""
    names = [operation.name, re.sub(r"\{[^}]*\}", "", str(operation.call.get("path", "")))]
    words = {word for name in names for word in words_of(name)}
    words |= {word.removesuffix("s") for word in words}
    if words & NEVER:
        return None
    creates = bool(words & CREATING) or operation.call.get("method") == "POST"
    for capability, act in ACTS.items():
        is_named = bool(words & act.verbs) or (creates and bool(words & act.nouns))
        if is_named and (not act.about or words & act.about):
            return capability
    return None


@dataclass(slots=True)
class _Arguments:
    """What the arguments of one operation take, while they are read."""

    capability: WriteCapability
    placeholders: dict[Path, object] = field(default_factory=dict)
    form: dict[Path, ValueShape] = field(default_factory=dict)
    document: ValueShape | None = None
    receipt: str = ""
    numbers: list[tuple[Path, ValueShape]] = field(default_factory=list)

    def read(self, shape: ValueShape, path: Path) -> None:
        """Add an argument, and those in it."""
        if _is_document(shape) and self.capability is not WriteCapability.ATTACH_DOCUMENT:
            self.placeholders[path] = "{documents}"
            self.document = shape
        elif shape.children:
            for child in shape.children:
                self.read(child, (*path, child.name))
        elif shape.kind != "object" and not names_secret(shape.name):
            self._leaf(shape, path)

    def _leaf(self, shape: ValueShape, path: Path) -> None:
        words = " ".join(words_of(shape.name))
        own = None if "{receipt}" in self.placeholders.values() else OWN_NUMBER.fullmatch(words)
        fact = next((to for to, form in self._known() if form.fullmatch(words)), None)
        if own:
            self._take(path, "{receipt}")
            self.receipt = shape.name
        elif fact is not None and fact not in self.placeholders.values():
            self._take(path, fact)
        elif likeness(_NUMBERS, Column((shape.name,), shape)) >= LIKELY:
            self.numbers.append((path, shape))
        elif likeness(CITIZENS, Column((shape.name,), shape)) >= LIKELY:
            self._take(path, "{citizen}")
        elif self.capability is SUBMIT:
            self.form[path] = shape

    def _known(self) -> Iterator[tuple[str, re.Pattern[str]]]:
        yield from FACTS[self.capability].items()
        if self.capability is WriteCapability.ATTACH_DOCUMENT:
            yield from DOCUMENTS.items()
        # A form has its own fields for what it asks about the applicant.
        yield from (
            each
            for each in PEOPLE.items()
            if self.capability is not SUBMIT or each[0] not in PREFILLED
        )

    def assign_numbers(self) -> None:
        """Decide which number is the department's, and which is the hub's."""
        self.numbers.sort(key=lambda each: -likeness(_NUMBERS, Column((each[1].name,), each[1])))
        # Nothing has a number of the department's yet when it is submitted.
        if self.capability not in (SUBMIT, WriteCapability.SUBMIT_GRIEVANCE) and self.numbers:
            path, _ = self.numbers.pop(0)
            self._take(path, "{reference}")
        if self.numbers and not self.receipt:
            path, shape = self.numbers[0]
            self._take(path, "{receipt}")
            self.receipt = shape.name

    def _take(self, path: Path, placeholder: str) -> None:
        self.placeholders.setdefault(path, placeholder)

    def with_form(self) -> Placeholders:
        """Return the placeholders; the object with most fields of the form takes `{fields}`."""
        if not self.form:
            return self.placeholders
        parents = Counter(path[:-1] for path in self.form)
        parent, _ = max(parents.items(), key=lambda each: (each[1], -len(each[0])))
        self.form = {path: each for path, each in self.form.items() if path[:-1] == parent}
        is_whole = parent and not any(path[: len(parent)] == parent for path in self.placeholders)
        if is_whole:
            return {**self.placeholders, parent: "{fields}"}
        return {
            **self.placeholders,
            **dict.fromkeys(self.form, LEFT_OUT),
            (*parent, MERGED): "{fields}",
        }


def _guess(capability: WriteCapability, operation: DescribedOperation) -> GuessedWrite | None:
    """Return the guess; None if the arguments do not fit."""
    arguments = _Arguments(capability)
    leaves = sum(1 for each in operation.arguments for _ in each.walk())
    if leaves > MOST_LEAVES:
        return None
    for each in operation.arguments:
        arguments.read(each, (each.name,))
    arguments.assign_numbers()
    placeholders = arguments.with_form()
    sent = set(map(str, placeholders.values()))
    if capability is SUBMIT:
        fits = len(arguments.form) >= FEWEST_FORM_FIELDS
    elif capability is WriteCapability.SUBMIT_GRIEVANCE:
        fits = "{text}" in sent
    else:
        fits = bool(sent & {"{reference}", "{citizen}"})
    if not fits:
        return None
    guess = GuessedWrite(capability, operation, placeholders, list(arguments.form.values()))
    guess.document = arguments.document
    _read_reply(guess, arguments.receipt)
    return guess


def _is_document(shape: ValueShape) -> bool:
    words = " ".join(words_of(shape.name))
    names = [" ".join(words_of(each.name)) for _, each in shape.walk() if not each.children]
    has_content = any(DOCUMENTS["{content}"].fullmatch(each) for each in names)
    return bool(DOCUMENT_LISTS.fullmatch(words)) and (not shape.children or has_content)


def document_fields(shape: ValueShape) -> tuple[tuple[str, ...], dict[str, str]]:
    """Return the path from an argument to the object of one document, and that object's fields."""
    inner, path = shape, tuple[str, ...]()
    while len(inner.children) == 1 and inner.children[0].children:
        inner, path = inner.children[0], (*path, inner.children[0].name)
    found: dict[str, str] = {}
    for child in inner.children:
        words = " ".join(words_of(child.name))
        to = next((to for to, form in DOCUMENTS.items() if form.fullmatch(words)), None)
        if to is not None and to not in found.values():
            found[child.name] = to
    return path, found


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
        wanted = phrase_of(receipt)
        guess.receipt = next((c.path for c in columns if phrase_of(c.name) == wanted), None)
    numbers = [
        (likeness(_NUMBERS, column), -place, column.path)
        for place, column in enumerate(columns)
        if column.path != guess.receipt
    ]
    likely = [each for each in numbers if each[0] >= LIKELY]
    guess.reference = max(likely)[2] if likely else None
    rest = [column for column in columns if column.path not in (guess.receipt, guess.reference)]
    rest.sort(key=lambda column: len(column.path))
    # A code of a status is that of the record.
    guess.outcome = _first([each for each in rest if not _is_of_status(each.path)], OUTCOME)
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
        if child.many and PROBLEMS.fullmatch(" ".join(words_of(child.name))):
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


def _first(columns: Sequence[Column], form: re.Pattern[str]) -> Path | None:
    near = [each for each in columns if len(each.path) <= DEEPEST_OUTCOME]
    return next((e.path for e in near if form.fullmatch(" ".join(words_of(e.name)))), None)
