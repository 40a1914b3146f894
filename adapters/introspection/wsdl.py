"""Describes a SOAP department by its WSDL, however old or broken.

lxml alone, hardened (no entities, no network, bounded): zeep refuses a document at the first thing
that it can't read, and a person wants to know the rest.
"""

import re
from pathlib import PurePosixPath
from urllib.parse import urlsplit

from lxml import etree

from adapters.introspection.description import (
    MOST_OPERATIONS,
    Description,
    IntrospectionError,
    Operation,
    Shape,
)
from adapters.introspection.fetching import NotReadError, Source
from adapters.introspection.xsd import Schemas, is_schema, local, name_of, namespace, place_of

WSDL = "http://schemas.xmlsoap.org/wsdl/"
WSDL2 = ("http://www.w3.org/ns/wsdl", "http://www.w3.org/2006/01/wsdl")
SOAP11 = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12 = "http://schemas.xmlsoap.org/wsdl/soap12/"
HTTP = "http://schemas.xmlsoap.org/wsdl/http/"
ENCODING_SCHEMA = "http://schemas.xmlsoap.org/soap/encoding/"
POLICY = "policy"
ENCODED = "rpc/encoded: arrays and types stand on the wire; compare the rows with a recorded reply."
XSI_LOCATION = "schemaLocation"
READING = re.compile(
    r"(?i)^(get|find|search|list|read|query|fetch|track|view|lookup|look|retrieve|show|check|is|"
    r"has|status|enquir|inquir|select|load|count)|"
    r"(status|list|details?|info|enquiry|inquiry|search|history)$"
)
Name = tuple[str, str]


def describe_wsdl(source: Source) -> Description:
    """Raises `IntrospectionError` when there is no WSDL to read."""
    return _Reading(source).describe()


