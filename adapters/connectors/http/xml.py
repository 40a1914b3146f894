"""Parses a department's XML, and converts it to nested mappings and back.

The parser accepts no DTD, no entities, no network, and bounded depth and size.

Two defects are repaired, with a warning, and the document is then parsed just as strictly:

* characters that XML 1.0 forbids, also as numeric references, which .NET sends
  (`docs/quirks.md` 36): they are removed;
* a character set that is not the declared one: the actual one is detected.

A manifest's paths find values in nested mappings. An element with neither attributes nor children
becomes its text. Any other becomes a mapping: attributes as `@name`, text as `#text`, children by
name. Children with the same name become a list. `xsi:nil` is None. Names lose their namespace, or
get the manifest's prefix for it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree

from adapters.mapping.charsets import NoCharsetError, decode
from schema.codes import WarningCode
from schema.provenance import SourceWarning

_PARSER = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_pis": True,
    "remove_comments": True,
}
_REFERENCE = re.compile(r"&#(?:x([0-9a-fA-F]{1,8})|([0-9]{1,10}));")
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_BLANK = "\ufeff \t\r\n"
MOST_FORBIDDEN = 10_000
"""Maximum number of forbidden characters that are removed from one document."""
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
NIL = f"{_XSI}nil"


class NotXmlError(ValueError):
    """The document is not well-formed even after repair, or it has a DTD."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """The root of a document, and warnings about what was repaired."""

    root: etree._Element
    warnings: tuple[SourceWarning, ...] = ()


def parse(content: bytes) -> Parsed:
    """Return the root of a document.

    Raises:
        NotXmlError: the document can't be parsed.
    """
    try:
        return Parsed(_strictly(content))
    except etree.XMLSyntaxError:
        pass
    text, charset_is_wrong = _decoded(content)
    cleaned, warnings = without_forbidden(text)
    if charset_is_wrong:
        warnings = (SourceWarning(code=WarningCode.WRONG_CHARSET), *warnings)
    return Parsed(parse_text(cleaned), warnings)


def parse_text(text: str) -> etree._Element:
    """Return the root of XML that is a text already; the encoding that it declares is ignored.

    Raises:
        NotXmlError: the text can't be parsed.
    """
    bare = _DECLARATION.sub("", text.strip(_BLANK), count=1)
    try:
        return _strictly(bare.encode("utf-8"))
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        raise NotXmlError("not well-formed") from None


def without_forbidden(text: str) -> tuple[str, tuple[SourceWarning, ...]]:
    """Return the text without characters that XML forbids, and a warning if there were any.

    Raises:
        NotXmlError: there are more than `MOST_FORBIDDEN`.
    """
    found: list[str] = []

    def remove(written: str) -> str:
        found.append(written)
        if len(found) > MOST_FORBIDDEN:
            raise NotXmlError("full of forbidden characters")
        return ""

    def remove_reference(match: re.Match[str]) -> str:
        number = int(match[1], 16) if match[1] else int(match[2])
        is_allowed = number <= 0x10FFFF and not _FORBIDDEN.match(chr(number))
        return match[0] if is_allowed else remove(match[0])

    cleaned = _REFERENCE.sub(remove_reference, text.lstrip(_BLANK))
    cleaned = _FORBIDDEN.sub(lambda match: remove(f"U+{ord(match[0]):04X}"), cleaned)
    if not found:
        return text, ()
    return cleaned, (SourceWarning(code=WarningCode.FORBIDDEN_CHARACTERS, raw=found[0]),)


def _strictly(content: bytes) -> etree._Element:
    # A parser keeps state between documents, so each document gets a new one.
    root = etree.fromstring(content, etree.XMLParser(**_PARSER))  # type: ignore[arg-type]
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise NotXmlError("a DTD")
    return root


def _decoded(content: bytes) -> tuple[str, bool]:
    """Return the content as text, and True if the declared character set is wrong."""
    declared = _DECLARED.match(content)
    try:
        text, is_declared = decode(content, declared[1].decode("ascii") if declared else None)
    except NoCharsetError as error:
        raise NotXmlError(str(error)) from None
    return text, not is_declared


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
