"""Reads one YAML file into plain values and remembers the line of each.

Scalars stay text: the code `02` is never the number 2, `NO` never false; the model converts where
it expects a number. Anchors, aliases and tags are refused, which also closes YAML bombs.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from adapters.manifest.problems import ManifestError, Problem

MAX_BYTES = 1 << 20
MAX_DEPTH = 40

Place = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Document:
    """A YAML file's content.

    Attributes:
        path: the file.
        content: its values: dict, list, str and None.
        lines: line (from 1) of each value, by its place in the content.
    """

    path: Path
    content: Any
    lines: dict[Place, int] = field(default_factory=dict)

    def line_of(self, place: Place) -> int:
        """Line of the value at `place`, or of the nearest thing around it that has one."""
        while place and place not in self.lines:
            place = place[:-1]
        return self.lines.get(place, 1)


class _Loader(yaml.SafeLoader):
    """Refuses aliases while composing, before anything can grow."""

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(AliasEvent):
            event = self.peek_event()
            raise yaml.MarkedYAMLError(
                problem="aliases (*name) are not allowed in a manifest",
                problem_mark=event.start_mark,
            )
        return super().compose_node(parent, index)


def read_document(path: Path) -> Document:
    """Raises `ManifestError` when the file is missing, too large or not YAML."""
    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise ManifestError.single(
                path, 1, "", f"the file has {size:,} bytes", f"keep it under {MAX_BYTES:,} bytes"
            )
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ManifestError.single(
            path, 1, "", f"the file can't be read: {error.strerror}", "add it"
        ) from None
    except UnicodeDecodeError:
        raise ManifestError.single(
            path, 1, "", "the file is not UTF-8", "save it as UTF-8"
        ) from None
    lines: dict[Place, int] = {}
    try:
        node = yaml.compose(text, Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
        problem = getattr(error, "problem", None) or "this is not YAML"
        raise ManifestError.single(
            path, mark.line + 1 if mark else 1, "", str(problem), "correct the YAML there"
        ) from None
    except RecursionError:
        raise ManifestError.single(path, 1, "", "nested too deeply", "flatten it") from None
    problems: list[Problem] = []
    content = _plain(node, (), lines, problems, path) if node else {}
    if problems:
        raise ManifestError(problems)
    return Document(path, content, lines)


def _plain(
    node: Node, place: Place, lines: dict[Place, int], problems: list[Problem], path: Path
) -> Any:
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if len(place) > MAX_DEPTH:
        problems.append(Problem(path, line, _dotted(place), "nested too deeply", "flatten it"))
        return None
    if isinstance(node, ScalarNode):
        return None if node.tag == "tag:yaml.org,2002:null" and node.style is None else node.value
    if isinstance(node, SequenceNode):
        return [_plain(n, (*place, i), lines, problems, path) for i, n in enumerate(node.value)]
    assert isinstance(node, MappingNode)
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            problems.append(
                Problem(path, key_line, _dotted(place), "a key must be plain text", "rename it")
            )
            continue
        key = key_node.value
        if key in result:
            problems.append(
                Problem(
                    path,
                    key_line,
                    _dotted((*place, key)),
                    f"the key {key!r} stands here twice",
                    f"keep one (the first is on line {lines[(*place, key)]})",
                )
            )
            continue
        lines[(*place, key)] = key_line
        result[key] = _plain(value_node, (*place, key), lines, problems, path)
    return result


def _dotted(place: Place) -> str:
    return ".".join(str(part) for part in place)
