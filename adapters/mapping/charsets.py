"""Finds the character set of a document that is not in the declared one."""

import codecs
import re

_KNOWN = re.compile(
    r"(?i)utf[-_]?(8|16|32)([-_]?[lb]e)?|(us-)?ascii|latin-?1|iso[-_]?8859-[0-9]{1,2}|"
    r"(windows-|cp)125[0-8]"
)
"""Character sets that are decoded. Python has other codecs, some of which take quadratic time."""
_MARKS = {
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_UTF8_SEQUENCE = re.compile(rb"[\xc3-\xef][\x80-\xbf]{1,2}")


class NoCharsetError(ValueError):
    """The document is in no known character set."""


def decode(content: bytes, declared: str | None) -> tuple[str, bool]:
    """Return a document as text, and False if the declared character set is wrong.

    Args:
        content: the document.
        declared: the declared character set; None stands for UTF-8.

    Raises:
        NoCharsetError: no character set fits. Damaged UTF-8 is not decoded as another character
            set, because that would yield wrong names.
    """
    marked = next((name for mark, name in _MARKS.items() if content.startswith(mark)), None)
    has_nul = b"\0" in content[:2]
    for charset in (marked, declared or "utf-8"):
        if charset is None or (charset != marked and not _KNOWN.fullmatch(charset)):
            continue
        # UTF-16 without a byte order mark looks like ASCII with a NUL beside each letter.
        if charset == marked or not has_nul or "16" in charset or "32" in charset:
            try:
                return content.decode(charset), True
            except (UnicodeError, LookupError):
                continue
    wide = "utf-16-be" if content[:1] == b"\0" else "utf-16-le"
    for guess in (wide, "utf-8") if has_nul else ("utf-8",):
        try:
            return content.decode(guess), False
        except UnicodeDecodeError:
            continue
    if _UTF8_SEQUENCE.search(content):
        raise NoCharsetError("broken UTF-8")
    try:
        return content.decode("cp1252"), False
    except UnicodeDecodeError:
        raise NoCharsetError("in no known charset") from None
