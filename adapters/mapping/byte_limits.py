"""Limits in bytes for what goes out: a cut never splits a letter as people see it.

A Devanagari letter with its signs is one grapheme (Unicode TR 29) of three bytes a character: half
of one is a mark that sits on nothing, and many old systems refuse the whole message.
"""

import regex

_GRAPHEME = regex.compile(r"\X")


def cut_to_bytes(text: str, most: int, encoding: str = "utf-8") -> str:
    """The longest beginning of `text`, in whole graphemes, of at most `most` bytes."""
    if len(text.encode(encoding, "replace")) <= most:
        return text
    size, end = 0, 0
    for match in _GRAPHEME.finditer(text):
        size += len(match[0].encode(encoding, "replace"))
        if size > most:
            break
        end = match.end()
    return text[:end].rstrip()
