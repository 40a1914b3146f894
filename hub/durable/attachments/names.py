"""Names of files that are safe to store, to show and to send."""

import re
import unicodedata
from collections.abc import Mapping

MAX_CHARACTERS = 100
MAX_BYTES = 180
"""File systems allow 255 bytes; departments add prefixes of their own."""
ENDINGS: Mapping[str, str] = {
    "application/pdf": ".pdf",
    "image/jpeg": ".jpg",
    "image/png": ".png",
}
_UNNAMED = "document"
# Hindi words need the joiners U+200C and U+200D. All other format characters are removed: some
# reverse the direction of text, so that `exe.pdf` is shown as `fdp.exe`.
_JOINERS = "\u200c\u200d"
_REMOVED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_SPECIAL = re.compile(r'[<>:"|?*;`$&%\\/\s]+')
_LAST_ENDING = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_INNER_ENDING = re.compile(r"\.(?=[A-Za-z0-9]{1,5}(?:\.|$))")
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)$")


def safe_name(given: str, media_type: str) -> str:
    """Return a safe form of a file's name.

    It has no folders, no control characters and one ending, which fits the media type.

    Args:
        given: name as the client sent it.
        media_type: type of the content; its ending is added if it is known.
    """
    name = re.split(r"[/\\]", given)[-1]
    name = "".join(
        character
        for character in unicodedata.normalize("NFC", name)
        if unicodedata.category(character) not in _REMOVED or character in _JOINERS
    )
    stem = _SPECIAL.sub("_", _LAST_ENDING.sub("", name.strip()))
    stem = _INNER_ENDING.sub("_", stem)[:MAX_CHARACTERS]
    stem = stem.encode()[:MAX_BYTES].decode(errors="ignore").strip("._- " + _JOINERS)
    if not stem or _RESERVED.match(stem):
        stem = f"{_UNNAMED}{'_' + stem if stem else ''}"
    return stem + ENDINGS.get(media_type, "")
