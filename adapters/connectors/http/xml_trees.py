"""XML as nested mappings, and back: the form in which a manifest's paths find values.

An element with neither attributes nor children becomes its text. Any other becomes a mapping:
attributes as `@name`, text as `#text`, children by name. Children with the same name become a
list. `xsi:nil` is None. Names lose their namespace, or get the manifest's prefix for it.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from adapters.connectors.http.xml_parser import parse
from schema.provenance import SourceWarning

_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NIL = f"{_XSI}nil"


def read_xml(
    body: bytes, prefixes: Mapping[str, str] | None = None
) -> tuple[dict[str, Any], Sequence[SourceWarning]]:
    """Return `{name of the root: its content}`, and warnings about what was repaired.

    Args:
        prefixes: prefix of each namespace. Names in it are written `prefix:name`.

    Raises:
        NotXmlError: the document can't be parsed.
    """
    parsed = parse(body)
    names = prefixes or {}
    tree = {_name(str(parsed.root.tag), names): _content(parsed.root, names)}
    return tree, parsed.warnings


def grouped(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Return values by name; the values of a name that repeats are a list."""
    found: dict[str, Any] = {}
    repeated: set[str] = set()
    for name, value in pairs:
        if name not in found:
            found[name] = value
        elif name in repeated:
            found[name].append(value)
        else:
            found[name] = [found[name], value]
            repeated.add(name)
    return found


def _content(element: etree._Element, prefixes: Mapping[str, str]) -> Any:
    if element.get(NIL) in ("true", "1"):
        return None
    content: dict[str, Any] = {
        f"@{_name(str(name), prefixes)}": str(value)
        for name, value in element.attrib.items()
        if not str(name).startswith(_XSI)
    }
    content |= grouped(
        [(_name(str(child.tag), prefixes), _content(child, prefixes)) for child in element]
    )
    text = element.text or ""
    if not content:
        # An empty list is often written with a line break in it.
        return text if text.strip() else ""
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
    """Return the document for a mapping with one root, in the form that `read_xml` returns.

    Args:
        tree: the mapping; names may have prefixes.
        namespaces: namespaces by prefix. The prefix "" is for names without a prefix.

    Raises:
        ValueError: there are several roots, an unknown prefix, or a character that XML forbids.
    """
    if len(tree) != 1:
        raise ValueError("an XML body must have one root element")
    ((name, content),) = tree.items()
    known: Any = {prefix or None: uri for prefix, uri in namespaces.items()}
    root = etree.Element(_tag(name, namespaces), nsmap=known)
    _fill(root, content, namespaces)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _fill(element: etree._Element, content: Any, namespaces: Mapping[str, str]) -> None:
    if not isinstance(content, Mapping):
        element.text = "" if content is None else as_written(content)
        return
    for name, inner in content.items():
        if name.startswith("@"):
            # In XML, an attribute without a prefix is in no namespace.
            tag = _tag(name[1:], namespaces) if ":" in name else name[1:]
            element.set(tag, as_written(inner))
        elif name == "#text":
            element.text = as_written(inner)
        else:
            for each in inner if isinstance(inner, list | tuple) else [inner]:
                _fill(etree.SubElement(element, _tag(name, namespaces)), each, namespaces)


def as_written(value: object) -> str:
    """Return a value as JSON and XML write it; manifests name it in this form."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _tag(name: str, namespaces: Mapping[str, str]) -> str:
    prefix, _, local = name.rpartition(":")
    uri = namespaces.get(prefix)
    if prefix and uri is None:
        raise ValueError(f"the manifest has no namespace for the prefix {prefix!r}")
    return f"{{{uri}}}{local}" if uri else local
