"""Reads SOAP replies with readers compiled from the WSDL's types.

zeep needs several times as long to turn XML into Python values; these readers give the same values
(nested dicts as `zeep.helpers.serialize_object` has them) straight from lxml, with two differences:
numbers and truth values stay the texts that they came as, so that a code `02` which the WSDL calls
an int stays `02`; and a value that does not fit its type stays as it came, for the mapping to name.
Covered: sequences, `all` and single choices of elements, repeated elements, nil, attributes, text
with attributes, derived types by `xsi:type`, and `xs:any` (by its own shape). Not covered (zeep
reads those replies): repeated groups, lists and unions.
"""

from collections.abc import Callable, Mapping
from typing import Any

from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.xsd import Boolean, ComplexType, Decimal, Double, Element, Float, Integer, String
from zeep.xsd.elements import Any as AnyElement
from zeep.xsd.elements import indicators
from zeep.xsd.elements.builtins import Schema
from zeep.xsd.types import AnySimpleType, AnyType

from adapters.connectors.soap.diffgram import XSD_SCHEMA
from adapters.connectors.soap.loose import local_name, read_loosely

Read = Callable[[etree._Element], Any]
Entry = tuple[str, Read, bool]

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
AS_THEY_CAME = (String, Boolean, Decimal, Integer, Float, Double)


class NotCoveredError(Exception):
    """The type, or this reply, has something that compiled readers do not do."""


def compile_element(element: Any, types: Any) -> Read:
    """A reader for an element; `types` are the WSDL's (zeep's). Raises `NotCoveredError`."""
    return _Compiler(types).type_reader(element.type)


class _Compiler:
    """Compiles types once each; a type that holds itself is met through its own entry."""

    def __init__(self, types: Any) -> None:
        self._types = types
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
        is_complex = isinstance(xsd_type, ComplexType)
        try:
            reader = self._complex(xsd_type) if is_complex else _simple(xsd_type)
            self._underway[key].append(reader)
        finally:
            del self._underway[key]
        self._readers[key] = reader
        return reader

    def _retyped(self, own: str | None) -> Callable[[etree._Element, str], Read | None]:
        """Gives the reader of the type that a reply names, where it is another than its own."""
        found: dict[str, Read] = {}

        def reader_of(node: etree._Element, told: str) -> Read | None:
            prefix, _, name = told.strip().rpartition(":")
            namespace = node.nsmap.get(prefix or None)
            qname = f"{{{namespace}}}{name}" if namespace else name
            if qname == own:
                return None
            if qname not in found:
                try:
                    found[qname] = self.type_reader(self._types.get_type(qname))
                except ZeepError:
                    raise NotCoveredError("an unknown xsi:type") from None
            return found[qname]

        return reader_of

    def _complex(self, xsd_type: Any) -> Read:
        if xsd_type._array_type is not None:
            raise NotCoveredError("soapenc arrays")
        attributes = {}
        for name, attribute in xsd_type.attributes:
            if getattr(attribute, "attr_name", None) is None or attribute.type is None:
                raise NotCoveredError("xs:anyAttribute")
            attributes[attribute.qname.text] = (name, _attribute(attribute.type))
        entries: dict[str, Entry] = {}
        has_any = False
        for element in _elements_of(xsd_type):
            if isinstance(element, AnyElement | Schema):
                has_any = True
                continue
            if not isinstance(element, Element) or type(element) is not Element:
                raise NotCoveredError(type(element).__name__)
            reader = self.type_reader(element.type)
            entries[element.qname.text] = (
                element.attr_name,
                reader,
                element.accepts_multiple,
            )
        own = xsd_type.qname.text if xsd_type.qname is not None else None
        return _row_reader(entries, attributes, self._retyped(own), has_any=has_any)


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
    entries: Mapping[str, Entry],
    attributes: Mapping[str, tuple[str, Callable[[str], Any]]],
    retyped: Callable[[etree._Element, str], Read | None],
    *,
    has_any: bool,
) -> Read:
    single = [name for name, _, multiple in entries.values() if not multiple]
    single += [name for name, _ in attributes.values()]
    template: dict[str, Any] = dict.fromkeys(single)
    repeated = [name for name, _, multiple in entries.values() if multiple]
    find = entries.get
    put_other = _put_other(entries, has_any=has_any)

    def read(node: etree._Element) -> Any:
        if node.attrib:
            told = node.get(XSI_TYPE)
            if told is not None and (reader := retyped(node, told)) is not None:
                return reader(node)
        elif len(node) == 0:
            # As zeep does: an empty element is absent, one with xsi:nil an object of nothing.
            return _misplaced_text(node)
        row = template.copy()
        for name in repeated:
            row[name] = []
        for name, (key, value_of) in attributes.items():
            row[key] = None if (text := node.get(name)) is None else value_of(text)
        for child in node:
            entry = find(child.tag)
            if entry is None:
                put_other(row, child)
                continue
            key, read_child, multiple = entry
            if multiple:
                row[key].append(read_child(child))
            else:
                row[key] = read_child(child)
        return row

    return read


