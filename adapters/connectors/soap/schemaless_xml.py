"""Reads XML without a schema.

An element that contains elements is an object. Elements that repeat under their parent are a list.
Any other element is its text, or None if it is empty. Names lose their namespace and .NET's escapes
(`NM_x0020_E`). Attributes are kept for elements without text.

A .NET DataSet (`docs/quirks.md` 3) is sent as an inline schema, which is ignored, and a
`diffgr:diffgram`. Elements of it in diffgr's own namespace (`before`, `errors`) describe edits and
are ignored; the other element contains the current rows.
"""

import re
from collections.abc import Iterable
from typing import Any

from lxml import etree

from adapters.connectors.http.xml import grouped

XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
XSI_NIL = f"{XSI}nil"
DIFFGRAM_NAMESPACE = "urn:schemas-microsoft-com:xml-diffgram-v1"
DIFFGRAM = f"{{{DIFFGRAM_NAMESPACE}}}diffgram"
XSD_SCHEMA = "{http://www.w3.org/2001/XMLSchema}schema"
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
    if text is None or not text.strip():
        attributes = dict(plain_attributes(node))
        return attributes or None
    return text


def read_children(nodes: Iterable[etree._Element]) -> dict[str, Any]:
    """Return the contents of elements by name; elements with the same name as a list."""
    pairs: list[tuple[str, Any]] = []
    # A comprehension would add a stack frame for each of up to 256 levels.
    for child in nodes:
        pairs.append((local_name(str(child.tag)), read_loosely(child)))  # noqa: PERF401
    return grouped(pairs)


def plain_attributes(node: etree._Element) -> Iterable[tuple[str, str]]:
    """Return attributes without a namespace. Others, such as `xsi:type`, are not data."""
    return ((str(name), str(value)) for name, value in node.attrib.items() if "{" not in str(name))


def tables_of(content: etree._Element) -> dict[str, list[Any]] | None:
    """Return the rows of a DataSet by table; None if the reply has no DataSet."""
    diffgram = next(content.iter(DIFFGRAM), None)
    if diffgram is None:
        return None
    tables: dict[str, list[Any]] = {}
    for dataset in diffgram:
        if str(dataset.tag).startswith(f"{{{DIFFGRAM_NAMESPACE}}}"):
            continue
        for row in dataset:
            tables.setdefault(local_name(str(row.tag)), []).append(read_loosely(row))
    return tables
