"""Reads simple types of the WSDL: every value stays the text that the department wrote.

The field rules read the text. Then a date, a number or a code has the same value, warning and error
whether it comes over SOAP, over REST or in a file. zeep's own values would lose the offset of an
`xs:date`, and return bytes for base64.
"""

from collections.abc import Callable
from typing import Any

from lxml import etree
from zeep.xsd.types import AnySimpleType
from zeep.xsd.types.collection import ListType

from adapters.connectors.soap.schemaless_xml import read_loosely


def attribute_reader(xsd_type: Any) -> Callable[[str], Any]:
    """Return the reader for an attribute of zeep's type."""
    return str.split if isinstance(xsd_type, ListType) else str


def simple_reader(xsd_type: Any) -> Callable[[etree._Element], Any]:
    """Return the reader for an element of zeep's type."""
    if not isinstance(xsd_type, AnySimpleType):
        return read_loosely
    return _words if isinstance(xsd_type, ListType) else _text


def _words(node: etree._Element) -> Any:
    return (node.text or "").split() if len(node) == 0 else read_loosely(node)


def _text(node: etree._Element) -> Any:
    # An object in place of a simple value is kept, so that the mapping reports the field.
    return node.text if len(node) == 0 else read_loosely(node)