def _misplaced_text(node: etree._Element) -> str | None:
    """A text where the WSDL has an object: kept, for the mapping to name the field."""
    text = node.text
    return text if text is not None and text.strip() else None


def _put_other(
    entries: Mapping[str, Entry], *, has_any: bool
) -> Callable[[dict[str, Any], etree._Element], None]:
    """Reads an element that the WSDL does not have, or has in another namespace (C35)."""
    in_any_namespace = _by_local_name(entries).get

    def put(row: dict[str, Any], child: etree._Element) -> None:
        entry = in_any_namespace(str(child.tag).rpartition("}")[2])
        if entry is not None:
            key, read_child, multiple = entry
            if multiple:
                row[key].append(read_child(child))
            else:
                row[key] = read_child(child)
        elif has_any and child.tag != XSD_SCHEMA:
            _put_loosely(row, child)

    return put


def _put_loosely(row: dict[str, Any], child: etree._Element) -> None:
    name, value = local_name(str(child.tag)), read_loosely(child)
    if name not in row:
        row[name] = value
    elif isinstance(row[name], list):
        row[name].append(value)
    else:
        row[name] = [row[name], value]


def _by_local_name(entries: Mapping[str, Entry]) -> dict[str, Entry]:
    """Entries by name alone, where only one namespace has it."""
    found: dict[str, Entry | None] = {}
    for tag, entry in entries.items():
        name = tag.rpartition("}")[2]
        found[name] = None if name in found else entry
    return {name: entry for name, entry in found.items() if entry is not None}


def _attribute(xsd_type: Any) -> Callable[[str], Any]:
    return str if isinstance(xsd_type, AS_THEY_CAME) else _leniently(xsd_type.pythonvalue)


def _leniently(pythonvalue: Callable[[str], Any]) -> Callable[[str], Any]:
    def value_of(text: str) -> Any:
        try:
            return pythonvalue(text)
        except (ValueError, TypeError, ArithmeticError):
            return text

    return value_of


def _simple(xsd_type: Any) -> Read:
    if isinstance(xsd_type, AnyType) and not isinstance(xsd_type, AnySimpleType):
        return _anything
    if not isinstance(xsd_type, AnySimpleType):
        raise NotCoveredError(type(xsd_type).__name__)
    if isinstance(xsd_type, AS_THEY_CAME):
        return _text
    value_of = _leniently(xsd_type.pythonvalue)

    def read(node: etree._Element) -> Any:
        text = node.text
        return None if text is None else value_of(text)

    return read


def _text(node: etree._Element) -> str | None:
    # Where the WSDL has a simple value and an object comes, the mapping names the field.
    return node.text if len(node) == 0 else read_loosely(node)


def _anything(node: etree._Element) -> Any:
    return read_loosely(node)
