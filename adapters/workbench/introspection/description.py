"""The description of a department's interface, independent of its format."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "truth", "date", "datetime", "object", "any"]
MOST_DEPTH = 12
MOST_OPERATIONS = 2000
MOST_NODES = 20_000
OWN = "HUB_<DEPARTMENT>"
"""Prefix of the department's environment variables while the department's name is unknown."""


def reference(suffix: str) -> str:
    """Return a reference to an environment variable of the department, such as its key."""
    return f"${{env:{OWN}_{variable_part(suffix)}}}"


def server_reference(address: str) -> str:
    """Return a reference to the variable with the address of the department's server."""
    return f"${{env:{OWN}_URL:-{address}}}"


def variable_part(name: str) -> str:
    """Return a name in the form of a part of an environment variable: `X-API-KEY`, `X_API_KEY`."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    return re.sub(r"[^A-Za-z0-9]+", "_", split).strip("_").upper() or "KEY"


class IntrospectionError(Exception):
    """Nothing can be read from the source; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that could not be read, or is not supported.

    Attributes:
        position: a line, an element or a JSON pointer.
        message: what was found, and what was done instead.
    """

    position: str
    message: str

    def __str__(self) -> str:
        return f"{self.position}: {self.message}"


@dataclass(slots=True)
class ValueShape:
    """The type of a value, with its name.

    Attributes:
        name: name of the element, property or column.
        kind: kind of the value.
        many: True if it may occur several times.
        required: True if a request must contain it.
        example: an example of its value.
        values: its possible values, if they are listed.
        documentation: the department's documentation.
        children: parts of an object.
    """

    name: str
    kind: Kind = "text"
    many: bool = False
    required: bool = False
    example: str = ""
    values: tuple[str, ...] = ()
    documentation: str = ""
    children: "list[ValueShape]" = field(default_factory=list)

    def walk(self, path: tuple[str, ...] = ()) -> "Iterator[tuple[tuple[str, ...], ValueShape]]":
        """Yield this shape and all shapes in it, each with its path from here."""
        yield path, self
        for child in self.children:
            yield from child.walk((*path, child.name))


@dataclass(slots=True)
class DescribedOperation:
    """An operation that the department offers.

    Attributes:
        name: its name.
        position: position of its description.
        arguments: its arguments.
        reply: shape of the reply; None if it is not described.
        call: the manifest's `call`, without placeholders.
        reads: True if it only reads.
        is_callable: False if the connector can't call it.
        unused: why no capability can be guessed from it; empty if that is not known yet.
        documentation: the department's documentation.
    """

    name: str
    position: str
    arguments: list[ValueShape] = field(default_factory=list)
    reply: ValueShape | None = None
    call: Mapping[str, Any] = field(default_factory=dict)
    reads: bool = True
    is_callable: bool = True
    unused: str = ""
    documentation: str = ""

    @property
    def may_write(self) -> bool:
        """Whether the connector can call it to change data."""
        return self.is_callable and not self.reads


@dataclass(slots=True)
class Description:
    """The description of a department's interface.

    Attributes:
        kind: kind of the connector.
        title: the department's name for the interface.
        connector: the manifest's `connector`.
        operations: the operations that it offers.
        notes: what could not be read.
        files: files to write beside the manifest, by name.
        make: software that made the document, if it can be recognised.
        comments: comments for the author of the manifest.
    """

    kind: str
    title: str
    connector: dict[str, Any]
    operations: list[DescribedOperation] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    make: str = ""
    comments: list[str] = field(default_factory=list)
    _noted: set[Note] = field(default_factory=set)

    def note(self, position: str, message: str) -> None:
        """Add a note, unless the same note was added before."""
        found = Note(position, message)
        if found not in self._noted and len(self.notes) < MOST_OPERATIONS:
            self._noted.add(found)
            self.notes.append(found)
