"""Guesses what a write sends in the arguments of an operation."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile

from adapters.connectors.secrets import names_secret
from adapters.connectors.templates import MERGED
from adapters.workbench.introspection.calls import DECIDE, LEFT_OUT, TEMPLATE, value_of
from adapters.workbench.introspection.columns import LIKELY, Column, Path, likeness
from adapters.workbench.introspection.description import DescribedOperation, ValueShape
from adapters.workbench.introspection.vocabulary import CITIZENS, REFERENCES, phrase_of
from adapters.workbench.introspection.write_vocabulary import (
    DOCUMENT_LISTS,
    DOCUMENTS,
    FACTS,
    OWN_NUMBER,
    PEOPLE,
    PREFILLED,
)
from adapters.workbench.operation_names import spaced
from adapters.writes import WriteCapability

SUBMIT = WriteCapability.SUBMIT_APPLICATION
NEW = frozenset({SUBMIT, WriteCapability.SUBMIT_GRIEVANCE})
"""Writes that make something, which has no number of the department's before."""
_CITIZENS = tuple(each for each in CITIZENS if each not in ("phone", "aadhaar number"))
_PLAIN_REFERENCES = ("reference", "reference number")


@dataclass(slots=True)
class WriteArguments:
    """What the arguments of one operation take.

    Attributes:
        capability: what the operation does.
        placeholders: what to send in its arguments.
        form: the arguments that are fields of the application form, by their path in the object
            that takes `{fields}`.
        document: the argument that takes a list of documents; None if there is none.
        receipt: name of the argument for the hub's receipt number, if the reply may repeat it;
            empty if there is none.
    """

    capability: WriteCapability
    placeholders: dict[Path, object] = field(default_factory=dict)
    form: dict[Path, ValueShape] = field(default_factory=dict)
    document: ValueShape | None = None
    receipt: str = ""
    _numbers: list[tuple[Path, ValueShape]] = field(default_factory=list)

    def read(self, operation: DescribedOperation) -> None:
        """Read the arguments of an operation.

        Raises:
            ValueError: it can't be this write, or the hub can't send it.
        """
        headers = list(operation.call.get("headers", {}).values())
        names = [each.name for each in (*operation.arguments, *headers)]
        if len(set(names)) < len(names):
            raise ValueError("two arguments have the same name")
        for shape in (*operation.arguments, *headers):
            self._read(shape, (shape.name,), self._known())
        in_path = set(TEMPLATE.findall(str(operation.call.get("path", ""))))
        self._assign_numbers(in_path)
        self._place_form(operation.call)

    def _read(self, shape: ValueShape, path: Path, known: Mapping[str, re.Pattern[str]]) -> None:
        if _is_document(shape):
            self._read_document(shape, path)
        elif shape.many and shape.children:
            # A list of rows, for example of family members. A person decides about it.
            return
        elif shape.children:
            for child in shape.children:
                self._read(child, (*path, child.name), known)
        elif shape.kind != "object":
            self._read_value(shape, path, known)

    def _read_document(self, shape: ValueShape, path: Path) -> None:
        is_list = any(each.many for _, each in _wrappers(shape))
        if not shape.children:
            if not is_list and "{content}" not in self.placeholders.values():
                self.placeholders[path] = "{content}"
        elif is_list and self.document is None:
            self.placeholders[path] = "{documents}"
            self.document = shape
        elif not is_list:
            for child in shape.children:
                self._read(child, (*path, child.name), DOCUMENTS)

    def _read_value(
        self, shape: ValueShape, path: Path, known: Mapping[str, re.Pattern[str]]
    ) -> None:
        words, taken = spaced(shape.name), self.placeholders.values()
        fact = next((to for to, pattern in known.items() if pattern.fullmatch(words)), None)
        if OWN_NUMBER.fullmatch(words):
            if "{receipt}" not in taken:
                self.placeholders[path] = "{receipt}"
                self.receipt = shape.name
        elif names_secret(shape.name):
            return
        elif fact is not None:
            if fact not in taken or fact in PEOPLE:
                self.placeholders[path] = fact
        elif _likeness_of_number(shape) >= LIKELY:
            self._numbers.append((path, shape))
        elif likeness(_CITIZENS, Column((shape.name,), shape)) >= LIKELY:
            self.placeholders[path] = "{citizen}"
        elif self.capability is SUBMIT and not shape.many and value_of(shape) == DECIDE:
            self.form[path] = shape

    def _known(self) -> dict[str, re.Pattern[str]]:
        people = PEOPLE.items()
        if self.capability is SUBMIT:
            # A form has its own fields for what it asks about the applicant.
            people = {name: each for name, each in people if name not in PREFILLED}.items()
        documents = DOCUMENTS if self.capability is WriteCapability.ATTACH_DOCUMENT else {}
        return {**FACTS[self.capability], **documents, **dict(people)}

    def _assign_numbers(self, in_path: Collection[str]) -> None:
        """Decide which number is the department's, and which is the hub's.

        Args:
            in_path: arguments in the path, which names what the operation is about.
        """
        numbers = sorted(
            self._numbers,
            key=lambda each: (each[0][0] not in in_path, -_likeness_of_number(each[1])),
        )
        if self.capability in NEW:
            if numbers and numbers[0][0][0] in in_path:
                raise ValueError("it is about something that exists")
        elif numbers:
            path, _ = numbers.pop(0)
            self.placeholders[path] = "{reference}"
        plain = [path for path, shape in numbers if phrase_of(shape.name) in _PLAIN_REFERENCES]
        if plain and "{receipt}" not in self.placeholders.values():
            self.placeholders[plain[0]] = "{receipt}"

    def _place_form(self, call: Mapping[str, object]) -> None:
        """Let the object around all fields of the form take `{fields}`."""
        form = {path: each for path, each in self.form.items() if _may_have_form(call, path)}
        around = _common(list(form))
        end = len(around) + 1
        # `{fields}` would replace an object in which something else is sent.
        mixed = {path[:end] for path in self.placeholders if len(path) > end}
        self.form = {path: each for path, each in form.items() if path[:end] not in mixed}
        if not self.form:
            return
        if not around and "types" in call:
            raise ValueError("the arguments of a mutation are declared one by one")
        if around and not any(path[: len(around)] == around for path in self.placeholders):
            self.placeholders[around] = "{fields}"
        else:
            self.placeholders |= {path[:end]: LEFT_OUT for path in self.form}
            self.placeholders[*around, MERGED] = "{fields}"
        self.form = {path[len(around) :]: each for path, each in self.form.items()}


