"""Describes a SOAP department from its WSDL, even an old or broken one.

Uses lxml without entities and network, because zeep stops at the first error of a document.
"""

import re

from lxml import etree

from adapters.workbench.introspection.description import (
    MOST_OPERATIONS,
    DescribedOperation,
    Description,
    IntrospectionError,
    ValueShape,
)
from adapters.workbench.introspection.source import Source
from adapters.workbench.introspection.wsdl_documents import WSDL, WsdlDocuments, make_of
from adapters.workbench.introspection.xml_names import local, name_of, namespace, position_of

WSDL2 = ("http://www.w3.org/ns/wsdl", "http://www.w3.org/2006/01/wsdl")
SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
HTTP = "http://schemas.xmlsoap.org/wsdl/http/"
ENCODING_SCHEMA = "http://schemas.xmlsoap.org/soap/encoding/"
ENCODED = (
    "rpc/encoded: the reply may differ from the schema; compare the rows with a recorded reply."
)
READING = re.compile(
    r"(?i)^(get|find|search|list|read|query|fetch|track|view|lookup|look|retrieve|show|check|is|"
    r"has|status|enquir|inquir|select|load|count)|"
    r"(status|list|details?|info|enquiry|inquiry|search|history)$"
)


def describe_wsdl(source: Source) -> Description:
    """Read the WSDL and its imports.

    Raises:
        IntrospectionError: there is no WSDL to read.
    """
    return _WsdlReader(source).describe()


