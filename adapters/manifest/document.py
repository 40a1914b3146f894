"""Reads a YAML file into plain values, with the line number of each value.

Scalars are text: the code `02` never becomes the number 2, and `NO` never false. The model converts
a value where it expects a number. Anchors, aliases and tags are errors, which also prevents
"billion laughs" attacks.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from adapters.manifest.problems import ManifestError, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MOST_PROBLEMS = 100
NULLS = frozenset({"", "~", "null", "Null", "NULL"})
# The parser in C is ten times as fast, but it may be missing.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

KeyPath = tuple[str | int, ...]
"""Keys and list indexes from the top of a document to a value."""


@dataclass(frozen=True, slots=True)
class Document:
    """Content of a YAML file.

    Attributes:
        path: the file.
        content: its value: dict, list, str or None, nested.
        lines: line number (from 1) of each value, by key path.
    """

    path: Path
    content: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, key_path: KeyPath) -> int:
        """Return the line of the value at the key path, or of the nearest value around it."""
        while key_path and key_path not in self.lines:
            key_path = key_path[:-1]
        return self.lines.get(key_path, 1)

    def problem(self, key_path: KeyPath, message: str, remedy: str) -> Problem:
        """Return a problem of the value at the key path."""
        key = ".".join(map(str, key_path))
        return Problem(self.path, self.line_of(key_path), key, message, remedy)


def read_document(path: Path) -> Document:
    """Return the content of a file.

    Raises:
        ManifestError: the file is missing, too large or not valid YAML.
    """
    try:
        # Reading a device or a pipe might never end.
        if path.exists() and not path.is_file():
            raise ManifestError.single(path, "this is not a regular file", "replace it with a file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"the file has more than {MAX_BYTES:,} bytes"
            raise ManifestError.single(path, message, f"keep it under {MAX_BYTES:,} bytes")
        text = content.decode("utf-8")
    except OSError as error:
        message = f"the file can't be read: {error.strerror}"
        raise ManifestError.single(path, message, "add the file") from None
    except UnicodeDecodeError:
        raise ManifestError.single(path, "the file is not UTF-8", "save it as UTF-8") from None
    builder = _Builder(path)
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "this is not YAML"
        line = mark.line + 1 if mark else 1
        builder.problems.append(Problem(path, line, "", str(problem), "correct the YAML there"))
    if builder.problems:
        raise ManifestError(builder.problems)
    return Document(path, builder.content, builder.lines)


class _Builder:
    """Builds values from the events of a YAML parser, without recursion.

    Raises an error at once if the rest of the file can't be interpreted; adds other mistakes to
    `problems`.
    """

    def __init__(self, path: Path) -> None:
        self.content: Any = {}
        self.lines: dict[KeyPath, int] = {}
        self.problems: list[Problem] = []
        self._path = path
        self._open: list[_Collection] = []
        self._documents = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1 if event.start_mark is not None else 1
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents > 1:
                self._refuse(line, "a second document begins here", "keep one document per file")
        elif isinstance(event, AliasEvent):
            self._refuse(line, "aliases (*name) are not allowed in a manifest", "repeat the value")
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            self._open.pop()
        elif isinstance(event, ScalarEvent):
            self._check(event, line)
            is_null = event.style in (None, "") and event.implicit[0] and event.value in NULLS
            self._scalar(event.value, line, is_null=is_null)
        elif isinstance(event, SequenceStartEvent | MappingStartEvent):
            self._check(event, line)
            self._begin([] if isinstance(event, SequenceStartEvent) else {}, line)

    def _check(self, event: Any, line: int) -> None:
        if event.anchor is not None:
            self._refuse(line, "anchors (&name) are not allowed in a manifest", "remove the anchor")
        if event.tag is not None:
            self._refuse(line, "tags (!name) are not allowed in a manifest", "remove the tag")

    def _scalar(self, text: str, line: int, *, is_null: bool) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and isinstance(around.content, dict) and around.key is None:
            self._key(around, text, line)
        else:
            self._put(None if is_null else text, line)

    def _key(self, around: "_Collection", key: str, line: int) -> None:
        key_path = (*around.key_path, key)
        around.key = key
        around.is_kept = key not in around.content
        if around.is_kept:
            self.lines[key_path] = line
            return
        message = f"the key {key!r} is written twice"
        self._report(
            line, key_path, message, f"remove one (the first is on line {self.lines[key_path]})"
        )

    def _begin(self, content: Any, line: int) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and isinstance(around.content, dict) and around.key is None:
            self._refuse(line, "a key must be plain text", "rename the key")
        if len(self._open) >= MAX_DEPTH:
            self._refuse(line, f"nested more than {MAX_DEPTH} levels deep", "use fewer levels")
        self._open.append(_Collection(self._put(content, line), content))

    def _put(self, value: Any, line: int) -> KeyPath:
        """Store a value in the open collection; return its key path."""
        around = self._open[-1] if self._open else None
        if around is None:
            self.content = value
            key_path: KeyPath = ()
        elif isinstance(around.content, list):
            key_path = (*around.key_path, len(around.content))
            around.content.append(value)
        else:
            assert around.key is not None
            key_path = (*around.key_path, around.key)
            if around.is_kept:
                around.content[around.key] = value
            around.key = None
        self.lines.setdefault(key_path, line)
        return key_path

    def _report(self, line: int, key_path: KeyPath, message: str, remedy: str) -> None:
        self.problems.append(
            Problem(self._path, line, ".".join(map(str, key_path)), message, remedy)
        )
        if len(self.problems) >= MOST_PROBLEMS:
            raise ManifestError(self.problems)

    def _refuse(self, line: int, message: str, remedy: str) -> None:
        raise ManifestError([*self.problems, Problem(self._path, line, "", message, remedy)])


@dataclass(slots=True)
class _Collection:
    """A list or mapping that has not been read to its end yet.

    Attributes:
        key_path: key path of the collection.
        content: content read so far.
        key: in a mapping, the key of the next value; None if a key comes next.
        is_kept: False if the key is a duplicate, so that its value is discarded.
    """

    key_path: KeyPath
    content: Any
    key: str | None = None
    is_kept: bool = True
