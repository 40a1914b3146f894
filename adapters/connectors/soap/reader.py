"""Reads SOAP replies with readers compiled from the WSDL's types.

zeep needs several times as long to turn XML into Python values; these readers give the same values
(nested dicts as `zeep.helpers.serialize_object` has them) straight from lxml. Covered: sequences,
`all` and single choices of elements, repeated elements, nil, attributes, and text with attributes.
Not covered (zeep reads those replies): `xs:any`, repeated groups, lists, unions and `xsi:type`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree
from zeep.xsd import ComplexType, Element, String
from zeep.xsd.elements import indicators
from zeep.xsd.types import AnySimpleType

Read = Callable[[etree._Element], Any]

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
MOST_DEPTH = 50


class NotCoveredError(Exception):
    """The type, or this reply, has something that compiled readers do not do."""


def compile_element(element: Any) -> Read:
    """A reader for a global element of the WSDL; raises `NotCoveredError`."""
    return _Compiler().type_reader(element.type)


class _Compiler:
    """Compiles types once each; a type that holds itself is met through its own entry."""

    def __init__(self) -> None:
        self._readers: dict[int, Read] = {}
        self._underway: dict[int, list[Read]] = {}

    def type_reader(self, xsd_type: Any) -> Read:
        key = id(xsd_type)
        if key in self._readers:
            return self._readers[key]
        if key in self._underway:
            holder = self._underway[key]
            return lambda node: holder[0](node)
        self._underway[key] = []
        reader = self._complex(xsd_type) if isinstance(xsd_type, ComplexType) else _simple(xsd_type)
        self._underway.pop(key).append(reader)
        self._readers[key] = reader
        return reader

    def _complex(self, xsd_type: Any) -> Read:
        if xsd_type._array_type is not None:
            raise NotCoveredError("soapenc arrays")
        attributes = {}
        for name, attribute in xsd_type.attributes:
            if getattr(attribute, "attr_name", None) is None or attribute.type is None:
                raise NotCoveredError("xs:anyAttribute")
            attributes[attribute.qname.text] = (name, attribute.type.pythonvalue)
        entries: dict[str, tuple[str, Read, bool]] = {}
        for element in _elements_of(xsd_type):
            if not isinstance(element, Element) or type(element) is not Element:
                raise NotCoveredError(type(element).__name__)
            reader = self.type_reader(element.type)
            entries[element.qname.text] = (
                element.attr_name,
                reader,
                element.accepts_multiple,
            )
        return _row_reader(entries, attributes)


def _elements_of(xsd_type: Any) -> list[Any]:
    """The elements of a content model; only groups that occur once."""
    found: list[Any] = []

    def walk(group: Any) -> None:
        if not isinstance(group, indicators.Sequence | indicators.All | indicators.Choice):
            found.append(group)
            return
        if group.accepts_multiple:
            raise NotCoveredError("a repeated group")
        for each in group:
            walk(each)

    content = xsd_type._element
    if xsd_type._extension is not None or xsd_type._restriction is not None:
        raise NotCoveredError("a derived type")
    if content is not None:
        walk(content)
    return found


def _row_reader(
    entries: Mapping[str, tuple[str, Read, bool]],
    attributes: Mapping[str, tuple[str, Callable[[str], Any]]],
) -> Read:
    single = [name for name, _, multiple in entries.values() if not multiple]
    single += [name for name, _ in attributes.values()]
    template: dict[str, Any] = dict.fromkeys(single)
    repeated = [name for name, _, multiple in entries.values() if multiple]
    find = entries.get

    def read(node: etree._Element) -> dict[str, Any] | None:
        if node.attrib:
            if node.get(XSI_TYPE) is not None:
                raise NotCoveredError("xsi:type")
        elif len(node) == 0:
            # As zeep does: an empty element is absent, one with xsi:nil an object of nothing.
            return None
        row = template.copy()
        for name in repeated:
            row[name] = []
        for name, (key, pythonvalue) in attributes.items():
            row[key] = None if (text := node.get(name)) is None else pythonvalue(text)
        for child in node:
            entry = find(child.tag)
            if entry is not None:
                key, read_child, multiple = entry
                if multiple:
                    row[key].append(read_child(child))
                else:
                    row[key] = read_child(child)
        return row

    return read


def _simple(xsd_type: Any) -> Read:
    if not isinstance(xsd_type, AnySimpleType):
        raise NotCoveredError(type(xsd_type).__name__)
    if isinstance(xsd_type, String):
        return _text
    pythonvalue = xsd_type.pythonvalue

    def read(node: etree._Element) -> Any:
        text = node.text
        return None if text is None else pythonvalue(text)

    return read


def _text(node: etree._Element) -> str | None:
    return node.text
