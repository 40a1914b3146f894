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
from adapters.workbench.introspection.guesses import guess_capabilities
from adapters.workbench.introspection.source import Source
from adapters.workbench.introspection.wsdl_bindings import (
    Port,
    body_parts,
    documentation_of,
    given,
    overload,
    ports_of,
)
from adapters.workbench.introspection.wsdl_documents import WSDL, WsdlDocuments, make_of
from adapters.workbench.introspection.xml_names import (
    Name,
    local,
    name_of,
    namespace,
    position_of,
)
from adapters.workbench.operation_names import why_documented_write, why_not_read, write_word_in

WSDL2 = ("http://www.w3.org/ns/wsdl", "http://www.w3.org/2006/01/wsdl")
LOGIN = re.compile(
    r"(?i)(do|user|get)?_?(log_?(in|on)|sign_?in|authenticate|(open|create)_?session|token)$"
)
SESSION = re.compile(
    r"(?i)((auth|access|login|security|session)_?)?(token|session|ticket|key)(_?id)?"
)
ENCODED = (
    "rpc/encoded: the reply may differ from the schema; compare the rows with a recorded reply."
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
            where = found.notes[-1].message.partition(";")[0]
            raise IntrospectionError(
                f"{self._source.shown_address} is {where}; "
                "save the WSDL itself, as the server sends it"
            )
        if namespace(root) in WSDL2 or local(root) == "description":
            raise IntrospectionError(
                f"{self._source.shown_address} is WSDL 2.0, which is not supported; use WSDL 1.1 "
                "(most servers return it at ?wsdl)"
            )
        if namespace(root) != WSDL or local(root) != "definitions":
            raise IntrospectionError(
                f"{self._source.shown_address} is not a WSDL: its root is {local(root)!r} of "
                f"{namespace(root) or 'no namespace'}"
            )
        name = self._documents.read_first(root)
        found.title = root.get("name") or name.removesuffix(".wsdl")
        found.make = make_of(content)
        found.connector = {"kind": "soap", "wsdl": name, "endpoint": ""}
        self._operations()
        return found

    def _operations(self) -> None:
        ports = ports_of(self._declared, self._found.note)
        if not ports:
            self._found.note("service", "there is no SOAP port, so the hub can call nothing")
            self._port_types()
            return
        # Ports of one port type have the same operations: the first SOAP 1.1 one is read.
        ports.sort(key=lambda port: port.version)
        by_type: dict[Name, Port] = {}
        for port in ports:
            by_type.setdefault(name_of(port.binding, port.binding.get("type") or ""), port)
        described = [(port, self._operations_of(port)) for port in by_type.values()]
        best, operations = max(described, key=lambda each: _usefulness(each[1]))
        self._found.operations = operations
        self._leave_sessions_out(operations)
        for port, others in described:
            if port is not best:
                for operation in others:
                    operation.reads = operation.is_callable = False
                    operation.unused = f"it belongs to {port.title}"
                self._found.operations += others
        self._found.connector["endpoint"] = best.address
        if len(ports) > 1:
            if best.service:
                self._found.connector |= {"service": best.service, "port": best.name}
            for port in ports:
                self._found.comments.append(
                    f"{'Used' if port is best else 'Also there'}: {port.title}, {port.address}"
                )
        if best.version == "1.2":
            self._found.comments.append("The binding is SOAP 1.2.")

    def _leave_sessions_out(self, operations: list[DescribedOperation]) -> None:
        """Leave out the arguments that a login fills, and say how to write the login."""
        login = next((each.name for each in operations if LOGIN.match(each.name)), None)
        for operation in operations if login is not None else ():
            for argument in operation.arguments:
                if argument.required and SESSION.fullmatch(argument.name):
                    argument.required = False
                    text = (
                        f"DECIDE: {login} seems to log in: write `session` with "
                        f"`argument: {argument.name}` (docs/manifest.md)."
                    )
                    if text not in self._found.comments:
                        self._found.comments.append(text)

    def _operations_of(self, port: Port) -> list[DescribedOperation]:
        binding = port.binding
        transport = next((n for n in binding if local(n) == "binding"), None)
        default_style = transport.get("style", "document") if transport is not None else "document"
        port_type = self._declared.get(("portType", name_of(binding, binding.get("type") or "")))
        if port_type is None:
            self._found.note(
                position_of(binding),
                f"its port type {given(binding, 'type')} is missing",
            )
            return []
        abstract: dict[str | None, list[etree._Element]] = {}
        for each in port_type:
            if local(each) == "operation":
                abstract.setdefault(each.get("name"), []).append(each)
        last = {each.get("name"): each for each in binding if local(each) == "operation"}
        found: list[DescribedOperation] = []
        seen: dict[str | None, DescribedOperation] = {}
        for bound in (each for each in binding if local(each) == "operation"):
            if len(found) >= MOST_OPERATIONS:
                self._found.note(
                    position_of(bound),
                    f"more than {MOST_OPERATIONS} operations; the rest is left out",
                )
                break
            name = bound.get("name")
            operation = overload(bound, abstract.get(name, []))
            if operation is None:
                self._found.note(
                    position_of(bound), "the operation is missing in the port type; left out"
                )
                continue
            described = self._operation(operation, bound, default_style)
            if name in seen:
                self._note_overload(seen[name], bound)
            seen[name] = described
            if bound is last[name] and operation is not abstract[name][-1]:
                # zeep would combine this binding with the message of another operation.
                self._note_overload(described, bound)
            found.append(described)
        return found

    def _note_overload(self, operation: DescribedOperation, bound: etree._Element) -> None:
        """Mark an operation with the name of another one: the connector calls the last one."""
        operation.reads = operation.is_callable = False
        operation.unused = (
            "overloaded: the connector calls the last operation of this name; to call this one, "
            "give it another name in a copy of the WSDL (document style only)"
        )
        self._found.note(
            position_of(bound), "the operation is overloaded; the connector calls the last one"
        )

    def _port_types(self) -> None:
        """Describe operations without a binding, so that they are listed."""
        for (what, _), node in self._declared.items():
            for operation in node if what == "portType" else ():
                if local(operation) == "operation":
                    found = self._operation(operation, operation, "document")
                    found.reads = found.is_callable = False
                    found.unused = "there is no SOAP port"
                    self._found.operations.append(found)

    def _operation(
        self, node: etree._Element, bound: etree._Element, style: str
    ) -> DescribedOperation:
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
                position,
                f"it has the SOAP header {given(header, 'part')}: "
                "if the department requires it, write its value in `headers` of the call or of the "
                "connector",
            )
        for extension in bound.iter():
            if local(extension) in ("multipartRelated", "content"):
                self._found.note(position, "MIME attachments are left out")
        operation = DescribedOperation(name, position, documentation=documentation_of(node))
        directions = [local(each) for each in node if local(each) in ("input", "output")]
        if "output" not in directions:
            self._found.note(position, "one-way operation: there is no reply")
        if directions[:1] == ["output"]:
            self._found.note(position, "a notification: the department would call the hub")
        for each in node:
            if local(each) == "input":
                operation.arguments = self._message(each, bound, style, name).children
            elif local(each) == "output":
                operation.reply = self._message(each, bound, style, f"{name}Response")
        operation.call = {"operation": name}
        action = (settings.get("soapAction") or "") if settings is not None else ""
        operation.unused = _why_not_read(operation, action)
        operation.reads = not operation.unused
        return operation

    def _message(
        self, node: etree._Element, bound: etree._Element, style: str, wrapper: str
    ) -> ValueShape:
        """Return the content of a message, without its headers and the element that wraps it."""
        shape = ValueShape(wrapper, "object")
        name = name_of(node, node.get("message") or "")
        message = self._declared.get(("message", name))
        if message is None:
            self._found.note(position_of(node), f"the message {name[1]!r} is missing")
            return shape
        in_body = body_parts(node, bound, name)
        parts = [each for each in message if local(each) == "part" and in_body(each.get("name"))]
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


def _why_not_read(operation: DescribedOperation, action: str) -> str:
    """Return why the operation may change data; empty if it only reads."""
    last = re.split(r"[/#:]", action.rstrip("/"))[-1]
    reason = why_not_read(operation.name)
    if not reason and write_word_in(last):
        reason = f"its SOAP action {last!r} says that it may change data"
    return reason or why_documented_write(operation.name, operation.documentation)


def _usefulness(operations: list[DescribedOperation]) -> int:
    """Return how many capabilities can be guessed from these operations."""
    return len(guess_capabilities(Description("soap", "", {}, operations)))
