"""Reads one YAML file into plain values and remembers the line of each.

Scalars stay text: the code `02` is never the number 2, `NO` never false; the model converts where
it expects a number. Anchors, aliases and tags are refused, which also closes YAML bombs.
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
# The parser in C, where there is one, reads ten times as fast.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's content.

    Attributes:
        path: the file.
        content: its values: dict, list, str and None.
        lines: line (from 1) of each value, by its key_path in the content.
    """

    path: Path
    content: Any
    lines: dict[KeyPath, int] = field(default_factory=dict)

    def line_of(self, key_path: KeyPath) -> int:
        """Line of the value at `key_path`, or of the nearest thing around it that has one."""
        while key_path and key_path not in self.lines:
            key_path = key_path[:-1]
        return self.lines.get(key_path, 1)


def read_document(path: Path) -> Document:
    """Raises `ManifestError` when the file is missing, too large or not YAML."""
    try:
        # A device or a pipe would never end.
        if path.exists() and not path.is_file():
            raise ManifestError.single(path, 1, "", "this is no file", "put a file there")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
        if len(content) > MAX_BYTES:
            message = f"the file has more than {MAX_BYTES:,} bytes"
            raise ManifestError.single(path, 1, "", message, f"keep it under {MAX_BYTES:,} bytes")
        text = content.decode("utf-8")
    except OSError as error:
        raise ManifestError.single(
            path, 1, "", f"the file can't be read: {error.strerror}", "add it"
        ) from None
    except UnicodeDecodeError:
        raise ManifestError.single(
            path, 1, "", "the file is not UTF-8", "save it as UTF-8"
        ) from None
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
    """Makes values of a YAML parser's events, without recursion and with no more than they hold.

    What it refuses it raises at once, where the rest of the file could mean anything, or adds to
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
                self._refuse(line, "a second document begins here", "keep one")
        elif isinstance(event, AliasEvent):
            self._refuse(line, "aliases (*name) are not allowed in a manifest", "write it out")
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
            self._refuse(line, "anchors (&name) are not allowed in a manifest", "remove it")
        if event.tag is not None:
            self._refuse(line, "tags (!name) are not allowed in a manifest", "remove it")

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
        message = f"the key {key!r} stands here twice"
        self._report(
            line, key_path, message, f"keep one (the first is on line {self.lines[key_path]})"
        )

    def _begin(self, content: Any, line: int) -> None:
        around = self._open[-1] if self._open else None
        if around is not None and isinstance(around.content, dict) and around.key is None:
            self._refuse(line, "a key must be plain text", "rename it")
        if len(self._open) >= MAX_DEPTH:
            self._refuse(line, "nested too deeply", "flatten it")
        self._open.append(_Collection(self._put(content, line), content))

    def _put(self, value: Any, line: int) -> KeyPath:
        """Puts a value where it belongs; gives its key_path."""
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
    """A list or mapping that is not at its end yet.

    Attributes:
        key_path: where it stands.
        content: what it holds so far.
        key: in a mapping, the key whose value comes next; None where a key comes next.
        is_kept: whether that value is kept: not, when its key stood there before.
    """

    key_path: KeyPath
    content: Any
    key: str | None = None
    is_kept: bool = True