def _common(paths: Sequence[Path]) -> Path:
    """Return the path of the innermost object around all of these arguments."""
    steps = zip(*(path[:-1] for path in paths), strict=False)
    return tuple(each[0] for each in takewhile(lambda each: len(set(each)) == 1, steps))


def _likeness_of_number(shape: ValueShape) -> float:
    return likeness(REFERENCES["application"], Column((shape.name,), shape))


def _may_have_form(call: Mapping[str, object], path: Path) -> bool:
    """Return whether the form can be sent there: in the body, or in the query without a body."""
    if "path" not in call:
        return True
    names = call["body"] if "body" in call else call["query"]
    return isinstance(names, list) and path[0] in names


def _wrappers(shape: ValueShape) -> Iterator[tuple[Path, ValueShape]]:
    """Yield the shape and the objects that only wrap another one, each with its path from it."""
    path: Path = ()
    yield path, shape
    while len(shape.children) == 1 and shape.children[0].children:
        shape, path = shape.children[0], (*path, shape.children[0].name)
        yield path, shape


def _is_document(shape: ValueShape) -> bool:
    if not DOCUMENT_LISTS.fullmatch(spaced(shape.name)):
        return False
    leaves = [spaced(each.name) for _, each in shape.walk() if not each.children]
    return not shape.children or any(map(DOCUMENTS["{content}"].fullmatch, leaves))


def document_fields(shape: ValueShape) -> tuple[Path, dict[str, str]]:
    """Return the path from an argument to the object of one document, and that object's fields."""
    *_, (path, inner) = _wrappers(shape)
    found: dict[str, str] = {}
    for child in inner.children:
        words = spaced(child.name)
        to = next((to for to, pattern in DOCUMENTS.items() if pattern.fullmatch(words)), None)
        if to is not None and to not in found.values():
            found[child.name] = to
    return path, found
