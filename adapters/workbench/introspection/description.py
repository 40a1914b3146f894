"""What was read of a department's interface, whatever it was written in."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["text", "integer", "number", "truth", "date", "datetime", "object", "any"]
MOST_DEPTH = 12
MOST_OPERATIONS = 2000
MOST_NODES = 20_000


class IntrospectionError(Exception):
    """Nothing can be read of the source; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that could not be read, or is not supported.

    Attributes:
        place: where: a line, an element, a JSON pointer.
        message: what it is, and what was done instead.
    """

    place: str
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


@dataclass(slots=True)
class Shape:
    """A value as its description has it.

    Attributes:
        name: the element, property or column.
        kind: what it is.
        many: whether it may stand there several times.
        values: the values that it can take, where they are listed.
        documentation: what the department says of it.
        children: of an object, its parts.
    """

    name: str
    kind: Kind = "text"
    many: bool = False
    values: tuple[str, ...] = ()
    documentation: str = ""
    children: "list[Shape]" = field(default_factory=list)

    def walk(self, path: tuple[str, ...] = ()) -> "Iterator[tuple[tuple[str, ...], Shape]]":
        """It and all within it, each with its path from here."""
        yield path, self
        for child in self.children:
            yield from child.walk((*path, child.name))


@dataclass(slots=True)
class Operation:
    """Something that the department can be asked.

    Attributes:
        name: its name.
        place: where it is described.
        arguments: what goes in.
        reply: what comes back; None where nothing is told.
        call: the manifest's `call`, without its placeholders.
        reads: whether it only reads.
        documentation: what the department says of it.
    """

    name: str
    place: str
    arguments: list[Shape] = field(default_factory=list)
    reply: Shape | None = None
    call: Mapping[str, Any] = field(default_factory=dict)
    reads: bool = True
    documentation: str = ""


@dataclass(slots=True)
class Description:
    """What a department publishes of itself.

    Attributes:
        kind: the connector that it needs.
        title: its own name for itself.
        connector: the manifest's `connector`.
        operations: what it can be asked.
        notes: what could not be read.
        files: files to lay beside the manifest, by name.
        make: who or what wrote the document, where it tells.
        comments: lines for whoever finishes the connector.
    """

    kind: str
    title: str
    connector: dict[str, Any]
    operations: list[Operation] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    make: str = ""
    comments: list[str] = field(default_factory=list)
    _told: set[Note] = field(default_factory=set)

    def note(self, place: str, message: str) -> None:
        found = Note(place, message)
        if found not in self._told and len(self.notes) < MOST_OPERATIONS:
            self._told.add(found)
            self.notes.append(found)
