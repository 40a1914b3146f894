"""Schemas that many WSDLs import and few departments publish: files of this project.

They contain the declarations that WSDLs refer to, in few words. The hub never loads the originals.
"""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lxml import etree

_FOLDER = Path(__file__).with_name("schemas")
_XSD = "{http://www.w3.org/2001/XMLSchema}"
SOAP_BODIES = (
    "{http://schemas.xmlsoap.org/wsdl/soap/}body",
    "{http://schemas.xmlsoap.org/wsdl/soap12/}body",
)
XML = "http://www.w3.org/XML/1998/namespace"
KNOWN_SCHEMAS: Mapping[str, Path] = {
    XML: _FOLDER / "xml.xsd",
    "http://www.w3.org/2005/08/addressing": _FOLDER / "addressing-2005.xsd",
    "http://schemas.xmlsoap.org/ws/2004/08/addressing": _FOLDER / "addressing-2004.xsd",
    "http://www.w3.org/2005/05/xmlmime": _FOLDER / "xmlmime-2005.xsd",
    "http://www.w3.org/2004/11/xmlmime": _FOLDER / "xmlmime-2004.xsd",
    "http://www.w3.org/2004/08/xop/include": _FOLDER / "xop.xsd",
    "http://schemas.xmlsoap.org/soap/envelope/": _FOLDER / "soap-envelope-1.1.xsd",
    "http://schemas.xmlsoap.org/soap/encoding/": _FOLDER / "soap-encoding-1.1.xsd",
    "http://www.w3.org/2003/05/soap-encoding": _FOLDER / "soap-encoding-1.2.xsd",
}
"""Files by namespace."""


def with_known_schemas(document: bytes, folder: Path) -> bytes:
    """Return a WSDL or schema that imports known namespaces from the files of this project.

    A file of the department that exists in `folder` is kept. Empty namespaces of SOAP bodies, which
    zeep can't write, are removed: they mean the same.
    """
    # Not the parser of replies: published schemas may begin with a DTD.
    try:
        root = etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        return document
    is_changed = False
    for node in root.iter(f"{_XSD}import"):
        uri, location = str(node.get("namespace")), str(node.get("schemaLocation") or "")
        if uri in KNOWN_SCHEMAS and location != uri and not _is_beside(location, folder):
            node.set("schemaLocation", uri)
            is_changed = True
    for schema in root.iter(f"{_XSD}schema"):
        for uri in _not_imported(schema):
            schema.insert(0, etree.Element(f"{_XSD}import", namespace=uri, schemaLocation=uri))
            is_changed = True
    for node in root.iter(*SOAP_BODIES):
        if node.get("namespace") == "":
            del node.attrib["namespace"]
            is_changed = True
    return etree.tostring(root) if is_changed else document


def _not_imported(schema: etree._Element) -> list[str]:
    """Return the known namespaces that the schema refers to without an import."""
    known = {schema.get("targetNamespace")}
    known.update(node.get("namespace") for node in schema.iterfind(f"{_XSD}import"))
    used = {
        node.nsmap.get(value.partition(":")[0]) or (XML if value.startswith("xml:") else "")
        for node in schema.iter(f"{_XSD}*")
        for value in (node.get("ref"), node.get("type"), node.get("base"))
        if value and ":" in value
    }
    return sorted(uri for uri in used - known if uri in KNOWN_SCHEMAS)


def _is_beside(location: str, folder: Path) -> bool:
    parts = urlsplit(location)
    if not location or parts.scheme not in ("", "file"):
        return False
    return (folder / unquote(parts.path)).is_file()
