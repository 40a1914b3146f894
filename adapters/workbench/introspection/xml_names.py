"""Names, places and words of the elements of a WSDL or a schema."""

from collections.abc import Iterable

from lxml import etree

XS = "http://www.w3.org/2001/XMLSchema"
OLD_XS = ("http://www.w3.org/1999/XMLSchema", "http://www.w3.org/2000/10/XMLSchema")
Name = tuple[str, str]
"""Namespace and local name."""


def local(element: etree._Element) -> str:
    """Its name; of a prefix that nobody declared, what follows it."""
    tag = element.tag
    return tag.rpartition("}")[2].rpartition(":")[2] if isinstance(tag, str) else ""


def namespace(element: etree._Element) -> str:
    tag = element.tag
    return tag[1:].partition("}")[0] if isinstance(tag, str) and tag.startswith("{") else ""


def is_schema(uri: str) -> bool:
    return uri == XS or uri in OLD_XS


def name_of(element: etree._Element, value: str) -> Name:
    """A QName in its element's namespaces."""
    prefix, _, word = value.strip().rpartition(":")
    return element.nsmap.get(prefix or None) or "", word


def place_of(element: etree._Element) -> str:
    named = element.get("name")
    what = f"{local(element)} {named!r}" if named else local(element)
    return f"line {element.sourceline}, {what}"


def occurs(element: etree._Element) -> bool:
    """Whether it may stand there several times."""
    most = element.get("maxOccurs", "1").strip()
    return most == "unbounded" or (most.isdecimal() and int(most) > 1)


def elements(node: etree._Element) -> Iterable[etree._Element]:
    """Its children, without comments."""
    return (child for child in node if isinstance(child.tag, str))


def annotation(node: etree._Element) -> str:
    """What the schema says of it, cut short."""
    for child in elements(node):
        if local(child) == "annotation":
            return " ".join("".join(str(text) for text in child.itertext()).split())[:200]
    return ""
