"""Reads values of the WSDL's simple types: days and times as such, maybe-codes as their texts."""

from collections.abc import Callable
from typing import Any

from lxml import etree
from zeep.xsd import Boolean, Decimal, Double, Float, Integer, String
from zeep.xsd.types import AnySimpleType
from zeep.xsd.types.collection import ListType, UnionType

from adapters.connectors.soap.schemaless_xml import read_loosely

AS_THEY_CAME = (String, Boolean, Decimal, Integer, Float, Double, UnionType)


def attribute_reader(xsd_type: Any) -> Callable[[str], Any]:
    """Reads an attribute of the type (zeep's)."""
    if isinstance(xsd_type, ListType):
        return str.split
    return str if isinstance(xsd_type, AS_THEY_CAME) else _leniently(xsd_type.pythonvalue)


def _leniently(pythonvalue: Callable[[str], Any]) -> Callable[[str], Any]:
    def value_of(text: str) -> Any:
        try:
            return pythonvalue(text)
        except (ValueError, TypeError, ArithmeticError):
            return text

    return value_of


def simple_reader(xsd_type: Any) -> Callable[[etree._Element], Any]:
    """Reads an element of the type (zeep's)."""
    if not isinstance(xsd_type, AnySimpleType):
        return read_loosely
    if isinstance(xsd_type, ListType):
        return _words
    if isinstance(xsd_type, AS_THEY_CAME):
        return _text
    value_of = _leniently(xsd_type.pythonvalue)

    def read(node: etree._Element) -> Any:
        text = node.text
        return None if text is None else value_of(text)

    return read


def _words(node: etree._Element) -> Any:
    return (node.text or "").split() if len(node) == 0 else read_loosely(node)


def _text(node: etree._Element) -> str | None:
    # Where the WSDL has a simple value and an object comes, the mapping names the field.
    return node.text if len(node) == 0 else read_loosely(node)
