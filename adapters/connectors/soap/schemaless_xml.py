"""Reads XML that no schema describes, by its own shape.

An element with elements in it is an object; one that repeats under its parent is a list; any other
is its text, or None when it is empty or nil. Names are without their namespaces, and unescaped as
.NET escapes what XML allows in no name (`NM_x0020_E`). Attributes are kept of elements that have no
text.
"""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
XSI_NIL = f"{XSI}nil"
MOST_NAMESPACES = 200
"""In force at one element: telling them costs as much as they are, at each element anew."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def local_name(tag: str) -> str:
    """The name without its namespace, unescaped."""
    name = tag.rpartition("}")[2]
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), name) if "_x" in name else name


def namespace_of(node: etree._Element, prefix: str) -> str | None:
    """What a prefix in a value stands for; raises ValueError where too many are declared."""
    declared = node.nsmap
    if len(declared) > MOST_NAMESPACES:
        raise ValueError("too many namespaces")
    return declared.get(prefix or None)


def read_loosely(node: etree._Element) -> Any:
    """An element's content."""
    if len(node):
        found = read_children(node)
        for name, value in plain_attributes(node):
            found.setdefault(name, value)
        return found
    text = node.text
    if text is None or text == "":
        attributes = dict(plain_attributes(node))
        return attributes or None
    return text


def read_children(nodes: Iterable[etree._Element]) -> dict[str, Any]:
    """Elements by their names; those that repeat as lists."""
    found: dict[str, Any] = {}
    repeated: set[str] = set()
    for child in nodes:
        name, value = local_name(str(child.tag)), read_loosely(child)
        if name not in found:
            found[name] = value
        elif name in repeated:
            found[name].append(value)
        else:
            found[name] = [found[name], value]
            repeated.add(name)
    return found


def plain_attributes(node: etree._Element) -> Iterable[tuple[str, str]]:
    """Attributes of no namespace: others are the wire's own, as `xsi:type` and `diffgr:id`."""
    return ((str(name), str(value)) for name, value in node.attrib.items() if "{" not in str(name))
