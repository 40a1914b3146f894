"""Reads untrusted YAML, plain values only, with a limit on aliases; writes YAML on one line."""

import json
import re
from typing import Any

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

_SURROGATES = re.compile("[\ud800-\udfff]")
UNPRINTABLE = re.compile(
    "[^\t\n\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What YAML can't contain, or takes for the end of a line and of a comment."""
_PLAIN = re.compile(r"[A-Za-z_/][A-Za-z0-9_./-]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})
MOST_ALIASES = 500
MOST_VALUES = 2_000_000
MOST_DEPTH = 200


class _Loader(yaml.SafeLoader):
    _aliases = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        if self.check_event(AliasEvent):
            self._aliases += 1
            if self._aliases > MOST_ALIASES:
                raise yaml.YAMLError(f"there are more than {MOST_ALIASES} aliases")
        return super().compose_node(parent, index)


class _Values:
    def __init__(self) -> None:
        self._count = 0

    def of(self, node: Node, depth: int) -> Any:
        self._count += 1
        if self._count > MOST_VALUES or depth > MOST_DEPTH:
            raise yaml.YAMLError("the document is too large or too deep")
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        if isinstance(node, SequenceNode):
            return [self.of(each, depth + 1) for each in node.value]
        assert isinstance(node, MappingNode)
        return {
            str(key.value) if isinstance(key, ScalarNode) else "?": self.of(value, depth + 1)
            for key, value in node.value
        }

    def _scalar(self, node: ScalarNode) -> Any:
        if node.style is None and node.tag == "tag:yaml.org,2002:null":
            return None
        if node.style is None and node.tag == "tag:yaml.org,2002:bool":
            return node.value.lower() in ("true", "yes", "on")
        # Numbers and dates stay text: the code 02 is not 2.
        return node.value


def without_surrogates(value: Any) -> Any:
    """Return the value with `\ufffd` in place of half characters, which can't be written."""
    if isinstance(value, str):
        return value if value.isascii() else _SURROGATES.sub("\ufffd", value)
    if isinstance(value, list):
        return [without_surrogates(each) for each in value]
    if isinstance(value, dict):
        return {without_surrogates(key): without_surrogates(each) for key, each in value.items()}
    return value


def read_yaml(content: bytes) -> Any:
    """Return the content as mappings, lists and texts.

    Raises:
        yaml.YAMLError, ValueError, RecursionError: the document can't be read.
    """
    node = yaml.compose(content.decode("utf-8-sig"), Loader=_Loader)
    return _Values().of(node, 0) if node is not None else None


def scalar(value: object) -> str:
    """Return the text as a YAML scalar, quoted where YAML could read another type."""
    text = str(value)
    if _PLAIN.fullmatch(text) and text.lower() not in _WORDS:
        return text
    quoted = json.dumps(without_surrogates(text), ensure_ascii=False)
    return UNPRINTABLE.sub(lambda each: f"\\u{ord(each[0]):04x}", quoted)


def flow(value: Any) -> str:
    """Return the value as YAML on one line."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{scalar(k)}: {flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(flow, value)) + "]"
    return scalar(value)


def comment(text: str) -> str:
    """Return the text as a YAML comment of one line."""
    return "# " + " ".join(text.split())[:400].encode("utf-8", "replace").decode()
