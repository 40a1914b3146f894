"""Names, positions and documentation of elements of a WSDL or a schema."""

from collections.abc import Iterable

from lxml import etree

XS = "http://www.w3.org/2001/XMLSchema"
OLD_XS = ("http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema")
Name = tuple[str, str]
"""Namespace and local name."""


def local(element: etree._Element) -> str:
    """Return the local name, also if the prefix is not declared; empty for a comment."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def is_schema(uri: str) -> bool:
    return uri == XS or uri in OLD_XS


def name_of(element: etree._Element, value: str) -> Name:
    """Return the QName `value`, resolved with the element's namespaces."""
    prefix, _, word = value.strip().rpartition(":")
    return element.nsmap.get(prefix or None) or "", word


def position_of(element: etree._Element) -> str:
    """Return the element's line, kind and name, for a note."""
    named = element.get("name")
    what = f"{local(element)} {named!r}" if named else local(element)
    return f"line {element.sourceline}, {what}"


def occurs(element: etree._Element) -> bool:
    """Return True if the element may be repeated."""
    most = element.get("maxOccurs", "1").strip()
    return most == "unbounded" or (most.isdecimal() and int(most) > 1)


def elements(node: etree._Element) -> Iterable[etree._Element]:
    """Yield the children without comments."""
    return (child for child in node if isinstance(child.tag, str))


def annotation(node: etree._Element) -> str:
    """Return the element's documentation, at most 200 characters."""
    for child in elements(node):
        if local(child) == "annotation":
            return " ".join("".join(str(text) for text in child.itertext()).split())[:200]
    return ""
