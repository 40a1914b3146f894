"""Reads XML without a schema.

An element that contains elements is an object. Elements that repeat under their parent are a list.
Any other element is its text, or None if it is empty. Names lose their namespace and .NET's escapes
(`NM_x0020_E`). Attributes are kept for elements without text.
"""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
XSI_NIL = f"{XSI}nil"
MOST_NAMESPACES = 200
"""Maximum number of namespaces at one element, because lxml copies them for each element."""
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def local_name(tag: str) -> str:
    """Return the name without its namespace and without .NET's escapes."""
    name = tag.rpartition("}")[2]
    return _ESCAPED.sub(lambda m: chr(int(m[1], 16)), name) if "_x" in name else name


def namespace_of(node: etree._Element, prefix: str) -> str | None:
    """Return the namespace of a prefix; None if it is not declared.

    Raises:
        ValueError: more than `MOST_NAMESPACES` are declared.
    """
    declared = node.nsmap
    if len(declared) > MOST_NAMESPACES:
        raise ValueError("too many namespaces")
    return declared.get(prefix or None)


def read_loosely(node: etree._Element) -> Any:
    """Return the content of an element: an object, a text or None."""
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
    """Return the contents of elements by name; elements with the same name as a list."""
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
    """Return attributes without a namespace. Others, such as `xsi:type`, are not data."""
    return ((str(name), str(value)) for name, value in node.attrib.items() if "{" not in str(name))
