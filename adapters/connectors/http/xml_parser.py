"""Parses XML that a department sent: no DTD, no entities, no network, bounded depth and size.

What is not well-formed only because of characters that XML 1.0 forbids (`docs/quirks.md` 36: .NET
sends them as numeric references) or of a charset that is not the declared one is cleaned and parsed
again, just as strictly; the warning says so.
"""

import re
from dataclasses import dataclass

from lxml import etree

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
_CHARSETS = re.compile(
    r"(?i)utf[-_]?(8|16|32)([-_]?[lb]e)?|(us-)?ascii|latin-?1|iso[-_]?8859-[0-9]{1,2}|"
    r"(windows-|cp)125[0-8]"
)
"""Those that are read. Python knows others that are no charsets, and take quadratic time."""
MOST_FORBIDDEN = 10_000
"""Characters that are forgiven; more of them are no XML that went wrong here and there."""


class NotXmlError(ValueError):
    """Not well-formed, whatever is done; or it has a DTD."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A document's root, and what had to be forgiven to read it."""

    root: etree._Element
    warnings: tuple[SourceWarning, ...] = ()


def parse(content: bytes) -> Parsed:
    """Parses a document; raises `NotXmlError`."""
    try:
        return Parsed(_strictly(content))
    except etree.XMLSyntaxError:
        pass
    text, charset_is_wrong = _decoded(content)
    cleaned, first_forbidden = _without_forbidden(text)
    warnings = []
    if charset_is_wrong:
        warnings.append(SourceWarning(code=WRONG_CHARSET))
    if first_forbidden is not None:
        warnings.append(SourceWarning(code=FORBIDDEN_CHARACTERS, raw=first_forbidden))
    return Parsed(parse_text(cleaned), tuple(warnings))


def parse_text(text: str) -> etree._Element:
    """Parses XML that came as a text, whatever encoding it declares; raises `NotXmlError`."""
    bare = _DECLARATION.sub("", text.strip(_BLANK), count=1)
    try:
        return _strictly(bare.encode("utf-8"))
    except (etree.XMLSyntaxError, UnicodeEncodeError):
        raise NotXmlError("not well-formed") from None


def clean(text: str) -> tuple[str, tuple[SourceWarning, ...]]:
    """The text without what XML forbids, and the warning about it; raises `NotXmlError`."""
    cleaned, first = _without_forbidden(text)
    if first is None:
        return text, ()
    return cleaned, (SourceWarning(code=FORBIDDEN_CHARACTERS, raw=first),)


def _strictly(content: bytes) -> etree._Element:
    # A parser keeps what it met; one for each document keeps documents apart.
    root = etree.fromstring(content, etree.XMLParser(**_PARSER))  # type: ignore[arg-type]
    if root.getroottree().docinfo.doctype:  # type: ignore[union-attr]
        raise NotXmlError("a DTD")
    return root


def _decoded(content: bytes) -> tuple[str, bool]:
    """The content as text, and whether its charset is another than it says."""
    declared = _DECLARED.match(content)
    charset = declared[1].decode("ascii") if declared else "utf-8"
    if _CHARSETS.fullmatch(charset):
        try:
            return content.decode(charset), False
        except (UnicodeError, LookupError):
            pass
    for guess in ("utf-8", "utf-16"):
        # UTF-16 proper; without its mark it looks like a text with a NUL after each letter.
        if guess == "utf-16" and b"\0" not in content[:8]:
            continue
        try:
            return content.decode(guess), True
        except UnicodeDecodeError:
            continue
    if _has_utf8_letters(content):
        # Broken UTF-8: read as another charset it would become wrong names.
        raise NotXmlError("broken UTF-8")
    try:
        return content.decode("cp1252"), True
    except UnicodeDecodeError:
        raise NotXmlError("in no known charset") from None


_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xef][\x80-\xbf]{1,2}")


def _has_utf8_letters(content: bytes) -> bool:
    return _UTF8_SEQUENCE.search(content) is not None


def _without_forbidden(text: str) -> tuple[str, str | None]:
    """The text without forbidden characters and references to them, and the first of them.

    Raises `NotXmlError` where there are more than are forgiven.
    """
    first: str | None = None
    dropped = 0

    def drop_reference(match: re.Match[str]) -> str:
        number = int(match[1], 16) if match[1] else int(match[2])
        if number <= 0x10FFFF and not _FORBIDDEN.match(chr(number)):
            return match[0]
        return drop(match[0])

    def drop(told: str) -> str:
        nonlocal first, dropped
        first = first or told
        dropped += 1
        if dropped > MOST_FORBIDDEN:
            raise NotXmlError("full of forbidden characters")
        return ""

    cleaned = _REFERENCE.sub(drop_reference, text.lstrip(_BLANK))
    cleaned = _FORBIDDEN.sub(lambda match: drop(f"U+{ord(match[0]):04X}"), cleaned)
    return cleaned, first
