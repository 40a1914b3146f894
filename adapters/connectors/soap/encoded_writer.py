"""Writes the Body of rpc/encoded requests (SOAP 1.1, section 5), which zeep does not support.

Each value has its type (`xsi:type`), and each array the type of its items (`soapenc:arrayType`).
Old servers read the types from the message, not from the WSDL.
"""

from collections.abc import Mapping
from typing import Any

from lxml import etree
from zeep.xsd import ComplexType

from adapters.connectors.soap.encoded_reader import ENCODINGS
from adapters.connectors.soap.versions import SoapVersion

XSI = "http://www.w3.org/2001/XMLSchema-instance"
XSD = "http://www.w3.org/2001/XMLSchema"
NSMAP = {"xsi": XSI, "xsd": XSD, "soapenc": ENCODINGS[0]}


def write_body(envelope: etree._Element, version: SoapVersion, body: Any, values: Any) -> None:
    """Add the wrapper with its parts to the envelope's Body.

    Args:
        envelope: the envelope, with an empty Body.
        version: its version of SOAP.
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
        node.set(f"{{{XSI}}}nil", "true")
    elif isinstance(value, list | tuple):
        _write_array(node, xsd_type, value)
    elif isinstance(value, Mapping):
        if not isinstance(xsd_type, ComplexType):
            raise ValueError(f"{name} is not an object in the WSDL")
        _set_type(node, xsd_type)
        _write_struct(node, xsd_type, value)
    else:
        _set_type(node, xsd_type)
        node.text = xsd_type.xmlvalue(value) if _is_builtin(xsd_type) else str(value)


def _write_array(node: etree._Element, xsd_type: Any, values: list[Any] | tuple[Any, ...]) -> None:
    array = getattr(xsd_type, "_array_type", None)
    if array is None:
        raise ValueError("a list for an argument that is not an array in the WSDL")
    item = array.array_type
    node.set(f"{{{XSI}}}type", "soapenc:Array")
    node.set(f"{{{ENCODINGS[0]}}}arrayType", f"{_written(node, item)}[{len(values)}]")
    for value in values:
        _write(node, "item", item, value)


def _is_builtin(xsd_type: Any) -> bool:
    return hasattr(xsd_type, "xmlvalue") and not isinstance(xsd_type, ComplexType)


def _set_type(node: etree._Element, xsd_type: Any) -> None:
    if written := _written(node, xsd_type):
        node.set(f"{{{XSI}}}type", written)


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