class _Reading:
    def __init__(self, source: Source) -> None:
        self._source = source
        self._found = Description("soap", "", {})
        self._schemas = Schemas(self._found.note)
        self._globals: dict[tuple[str, Name], etree._Element] = {}
        self._seen: dict[str, str] = {}
        self._used_names: set[str] = set()

    def describe(self) -> Description:
        found = self._found
        content = self._source.read_first()
        root = self._parse(content, self._source.base)
        if root is None:
            raise IntrospectionError(f"{self._source.address} is no XML: {found.notes[-1].message}")
        if namespace(root) in WSDL2 or local(root) == "description":
            raise IntrospectionError(
                f"{self._source.address} is WSDL 2.0, which is not supported; ask for WSDL 1.1 "
                "(most servers give it at ?wsdl)"
            )
        if namespace(root) != WSDL or local(root) != "definitions":
            raise IntrospectionError(
                f"{self._source.address} is no WSDL: its root is {local(root)!r} of "
                f"{namespace(root) or 'no namespace'}"
            )
        name = _file_name(self._source.base, self._used_names, ".wsdl")
        self._seen[self._source.base] = name
        self._definitions(root, self._source.base)
        found.files[name] = _written(root)
        found.title = root.get("name") or name.removesuffix(".wsdl")
        found.make = _make_of(content)
        found.connector = {"kind": "soap", "wsdl": name, "endpoint": ""}
        self._operations()
        return found

    def _parse(self, content: bytes, base: str) -> etree._Element | None:
        strict = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        try:
            return etree.fromstring(content, strict)
        except (etree.XMLSyntaxError, ValueError) as error:
            lenient = etree.XMLParser(
                resolve_entities=False, no_network=True, load_dtd=False, recover=True
            )
            where = PurePosixPath(urlsplit(base).path).name
            self._found.note(where, f"not well-formed: {error}"[:300])
            try:
                return etree.fromstring(content, lenient)
            except (etree.XMLSyntaxError, ValueError):
                return None

    def _definitions(self, root: etree._Element, base: str) -> None:
        uri = root.get("targetNamespace") or ""
        for child in root:
            what = local(child)
            if what == "types":
                self._types(child, base)
            elif what == "import":
                self._import(child, base, "location")
            elif what in ("message", "portType", "binding", "service"):
                named = child.get("name")
                if named:
                    self._globals.setdefault((what, (uri, named)), child)
            elif POLICY in what.lower():
                self._found.note(place_of(child), "a policy: read it, it may ask for signatures")
            elif what and what != "documentation":
                self._found.note(place_of(child), f"an extension {what!r} is not supported")

    def _types(self, types: etree._Element, base: str) -> None:
        for schema in types:
            if is_schema(namespace(schema)) and local(schema) == "schema":
                self._schema(schema, base, None)
            elif isinstance(schema.tag, str):
                self._found.note(place_of(schema), "no schema: left out")

    def _import(self, node: etree._Element, base: str, attribute: str) -> None:
        location = node.get(attribute)
        if not location:
            return
        child, address = self._load(node, base, location)
        if child is None:
            return
        if namespace(child) == WSDL:
            self._definitions(child, address)
            self._found.files[self._seen[address]] = _written(child)
        elif is_schema(namespace(child)):
            self._schema(child, address, None)
            self._found.files[self._seen[address]] = _written(child)
        else:
            self._found.note(place_of(node), f"{location} is neither WSDL nor schema")
        node.set(attribute, self._seen[address])

    def _load(
        self, node: etree._Element, base: str, location: str
    ) -> tuple[etree._Element | None, str]:
        """The imported document; None when it is not read, or was read before."""
        try:
            address = self._source.resolve(base, location)
            if address in self._seen:
                node.set(
                    "location" if local(node) == "import" and namespace(node) == WSDL
                    else XSI_LOCATION,
                    self._seen[address],
                )  # fmt: skip
                return None, address
            content = self._source.read(address)
        except NotReadError as error:
            self._found.note(place_of(node), f"{location} is not read: {error}")
            # Nor will the hub: in the copy the import leads nowhere.
            node.attrib.pop("location", "")
            node.attrib.pop(XSI_LOCATION, "")
            return None, ""
        self._seen[address] = _file_name(address, self._used_names, ".xsd")
        return self._parse(content, address), address

    def _schema(self, schema: etree._Element, base: str, target: str | None) -> None:
        self._schemas.add(schema, target)
        for child in schema:
            what = local(child)
            location = (
                child.get(XSI_LOCATION) if what in ("import", "include", "redefine") else None
            )
            if not location:
                continue
            found, address = self._load(child, base, location)
            if found is None:
                continue
            if not is_schema(namespace(found)):
                self._found.note(place_of(child), f"{location} is no schema")
                continue
            chameleon = schema.get("targetNamespace") or target if what != "import" else None
            self._check_namespace(child, found)
            self._schema(found, address, chameleon)
            self._found.files[self._seen[address]] = _written(found)
            child.set(XSI_LOCATION, self._seen[address])

    def _check_namespace(self, node: etree._Element, found: etree._Element) -> None:
        """Corrects, in the copy, an import that names another namespace than the schema has."""
        named, real = node.get("namespace"), found.get("targetNamespace")
        if local(node) == "import" and real and named != real:
            self._found.note(place_of(node), f"it names the namespace {named!r}; it is {real!r}")
            node.set("namespace", real)

    def _operations(self) -> None:
        best = self._best_port()
        if best is None:
            self._found.note("service", "no SOAP port: there is nothing that the hub can call")
            self._port_types()
            return
        binding, address, version = best
        self._found.connector["endpoint"] = address
        if version == "1.2":
            self._found.comments.append("The binding is SOAP 1.2.")
        transport = next((n for n in binding if local(n) == "binding"), None)
        default_style = transport.get("style", "document") if transport is not None else "document"
        port_type = self._globals.get(("portType", name_of(binding, binding.get("type") or "")))
        if port_type is None:
            self._found.note(place_of(binding), f"its port type {binding.get('type')!r} is missing")
            return
        abstract = {o.get("name"): o for o in port_type if local(o) == "operation"}
        for bound in (each for each in binding if local(each) == "operation"):
            if len(self._found.operations) >= MOST_OPERATIONS:
                self._found.note(place_of(bound), "more operations than can be read")
                return
            operation = abstract.get(bound.get("name"))
            if operation is None:
                self._found.note(place_of(bound), "the port type does not have it; left out")
                continue
            self._operation(operation, bound, default_style)

    def _port_types(self) -> None:
        """Operations that nothing binds are described all the same."""
        for (what, _), node in self._globals.items():
            for operation in node if what == "portType" else ():
                if local(operation) == "operation":
                    self._operation(operation, operation, "document")

    def _best_port(self) -> tuple[etree._Element, str, str] | None:
        found: list[tuple[str, etree._Element, str]] = []
        for (what, _), service in self._globals.items():
            for port in service if what == "service" else ():
                if local(port) != "port":
                    continue
                binding = self._globals.get(("binding", name_of(port, port.get("binding") or "")))
                if binding is None:
                    self._found.note(
                        place_of(port), f"its binding {port.get('binding')!r} is missing"
                    )
                    continue
                kind = _kind_of(binding)
                address = next((n.get("location") or "" for n in port if local(n) == "address"), "")
                if kind in ("http", ""):
                    what_kind = "HTTP GET/POST" if kind == "http" else "unknown"
                    self._found.note(place_of(port), f"an {what_kind} binding is not supported")
                    continue
                found.append((kind, binding, address))
        bound = {id(binding) for _, binding, _ in found}
        for (what, _), binding in self._globals.items():
            if (
                what == "binding"
                and id(binding) not in bound
                and _kind_of(binding) in ("1.1", "1.2")
            ):
                self._found.note(place_of(binding), "no port offers it")
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
        place = place_of(node)
        uses = {body.get("use", "literal") for body in bound.iter() if local(body) == "body"}
        self._schemas.is_encoded = "encoded" in uses
        if self._schemas.is_encoded and ENCODED not in self._found.comments:
            self._found.comments.append(ENCODED)
        for header in (each for each in bound.iter() if local(each) == "header"):
            self._found.note(place, f"a soap:header part {header.get('part')!r}: fill it by hand")
        for extension in bound.iter():
            if local(extension) in ("multipartRelated", "content"):
                self._found.note(place, "a MIME attachment is not read")
        operation = Operation(name, place, documentation=_documentation(node))
        directions = [local(each) for each in node if local(each) in ("input", "output")]
        if "output" not in directions:
            self._found.note(place, "one-way: it answers nothing")
        if directions[:1] == ["output"]:
            self._found.note(place, "a notification: the department would call the hub")
        for each in node:
            if local(each) == "input":
                operation.arguments = self._message(each, style, name).children
            elif local(each) == "output":
                operation.reply = self._message(each, style, f"{name}Response")
        operation.call = {"operation": name}
        operation.reads = bool(READING.search(name))
        self._found.operations.append(operation)

    def _message(self, node: etree._Element, style: str, wrapper: str) -> Shape:
        """The content of a message as a shape, without the element that wraps it."""
        shape = Shape(wrapper, "object")
        name = name_of(node, node.get("message") or "")
        message = self._globals.get(("message", name))
        if message is None:
            self._found.note(place_of(node), f"the message {name[1]!r} is missing")
            return shape
        parts = [each for each in message if local(each) == "part"]
        for part in parts:
            word = part.get("name") or "?"
            if part.get("element"):
                element = self._schemas.of_element(
                    name_of(part, part.get("element") or ""), place_of(part)
                )
                if style == "document" and len(parts) == 1:
                    # The hub sees what is in the element.
                    return element
                shape.children.append(element)
            elif part.get("type"):
                type_name = name_of(part, part.get("type") or "")
                shape.children.append(self._schemas.of_type(word, type_name, place_of(part)))
            else:
                self._found.note(place_of(part), "a part of no type")
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


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _file_name(address: str, used: set[str], suffix: str) -> str:
    """A name for a copy beside the manifest."""
    path = PurePosixPath(urlsplit(address).path)
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", path.stem).lstrip(".") or "document"
    suffix = path.suffix if path.suffix in (".wsdl", ".xsd") else suffix
    name, number = f"{stem}{suffix}", 2
    while name in used:
        name, number = f"{stem}-{number}{suffix}", number + 1
    used.add(name)
    return name


def _make_of(content: bytes) -> str:
    """What made the document, by what it is known for."""
    head = content[:20_000].lower()
    marks = (
        (b"microsoft.com/wsdl", ".NET asmx"), (b"tempuri.org", ".NET"), (b"wcf", "WCF"),
        (b"axis2", "Axis2"), (b"apache axis version", "Axis1"), (b"xml.apache.org", "Axis1"),
        (b"cxf.apache.org", "CXF"), (b"jax-ws", "JAX-WS (Metro)"), (b"spyne", "Spyne"),
        (b"nusoap", "NuSOAP (PHP)"), (b"zend", "Zend (PHP)"), (b"xml-soap", "Apache SOAP"),
        (b"gsoap", "gSOAP"), (b"sap.com", "SAP"), (b"oracle", "Oracle"), (b"weblogic", "WebLogic"),
        (b"borland", "Delphi"), (b"themindelectric", "GLUE"), (b"jbossws", "JBossWS"),
    )  # fmt: skip
    return next((name for mark, name in marks if mark in head), "")
