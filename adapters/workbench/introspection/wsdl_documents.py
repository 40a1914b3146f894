"""Reads a WSDL and its imports, and writes copies that import one another."""

import re
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from lxml import etree

from adapters.connectors.soap.known_schemas import KNOWN_SCHEMAS
from adapters.workbench.introspection.description import Description
from adapters.workbench.introspection.source import NotReadError, Source
from adapters.workbench.introspection.xml_names import (
    Name,
    is_schema,
    local,
    namespace,
    position_of,
)
from adapters.workbench.introspection.xsd import Schemas

WSDL = "http://schemas.xmlsoap.org/wsdl/"
POLICY = "policy"
XSI_LOCATION = "schemaLocation"
_REFERENCE = re.compile(rb"&#(x[0-9A-Fa-f]{1,8}|[0-9]{1,10});")


class WsdlDocuments:
    """The documents of one source. What can't be read becomes a note of `found`.

    Attributes:
        schemas: schemas of all documents.
        declared: messages, port types, bindings and services, by element name and QName.
    """

    def __init__(self, source: Source, found: Description) -> None:
        self._source = source
        self._found = found
        self.schemas = Schemas(found.note)
        self.declared: dict[tuple[str, Name], etree._Element] = {}
        self._seen: dict[str, str] = {}
        self._used_names: set[str] = set()

    def read_first(self, root: etree._Element) -> str:
        """Read the declarations and imports of the first document; return the name of its copy."""
        base = self._source.base
        name = _file_name(base, self._used_names, ".wsdl")
        self._seen[base] = name
        self._definitions(root, base)
        self._found.files[name] = _written(root)
        return name

    def parse(self, content: bytes, base: str) -> etree._Element | None:
        """Return the root of the document; None if it can't be parsed even leniently."""
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
            line = getattr(error, "lineno", None)
            at = f" at line {line}" if line else ""
            self._found.note(where, f"not well-formed XML{at}; it is read as far as possible")
            try:
                return etree.fromstring(_REFERENCE.sub(_valid_reference, content), lenient)
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
                    self.declared.setdefault((what, (uri, named)), child)
            elif POLICY in what.lower():
                self._found.note(position_of(child), "a policy: read it, it may require signatures")
            elif what and what != "documentation":
                self._found.note(position_of(child), f"an extension {what!r} is not supported")

    def _types(self, types: etree._Element, base: str) -> None:
        for schema in types:
            if is_schema(namespace(schema)) and local(schema) == "schema":
                self._schema(schema, base, None)
            elif isinstance(schema.tag, str):
                self._found.note(position_of(schema), "not a schema: left out")

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
            self._found.note(position_of(node), f"{location} is neither WSDL nor schema")
        node.set(attribute, self._seen[address])

    def _load(
        self, node: etree._Element, base: str, location: str
    ) -> tuple[etree._Element | None, str]:
        """Return the imported document and its address; None if not read, or read before."""
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
            self._found.note(position_of(node), f"{location} is not read: {error}")
            self._disable(node, location)
            return None, ""
        self._seen[address] = _file_name(address, self._used_names, ".xsd")
        return self.parse(content, address), address

    def _disable(self, node: etree._Element, location: str) -> None:
        """Remove an import from the copy, because the hub can't read the document either."""
        if local(node) == "import" and is_schema(namespace(node)):
            node.attrib.pop(XSI_LOCATION, "")
            return
        parent = node.getparent()
        if parent is not None:
            words = re.sub("-{2,}", "-", f" {local(node)} of {location}: not read ").rstrip("-")
            parent.replace(node, etree.Comment(words))

    def _schema(self, schema: etree._Element, base: str, target: str | None) -> None:
        for child in list(schema):
            what = local(child)
            if what not in ("import", "include", "redefine", "override"):
                continue
            if what == "import" and self._is_known(child, base):
                continue
            location = child.get(XSI_LOCATION)
            if not location:
                if what != "import":
                    self._found.note(position_of(child), "it has no schemaLocation: left out")
                    self._disable(child, "nothing")
                continue
            found, address = self._load(child, base, location)
            if found is None:
                continue
            if not is_schema(namespace(found)):
                self._found.note(position_of(child), f"{location} is not a schema")
                self._disable(child, location)
                continue
            chameleon = schema.get("targetNamespace") or target if what != "import" else None
            self._check_namespace(child, found)
            if what in ("redefine", "override"):
                child = redefined(child, found)
            self._schema(found, address, chameleon)
            self._found.files[self._seen[address]] = _written(found)
            child.set(XSI_LOCATION, self._seen[address])
        self.schemas.add(schema, target)

    def _is_known(self, node: etree._Element, base: str) -> bool:
        """Read the project's copy of a known schema, unless the department's own is there."""
        uri = node.get("namespace") or ""
        if uri not in KNOWN_SCHEMAS:
            return False
        location = node.get(XSI_LOCATION)
        if location:
            try:
                if Path(self._source.resolve(base, location)).is_file():
                    return False
            except NotReadError:
                pass
        node.set(XSI_LOCATION, uri)
        if uri not in self._seen:
            self._seen[uri] = uri
            self.schemas.add(etree.fromstring(KNOWN_SCHEMAS[uri].read_bytes()), uri)
        return True

    def _check_namespace(self, node: etree._Element, found: etree._Element) -> None:
        """Correct the copy of an import that names a wrong namespace."""
        named, real = node.get("namespace"), found.get("targetNamespace")
        if local(node) == "import" and real and named != real:
            self._found.note(
                position_of(node),
                f"the import names {named or 'no namespace'!r}, but the schema has {real!r}",
            )
            node.set("namespace", real)


