"""Reads simple types of the WSDL: dates and times as Python values, possible codes as texts."""

from collections.abc import Callable
from typing import Any

from lxml import etree
from zeep.xsd import Boolean, Decimal, Double, Float, Integer, String
from zeep.xsd.types import AnySimpleType
from zeep.xsd.types.collection import ListType, UnionType

from adapters.connectors.soap.schemaless_xml import read_loosely

KEPT_AS_TEXT = (String, Boolean, Decimal, Integer, Float, Double, UnionType)


def attribute_reader(xsd_type: Any) -> Callable[[str], Any]:
    """Return the reader for an attribute of zeep's type."""
    if isinstance(xsd_type, ListType):
        return str.split
    return str if isinstance(xsd_type, KEPT_AS_TEXT) else _leniently(xsd_type.pythonvalue)


def _leniently(pythonvalue: Callable[[str], Any]) -> Callable[[str], Any]:
    def value_of(text: str) -> Any:
        try:
            return pythonvalue(text)
        except (ValueError, TypeError, ArithmeticError):
            return text

    return value_of


def simple_reader(xsd_type: Any) -> Callable[[etree._Element], Any]:
    """Return the reader for an element of zeep's type."""
    if not isinstance(xsd_type, AnySimpleType):
        return read_loosely
    if isinstance(xsd_type, ListType):
        return _words
    if isinstance(xsd_type, KEPT_AS_TEXT):
        return _text
    value_of = _leniently(xsd_type.pythonvalue)

    def read(node: etree._Element) -> Any:
        text = node.text
        return None if text is None else value_of(text)

    return read


def _words(node: etree._Element) -> Any:
    return (node.text or "").split() if len(node) == 0 else read_loosely(node)


def _text(node: etree._Element) -> str | None:
    # An object in place of a simple value is kept, so that the mapping reports the field.
    return node.text if len(node) == 0 else read_loosely(node)
