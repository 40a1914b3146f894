"""Parses a department's XML: no DTD, no entities, no network, bounded depth and size.

Two defects are repaired, with a warning, and the document is then parsed just as strictly:

* characters that XML 1.0 forbids, also as numeric references, which .NET sends
  (`docs/quirks.md` 36): they are removed;
* a character set that is not the declared one: the actual one is detected.
"""

import re
from dataclasses import dataclass

from lxml import etree

from adapters.mapping.charsets import NoCharsetError, decode
from schema.provenance import SourceWarning

FORBIDDEN_CHARACTERS = "FORBIDDEN_CHARACTERS"
WRONG_CHARSET = "WRONG_CHARSET"

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
        warnings = (SourceWarning(code=WRONG_CHARSET), *warnings)
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
    return cleaned, (SourceWarning(code=FORBIDDEN_CHARACTERS, raw=found[0]),)


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