def redefined(node: etree._Element, found: etree._Element) -> etree._Element:
    """Replace an xs:redefine or xs:override by an xs:include, and return the include.

    The redefined declarations move behind it. The original ones in `found` get other names, to
    which the moved ones refer. Overridden ones are removed.
    """
    parent = node.getparent()
    assert parent is not None
    is_override = local(node) == "override"
    tag = str(node.tag).rpartition("}")[0] + "}include"
    include = etree.Element(tag, nsmap=dict(node.nsmap))  # type: ignore[arg-type]
    parent.replace(node, include)
    position = parent.index(include) + 1
    for moved in [child for child in node if child.get("name")]:
        name = str(moved.get("name"))
        for original in list(found):
            if local(original) != local(moved) or original.get("name") != name:
                continue
            if is_override:
                found.remove(original)
            else:
                original.set("name", f"{name}-original")
        for inner in moved.iter() if not is_override else ():
            for attribute in ("base", "ref"):
                prefix, colon, word = (inner.get(attribute) or "").rpartition(":")
                if word == name:
                    inner.set(attribute, f"{prefix}{colon}{name}-original")
        parent.insert(position, moved)
        position += 1
    return include


def _valid_reference(match: re.Match[bytes]) -> bytes:
    """Return a reference to a character; `\ufffd` in place of one that XML does not have."""
    number = int(match[1][1:], 16) if match[1][:1] == b"x" else int(match[1])
    is_valid = number in (9, 10, 13) or 32 <= number < 0xD800 or 0xE000 <= number < 0x110000
    return match[0] if is_valid else b"&#xFFFD;"


def _written(root: etree._Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _file_name(address: str, used: set[str], suffix: str) -> str:
    """Return an unused file name for a copy."""
    path = PurePosixPath(urlsplit(address).path)
    stem = re.sub(r"[^A-Za-z0-9._-]", "_", path.stem).lstrip(".") or "document"
    suffix = path.suffix if path.suffix in (".wsdl", ".xsd") else suffix
    name, number = f"{stem}{suffix}", 2
    while name in used:
        name, number = f"{stem}-{number}{suffix}", number + 1
    used.add(name)
    return name


def make_of(content: bytes) -> str:
    """Return the software that made the WSDL, if it can be recognised."""
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
