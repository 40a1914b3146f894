"""Reads and writes rpc/encoded messages (SOAP 1.1, section 5), which zeep does not support.

A reply is read without the WSDL, because it describes itself: arrays have `soapenc:arrayType` or an
`xsi:type`, PHP's maps have an `xsi:type`, and `href` refers to an element with that `id` (`ref` in
SOAP 1.2). A value stays the text that was received, because `xsi:type` names a type of the sender's
language: the code `02` must not become 2.

In a request, each value has its type (`xsi:type`), and each array the type of its items
(`soapenc:arrayType`). Old servers read the types from the message, not from the WSDL.
"""

import re
from collections.abc import Collection, Mapping
from typing import Any

from lxml import etree
from zeep.xsd import ComplexType

from adapters.connectors.http.xml import grouped
from adapters.connectors.soap.schemaless_xml import XSI, XSI_NIL, local_name, namespace_of
from adapters.connectors.soap.versions import SoapVersion
from schema.codes import WarningCode
from schema.provenance import SourceWarning

ENCODINGS = (
    "http://schemas.xmlsoap.org/soap/encoding/",
    "http://www.w3.org/2003/05/soap-encoding",
)
ARRAY_MARKS = (
    f"{{{ENCODINGS[0]}}}arrayType",
    f"{{{ENCODINGS[1]}}}itemType",
    f"{{{ENCODINGS[1]}}}arraySize",
)
SIZES = (ARRAY_MARKS[0], ARRAY_MARKS[2])
SIZE = re.compile(r"(?:\[|^)(\d{1,9})\]?$")
"""Number of items of an array with one dimension: `xsd:string[3]`, or `3` in SOAP 1.2."""
XSI_TYPE = f"{XSI}type"
NSMAP = {
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
    "xsd": "http://www.w3.org/2001/XMLSchema",
    "soapenc": ENCODINGS[0],
}
REFERENCES = ("href", f"{{{ENCODINGS[1]}}}ref", "ref")
IDS = ("id", f"{{{ENCODINGS[1]}}}id")
PHP_MAP = ("http://xml.apache.org/xml-soap", "Map")
MOST_DEPTH = 50
MOST_GROWTH, UNSUSPECTED_VALUES = 20, 10_000
"""Maximum number of values: `MOST_GROWTH` per element of the Body, plus `UNSUSPECTED_VALUES`.
References to references could otherwise expand a small reply without limit."""


class EncodedReader:
    """Reads one reply.

    Args:
        body: the SOAP Body, which contains the elements that references point to.
        array_types: local names of the WSDL's array types.

    Attributes:
        warnings: which arrays have fewer items than they announce.
    """

    def __init__(self, body: etree._Element, array_types: Collection[str] = ()) -> None:
        self.warnings: list[SourceWarning] = []
        self._array_types = array_types
        nodes = list(body.iter(etree.Element))
        self._by_id = {key: node for node in nodes for name in IDS if (key := node.get(name))}
        self._most_values = MOST_GROWTH * len(nodes) + UNSUSPECTED_VALUES
        self._values = 0
        self._read: dict[str, tuple[Any, int]] = {}
        self._underway: set[str] = set()

    def read(self, wrapper: etree._Element) -> dict[str, Any]:
        """Return the parts of the reply by name.

        Raises:
            ValueError: the reply has a broken reference, is nested too deep or grows too large.
        """
        return self._struct(wrapper, 0)

    def _value(self, node: etree._Element, depth: int) -> Any:
        if depth > MOST_DEPTH:
            raise ValueError("nested too deep")
        self._count(1)
        for name in REFERENCES:
            if (reference := node.get(name)) is not None and len(node) == 0:
                return self._referred(reference.removeprefix("#"), depth)
        if node.get(XSI_NIL) in ("true", "1") or node.get(f"{XSI}null") in ("true", "1"):
            return None
        if self._is_array(node):
            self._compare_length(node)
            return [self._value(child, depth + 1) for child in node]
        if len(node) == 0:
            return node.text if node.text and node.text.strip() else None
        if self._type_of(node) == PHP_MAP:
            return self._map(node, depth)
        return self._struct(node, depth)

    def _compare_length(self, array: etree._Element) -> None:
        """Note an array with fewer items than it announces, for example two in `xsd:string[3]`."""
        sizes = (SIZE.search(array.get(name, "")) for name in SIZES)
        announced = next((int(found[1]) for found in sizes if found), 0)
        if len(array) < announced and not _is_sparse(array):
            raw = f"{len(array)} of {announced} items of an array were received"
            self.warnings.append(SourceWarning(code=WarningCode.INCOMPLETE, raw=raw))

    def _count(self, values: int) -> None:
        self._values += values
        if self._values > self._most_values:
            raise ValueError("too many values")

    def _referred(self, key: str, depth: int) -> Any:
        """Return the value of the element with this id.

        The element is read once but counted each time, because each reference repeats its size in
        the result.
        """
        if key in self._read:
            value, size = self._read[key]
            self._count(size)
            return value
        if key not in self._by_id:
            raise ValueError("a reference to a missing element")
        if key in self._underway:
            raise ValueError("a reference to itself")
        self._underway.add(key)
        before = self._values
        value = self._value(self._by_id[key], depth + 1)
        self._read[key] = value, self._values - before
        self._underway.discard(key)
        return value

    def _struct(self, node: etree._Element, depth: int) -> dict[str, Any]:
        return grouped(
            (local_name(str(child.tag)), self._value(child, depth + 1)) for child in node
        )

    def _map(self, node: etree._Element, depth: int) -> dict[str, Any]:
        """Read PHP's array with keys: items with `key` and `value`."""
        entries = [self._struct(item, depth + 1) for item in node]
        return {str(entry.get("key")): entry.get("value") for entry in entries}

    def _is_array(self, node: etree._Element) -> bool:
        if any(node.get(mark) is not None for mark in ARRAY_MARKS):
            return True
        namespace, name = self._type_of(node)
        return (name == "Array" and namespace in ENCODINGS) or name in self._array_types

    def _type_of(self, node: etree._Element) -> tuple[str | None, str]:
        type_name = node.get(XSI_TYPE)
        if type_name is None:
            return None, ""
        prefix, _, name = type_name.strip().rpartition(":")
        return namespace_of(node, prefix), name


