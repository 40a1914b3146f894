"""Reads SOAP replies with functions compiled from the WSDL's types.

They are several times as fast as zeep and return the same values as
`zeep.helpers.serialize_object` (nested dicts), with three differences:

* Simple values stay the texts that were received: the code `02` stays `02` although the WSDL calls
  it an int. Lists are lists of texts. The field rules read the text, so a value gives the same
  result over SOAP, over REST and in a file. zeep's own values would lose the offset of an
  `xs:date`, and return bytes for base64.
* A value that does not fit its type stays as received, so that the mapping can report the field.
* An object with `xsi:nil` is None, not an object of empty fields.

Repeating groups are lists of occurrences (`_value_1`), as in zeep. `xs:any`, arrays of SOAP
encoding, and repeating groups inside repeating groups are read without the schema.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

from lxml import etree
from zeep.exceptions import Error as ZeepError
from zeep.xsd import ComplexType, Element
from zeep.xsd.types import AnySimpleType
from zeep.xsd.types.collection import ListType

from adapters.connectors.soap.content import Member, TangledContentError, content_of
from adapters.connectors.soap.schemaless_xml import (
    XSD_SCHEMA,
    XSI_NIL,
    local_name,
    namespace_of,
    plain_attributes,
    read_loosely,
)

Read = Callable[[etree._Element], Any]
Entry = tuple[str, Read, bool]
NO_SUBSTITUTES: Mapping[str, Sequence[str]] = MappingProxyType({})
Put = Callable[[dict[str, Any], etree._Element], None]

XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
TEXT = "_value_1"
"""zeep's name for the text of an element that has attributes."""


def compile_element(
    element: Any, types: Any, substitutes: Mapping[str, Sequence[str]] = NO_SUBSTITUTES
) -> Read:
    """Return the reader for zeep's element.

    Args:
        types: zeep's types of the WSDL.
        substitutes: qualified names of the elements that may occur in place of another one, by its
            qualified name (`substitutionGroup`).
    """
    return _Compiler(types, substitutes).type_reader(element.type)


class _Compiler:
    """Compiles each type once. A type that contains itself refers to its own entry."""

    def __init__(self, types: Any, substitutes: Mapping[str, Sequence[str]]) -> None:
        self._types = types
        self._substitutes = substitutes
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
            reader = self._complex(xsd_type) if is_complex else _simple_reader(xsd_type)
            self._underway[key].append(reader)
        finally:
            del self._underway[key]
        self._readers[key] = reader
        return reader

    def _retyped(self, own: str | None) -> Callable[[etree._Element, str], Read | None]:
        """Return a function that finds the reader for an `xsi:type` other than the own type."""
        # Only types of the WSDL are cached: a reply may name any number of others.
        found: dict[str, Read] = {}

        def reader_of(node: etree._Element, type_name: str) -> Read | None:
            prefix, _, name = type_name.strip().rpartition(":")
            namespace = namespace_of(node, prefix)
            qname = f"{{{namespace}}}{name}" if namespace else name
            if qname == own:
                return None
            if qname not in found:
                try:
                    found[qname] = self.type_reader(self._types.get_type(qname))
                except ZeepError:
                    return None
            return found[qname]

        return reader_of

    def _complex(self, xsd_type: Any) -> Read:
        if xsd_type._array_type is not None:
            return _items
        attributes: dict[str, tuple[str, Callable[[str], Any]]] = {}
        others = None
        for name, attribute in xsd_type.attributes:
            if getattr(attribute, "attr_name", None) is None or attribute.type is None:
                others = name
            else:
                read_value = str.split if isinstance(attribute.type, ListType) else str
                attributes[attribute.qname.text] = (name, read_value)
        own = xsd_type.qname.text if xsd_type.qname is not None else None
        content = xsd_type._element
        if isinstance(content, Element) and isinstance(content.type, AnySimpleType):
            return _text_reader(_simple_reader(content.type), attributes)
        try:
            described = content_of(xsd_type)
        except TangledContentError:
            return read_loosely
        entries = {each.qname.text: self._entry(each) for each in described.elements}
        for each in described.elements:
            entries |= self._in_place_of(each, entries)
        members = {
            each.element.qname.text: (each, self._entry(each.element)) for each in described.members
        }
        put = _put_other(entries, has_any=described.has_any)
        if members:
            put = _put_member(members, put)
        groups = {member.group for member, _ in members.values()}
        read = _row_reader(entries, groups, attributes, self._retyped(own), put)
        return read if others is None else _with_other_attributes(read, others, attributes)

    def _in_place_of(self, element: Any, entries: Mapping[str, Entry]) -> dict[str, Entry]:
        """Return entries for elements that substitute this one: their values get its name."""
        found: dict[str, Entry] = {}
        for qname in self._substitutes.get(element.qname.text, ()):
            if qname in entries:
                continue
            try:
                reader = self.type_reader(self._types.get_element(qname).type)
            except ZeepError:
                continue
            found[qname] = (element.attr_name, reader, element.accepts_multiple)
        return found

    def _entry(self, element: Any) -> Entry:
        return element.attr_name, self.type_reader(element.type), element.accepts_multiple