class _WsdlReader:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._found = Description("soap", "", {})
        self._documents = WsdlDocuments(source, self._found)
        self._schemas = self._documents.schemas
        self._declared = self._documents.declared

    def describe(self) -> Description:
        found = self._found
        content = self._source.read_first()
        root = self._documents.parse(content, self._source.base)
        if root is None:
            raise IntrospectionError(
                f"{self._source.address} is not XML: {found.notes[-1].message}"
            )
        if namespace(root) in WSDL2 or local(root) == "description":
            raise IntrospectionError(
                f"{self._source.address} is WSDL 2.0, which is not supported; use WSDL 1.1 "
                "(most servers return it at ?wsdl)"
            )
        if namespace(root) != WSDL or local(root) != "definitions":
            raise IntrospectionError(
                f"{self._source.address} is not a WSDL: its root is {local(root)!r} of "
                f"{namespace(root) or 'no namespace'}"
            )
        name = self._documents.read_first(root)
        found.title = root.get("name") or name.removesuffix(".wsdl")
        found.make = make_of(content)
        found.connector = {"kind": "soap", "wsdl": name, "endpoint": ""}
        self._operations()
        return found

    def _operations(self) -> None:
        best = self._best_port()
        if best is None:
            self._found.note("service", "there is no SOAP port, so the hub can call nothing")
            self._port_types()
            return
        binding, address, version = best
        self._found.connector["endpoint"] = address
        if version == "1.2":
            self._found.comments.append("The binding is SOAP 1.2.")
        transport = next((n for n in binding if local(n) == "binding"), None)
        default_style = transport.get("style", "document") if transport is not None else "document"
        port_type = self._declared.get(("portType", name_of(binding, binding.get("type") or "")))
        if port_type is None:
            self._found.note(
                position_of(binding), f"its port type {binding.get('type')!r} is missing"
            )
            return
        abstract = {o.get("name"): o for o in port_type if local(o) == "operation"}
        for bound in (each for each in binding if local(each) == "operation"):
            if len(self._found.operations) >= MOST_OPERATIONS:
                self._found.note(
                    position_of(bound),
                    f"more than {MOST_OPERATIONS} operations; the rest is left out",
                )
                return
            operation = abstract.get(bound.get("name"))
            if operation is None:
                self._found.note(
                    position_of(bound), "the operation is missing in the port type; left out"
                )
                continue
            self._operation(operation, bound, default_style)

    def _port_types(self) -> None:
        """Describe operations without a binding, so that they are listed."""
        for (what, _), node in self._declared.items():
            for operation in node if what == "portType" else ():
                if local(operation) == "operation":
                    self._operation(operation, operation, "document")

    def _best_port(self) -> tuple[etree._Element, str, str] | None:
        found: list[tuple[str, etree._Element, str]] = []
        for (what, _), service in self._declared.items():
            for port in service if what == "service" else ():
                if local(port) != "port":
                    continue
                binding = self._declared.get(("binding", name_of(port, port.get("binding") or "")))
                if binding is None:
                    self._found.note(
                        position_of(port), f"its binding {port.get('binding')!r} is missing"
                    )
                    continue
                kind = _kind_of(binding)
                address = next((n.get("location") or "" for n in port if local(n) == "address"), "")
                if kind in ("http", ""):
                    what_kind = "HTTP GET/POST" if kind == "http" else "unknown"
                    self._found.note(position_of(port), f"an {what_kind} binding is not supported")
                    continue
                found.append((kind, binding, address))
        bound = {id(binding) for _, binding, _ in found}
        for (what, _), binding in self._declared.items():
            if (
                what == "binding"
                and id(binding) not in bound
                and _kind_of(binding) in ("1.1", "1.2")
            ):
                self._found.note(position_of(binding), "no port uses this binding")
                if not found:
                    found.append((_kind_of(binding), binding, ""))
        if len(found) > 1:
            names = ", ".join(f"{b.get('name')} ({k})" for k, b, _ in found)
            self._found.comments.append(f"Bindings: {names}. The first SOAP 1.1 one is read.")
        found.sort(key=lambda each: each[0])
        return (found[0][1], found[0][2], found[0][0]) if found else None

    def _operation(self, node: etree._Element, bound: etree._Element, style: str) -> None:
        name = node.get("name") or "?"
        settings = next((n for n in bound if local(n) == "operation"), None)
        style = (settings.get("style") if settings is not None else None) or style
        position = position_of(node)
        uses = {body.get("use", "literal") for body in bound.iter() if local(body) == "body"}
        self._schemas.is_encoded = "encoded" in uses
        if self._schemas.is_encoded and ENCODED not in self._found.comments:
            self._found.comments.append(ENCODED)
        for header in (each for each in bound.iter() if local(each) == "header"):
            self._found.note(
                position, f"the soap:header part {header.get('part')!r}: set it by hand"
            )
        for extension in bound.iter():
            if local(extension) in ("multipartRelated", "content"):
                self._found.note(position, "MIME attachments are left out")
        operation = DescribedOperation(name, position, documentation=_documentation(node))
        directions = [local(each) for each in node if local(each) in ("input", "output")]
        if "output" not in directions:
            self._found.note(position, "one-way operation: there is no reply")
        if directions[:1] == ["output"]:
            self._found.note(position, "a notification: the department would call the hub")
        for each in node:
            if local(each) == "input":
                operation.arguments = self._message(each, style, name).children
            elif local(each) == "output":
                operation.reply = self._message(each, style, f"{name}Response")
        operation.call = {"operation": name}
        operation.reads = bool(READING.search(name))
        self._found.operations.append(operation)

    def _message(self, node: etree._Element, style: str, wrapper: str) -> ValueShape:
        """Return the content of a message, without the element that wraps it."""
        shape = ValueShape(wrapper, "object")
        name = name_of(node, node.get("message") or "")
        message = self._declared.get(("message", name))
        if message is None:
            self._found.note(position_of(node), f"the message {name[1]!r} is missing")
            return shape
        parts = [each for each in message if local(each) == "part"]
        for part in parts:
            word = part.get("name") or "?"
            if part.get("element"):
                element = self._schemas.of_element(
                    name_of(part, part.get("element") or ""), position_of(part)
                )
                if style == "document" and len(parts) == 1:
                    # The connector removes the wrapping element.
                    return element
                shape.children.append(element)
            elif part.get("type"):
                type_name = name_of(part, part.get("type") or "")
                shape.children.append(self._schemas.of_type(word, type_name, position_of(part)))
            else:
                self._found.note(position_of(part), "a part without a type")
        return shape


def _kind_of(binding: etree._Element) -> str:
    for child in binding:
        if local(child) == "binding":
            uri = namespace(child)
            return {SOAP11: "1.1", SOAP12: "1.2", HTTP: "http"}.get(uri, "")
    return ""


def _documentation(node: etree._Element) -> str:
    for child in node:
        if local(child) == "documentation":
            return " ".join("".join(str(text) for text in child.itertext()).split())[:200]
    return ""