def _is_sparse(array: etree._Element) -> bool:
    """Return whether the items have positions: positions without an item have no value."""
    names = {str(name) for node in (array, *array) for name in node.attrib}
    return any(local_name(name) in ("offset", "position") for name in names)


def write_body(envelope: etree._Element, version: SoapVersion, body: Any, values: Any) -> None:
    """Add the wrapper with its parts to the envelope's Body.

    Args:
        envelope: the envelope, with an empty Body.
        body: zeep's element of the wrapper.
        values: arguments by part.

    Raises:
        ValueError: the arguments do not fit the operation.
    """
    holder = envelope.find(version.body_tag)
    assert holder is not None
    qname = etree.QName(body.qname)
    namespaces = {**NSMAP, **({"tns": qname.namespace} if qname.namespace else {})}
    wrapper = etree.SubElement(holder, qname, nsmap=namespaces)
    wrapper.set(f"{{{version.namespace}}}encodingStyle", ENCODINGS[0])
    _write_struct(wrapper, body.type, values)


def _write_struct(parent: etree._Element, xsd_type: Any, values: Mapping[str, Any]) -> None:
    elements = dict(xsd_type.elements)
    if unknown := values.keys() - elements.keys():
        raise ValueError(f"the operation has no argument {min(unknown)}")
    for name, element in elements.items():
        if name in values:
            _write(parent, etree.QName(element.qname).localname, element.type, values[name])


def _write(parent: etree._Element, name: str, xsd_type: Any, value: Any) -> None:
    node = etree.SubElement(parent, name)
    if value is None:
        node.set(XSI_NIL, "true")
    elif isinstance(value, list | tuple):
        _write_array(node, xsd_type, value)
    elif isinstance(value, Mapping):
        if not isinstance(xsd_type, ComplexType):
            raise ValueError(f"{name} is not an object in the WSDL")
        _set_type(node, xsd_type)
        _write_struct(node, xsd_type, value)
    else:
        _set_type(node, xsd_type)
        is_builtin = hasattr(xsd_type, "xmlvalue") and not isinstance(xsd_type, ComplexType)
        node.text = xsd_type.xmlvalue(value) if is_builtin else str(value)


def _write_array(node: etree._Element, xsd_type: Any, values: list[Any] | tuple[Any, ...]) -> None:
    array = getattr(xsd_type, "_array_type", None)
    if array is None:
        raise ValueError("a list for an argument that is not an array in the WSDL")
    item = array.array_type
    node.set(XSI_TYPE, "soapenc:Array")
    node.set(f"{{{ENCODINGS[0]}}}arrayType", f"{_written(node, item)}[{len(values)}]")
    for value in values:
        _write(node, "item", item, value)


def _set_type(node: etree._Element, xsd_type: Any) -> None:
    if written := _written(node, xsd_type):
        node.set(XSI_TYPE, written)


def _written(node: etree._Element, xsd_type: Any) -> str:
    """Return the type's name with a prefix declared at the node; empty if it has no name."""
    qname = getattr(xsd_type, "qname", None) or getattr(xsd_type, "_default_qname", None)
    if qname is None:
        return ""
    name = etree.QName(qname)
    prefixes = {uri: prefix for prefix, uri in node.nsmap.items() if prefix}
    if name.namespace in prefixes:
        return f"{prefixes[name.namespace]}:{name.localname}"
    return ""