Attributes = Mapping[str, tuple[str, Callable[[str], Any]]]


def _row_reader(
    entries: Mapping[str, Entry],
    groups: Iterable[str],
    attributes: Attributes,
    retyped: Callable[[etree._Element, str], Read | None],
    put_other: Put,
) -> Read:
    template = {name: None for name, _, multiple in entries.values() if not multiple}
    repeated = [name for name, _, multiple in entries.values() if multiple]
    repeated += groups
    find = entries.get

    def read(node: etree._Element) -> Any:
        if node.attrib:
            name = node.get(XSI_TYPE)
            if name is not None and (reader := retyped(node, name)) is not None:
                return reader(node)
            if len(node) == 0 and _is_nil(node, attributes):
                return None
        elif len(node) == 0:
            return _misplaced_text(node)
        row: dict[str, Any] = {**template, **{name: [] for name in repeated}}
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


def _is_nil(node: etree._Element, attributes: Attributes) -> bool:
    """Return whether an element is `xsi:nil`, and has none of the attributes."""
    is_nil = node.get(XSI_NIL) in ("true", "1")
    return is_nil and all(node.get(name) is None for name in attributes)


def _misplaced_text(node: etree._Element) -> str | None:
    """Keep a text where the WSDL has an object, so that the mapping reports the field."""
    text = node.text
    return text if text is not None and text.strip() else None


def _put_other(entries: Mapping[str, Entry], *, has_any: bool) -> Put:
    """Return the function for elements that the WSDL lacks or has in another namespace."""
    # A name in several namespaces is ambiguous, so it is None.
    in_any_namespace: dict[str, Entry | None] = {}
    for tag, entry in entries.items():
        name = tag.rpartition("}")[2]
        in_any_namespace[name] = None if name in in_any_namespace else entry

    def put(row: dict[str, Any], child: etree._Element) -> None:
        entry = in_any_namespace.get(str(child.tag).rpartition("}")[2])
        if entry is not None:
            key, read_child, multiple = entry
            if multiple:
                row[key].append(read_child(child))
            else:
                row[key] = read_child(child)
        elif has_any and child.tag != XSD_SCHEMA:
            _put_loosely(row, child)

    return put


def _put_member(members: Mapping[str, tuple[Member, Entry]], put_other: Put) -> Put:
    """Return the function that adds elements of repeating groups to the right occurrence."""
    in_any_namespace = {tag.rpartition("}")[2]: found for tag, found in members.items()}

    def put(row: dict[str, Any], child: etree._Element) -> None:
        tag = str(child.tag)
        found = members.get(tag) or in_any_namespace.get(tag.rpartition("}")[2])
        if found is None:
            put_other(row, child)
            return
        member, (key, read_child, multiple) = found
        occurrences = row[member.group]
        if not occurrences or not member.closing.isdisjoint(occurrences[-1]):
            occurrences.append({})
        if multiple:
            occurrences[-1].setdefault(key, []).append(read_child(child))
        else:
            occurrences[-1][key] = read_child(child)

    return put


def _put_loosely(row: dict[str, Any], child: etree._Element) -> None:
    name, value = local_name(str(child.tag)), read_loosely(child)
    if name not in row:
        row[name] = value
    elif isinstance(row[name], list):
        row[name].append(value)
    else:
        row[name] = [row[name], value]


def _text_reader(read_text: Read, attributes: Attributes) -> Read:
    """Return the reader for a text with attributes."""

    def read(node: etree._Element) -> dict[str, Any]:
        row = {TEXT: read_text(node)}
        for name, (key, value_of) in attributes.items():
            row[key] = None if (text := node.get(name)) is None else value_of(text)
        return row

    return read


def _with_other_attributes(read: Read, others: str, attributes: Attributes) -> Read:
    """Return a reader that adds the attributes allowed by `xs:anyAttribute`."""

    def read_all(node: etree._Element) -> Any:
        row = read(node)
        if isinstance(row, dict):
            found = ((name, text) for name, text in plain_attributes(node))
            row[others] = {name: text for name, text in found if name not in attributes} or None
        return row

    return read_all


def _items(node: etree._Element) -> list[Any]:
    return [read_loosely(child) for child in node]


def _simple_reader(xsd_type: Any) -> Read:
    if not isinstance(xsd_type, AnySimpleType):
        return read_loosely
    return _words if isinstance(xsd_type, ListType) else _text


def _words(node: etree._Element) -> Any:
    return (node.text or "").split() if len(node) == 0 else read_loosely(node)


def _text(node: etree._Element) -> Any:
    # An object in place of a simple value is kept, so that the mapping reports the field.
    return node.text if len(node) == 0 else read_loosely(node)
