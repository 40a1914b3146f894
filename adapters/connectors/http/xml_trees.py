"""XML as nested mappings, and back: the form in which paths of a manifest find their way.

An element becomes its text when it has neither attributes nor children, else a mapping: attributes
as `@name`, its text as `#text`, children by name, several of one name as a list. `xsi:nil` is None.
Names lose their namespace, or get the prefix that the manifest gives to it.
"""

import re
from collections.abc import Mapping
from typing import Any

from lxml import etree

NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
# .NET writes control characters as references that XML 1.0 has no place for (`docs/quirks.md` 36).
_FORBIDDEN_REFERENCE = re.compile(
    rb"&#(?:x0*(?:[0-8bcef]|1[0-9a-f]|fff[ef])|0*(?:[0-8]|1[124-9]|2\d|3[01]));", re.IGNORECASE
)


class NotXmlError(ValueError):
    """Not well-formed, or with a document type, which could hold anything."""


def read_xml(body: bytes, prefixes: Mapping[str, str] | None = None) -> dict[str, Any]:
    """`{name of the root: its content}`; raises `NotXmlError`.

    Args:
        body: the document.
        prefixes: by namespace, the prefix that names of it get (`p:name`).
    """
    try:
        root = etree.fromstring(body, _parser())
    except (etree.XMLSyntaxError, ValueError):
        mended = _FORBIDDEN_REFERENCE.sub(b"", body)
        if mended == body:
            raise NotXmlError from None
        try:
            root = etree.fromstring(mended, _parser())
        except (etree.XMLSyntaxError, ValueError):
            raise NotXmlError from None
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise NotXmlError
    return {_name(str(root.tag), prefixes or {}): _content(root, prefixes or {})}


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_pis=True,
        remove_comments=True,
    )


def _content(element: etree._Element, prefixes: Mapping[str, str]) -> Any:
    if element.get(NIL) in ("true", "1"):
        return None
    content: dict[str, Any] = {
        f"@{_name(str(name), prefixes)}": str(value)
        for name, value in element.attrib.items()
        if not str(name).startswith(_XSI)
    }
    lists: set[str] = set()
    for child in element:
        name, inner = _name(str(child.tag), prefixes), _content(child, prefixes)
        if name not in content:
            content[name] = inner
        elif name in lists:
            content[name].append(inner)
        else:
            lists.add(name)
            content[name] = [content[name], inner]
    text = element.text or ""
    if not content:
        return text
    if text.strip():
        content["#text"] = text
    return content


def _name(tag: str, prefixes: Mapping[str, str]) -> str:
    namespace, closing, local = tag.rpartition("}")
    if not closing:
        return tag
    prefix = prefixes.get(namespace[1:])
    return f"{prefix}:{local}" if prefix else local


def write_xml(tree: Mapping[str, Any], namespaces: Mapping[str, str]) -> bytes:
    """The document of a mapping with one root, as `read_xml` gives it; raises `ValueError`.

    Args:
        tree: names may have prefixes.
        namespaces: namespaces by prefix; that of "" goes for names without one.
    """
    if len(tree) != 1:
        raise ValueError("an XML body has one root")
    ((name, content),) = tree.items()
    known: Any = {prefix or None: uri for prefix, uri in namespaces.items()}
    root = etree.Element(_tag(name, namespaces), nsmap=known)
    _fill(root, content, namespaces)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _fill(element: etree._Element, content: Any, namespaces: Mapping[str, str]) -> None:
    if not isinstance(content, Mapping):
        element.text = "" if content is None else _text(content)
        return
    for name, inner in content.items():
        if name.startswith("@"):
            # An attribute without a prefix is in no namespace at all.
            tag = _tag(name[1:], namespaces) if ":" in name else name[1:]
            element.set(tag, _text(inner))
        elif name == "#text":
            element.text = _text(inner)
        else:
            for each in inner if isinstance(inner, list | tuple) else [inner]:
                _fill(etree.SubElement(element, _tag(name, namespaces)), each, namespaces)


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tag(name: str, namespaces: Mapping[str, str]) -> str:
    prefix, _, local = name.rpartition(":")
    uri = namespaces.get(prefix)
    if prefix and uri is None:
        raise ValueError(f"no namespace is given for the prefix {prefix!r}")
    return f"{{{uri}}}{local}" if uri else local
