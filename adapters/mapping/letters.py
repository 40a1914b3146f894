"""Scripts of texts: detection, conversion from a legacy font to Unicode, cuts between letters."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Literal

import regex

from adapters.mapping.kruti_dev import from_kruti_dev
from schema.person import Script

ScriptStep = Literal["nfc", "kruti-dev", "mixed", "detect"]
"""Values of `script` in a field rule: convert to Unicode normal form C; convert from Kruti Dev;
convert only if the text looks like Kruti Dev; return the script of the text."""

_WORD = re.compile(r"\S+")
# Possessive quantifiers prevent exponential time for a name followed by many dots.
_LATIN_WORD = re.compile(r"[(]?(?:[A-Z]+|[A-Z]?[a-z]+)(?:['./&-]++(?:[A-Z]+|[A-Z]?[a-z]+)?)*+[),]*")
_VOWEL = re.compile("[aeiou]|y$|^y")
_CONSONANTS = re.compile("[bcdfghjklmnpqrstvwxyz]+")
# Consonants at the beginning and end of Indian names and English words, and words without vowels.
_BEGINNINGS = re.compile(
    "bh|bhr|bl|br|by|ch|chh|chr|cl|cr|dh|dhr|dhw|dhy|dr|dw|dy|fl|fr|gh|gl|gn|gr|gw|gy|hr|jh|"
    "jn|jy|kh|khw|khy|kl|kn|kr|krs|ks|ksh|ksht|ky|ll|ly|mh|mr|my|ng|nr|ny|ph|phl|phr|pl|pr|ps|"
    "py|rh|sc|sch|schr|sh|shl|shr|shw|shy|sk|sl|sm|sn|sp|spr|sq|sr|st|str|sv|sw|sy|th|thr|ths|"
    "tr|ts|tv|tw|ty|vr|vy|wh|wr"
)
_ENDINGS = re.compile(
    "bb|bh|bt|ch|chh|ck|ckt|ct|dd|ddh|dh|dr|ds|ff|ft|gg|gh|ghn|gn|hn|hr|ht|jh|jj|kh|kk|kr|ks|"
    "ksh|kt|lb|ld|lf|lk|ll|lm|ln|lp|ls|lt|lv|mb|mbh|mm|mp|mr|ms|nch|nd|ndh|ndhr|ndl|ndr|ng|"
    "ngh|ngr|nj|nk|nkh|nn|ns|nt|nth|ntr|nz|ph|pp|ps|pt|rb|rbh|rch|rd|rdh|rf|rg|rgh|rh|rj|rk|"
    "rkh|rl|rm|rn|rp|rr|rs|rsh|rt|rth|rtz|rv|ry|sh|sht|shth|shtr|sk|sm|sp|ss|st|sth|str|sy|th|"
    "thr|tr|ts|tt|tth|ty|vr|vy|wk|wl|wn|xt|zh|zz"
)
_SHORT = re.compile("dr|dt|km|kr|ltd|md|mr|mrs|ms|mst|ncr|nh|no|ph|pvt|rd|sc|sh|shr|shri|smt|st|th")
_LONGEST_CLUSTER = 4
# In names an apostrophe follows a single letter: D'Souza.
_APOSTROPHE = re.compile("[A-Za-z]{2}['\"]|['\"][a-z]?$")


def script_of(text: str) -> Script:
    """Return the script of a text. LEGACY_FONT means that it is readable only as Kruti Dev."""
    if any("ऀ" <= letter <= "ॿ" for letter in text):
        return Script.DEVANAGARI
    return Script.LEGACY_FONT if looks_like_kruti_dev(text) else Script.LATIN


def looks_like_kruti_dev(text: str) -> bool:
    """Return True if a word can't be a name in Latin letters and the whole text can be Hindi."""
    words = _WORD.findall(text)
    if all(map(_can_be_latin, words)):
        return False
    return _can_be_hindi(from_kruti_dev(text))


def _can_be_latin(word: str) -> bool:
    if not any(letter.isalpha() for letter in word):
        return True
    if not _LATIN_WORD.fullmatch(word):
        return False
    if word.isupper():
        return True
    if _APOSTROPHE.search(word):
        return False
    return all(_is_pronounceable(part) for part in re.findall("[a-z]+", word.lower()))


def _is_pronounceable(part: str) -> bool:
    if len(part) == 1 or _SHORT.fullmatch(part):
        return True
    clusters = _CONSONANTS.findall(part)
    if not _VOWEL.search(part) or any(len(each) > _LONGEST_CLUSTER for each in clusters):
        return False
    first, last = clusters[0] if clusters else "", clusters[-1] if clusters else ""
    begins = len(first) < 2 or not part.startswith(first) or _BEGINNINGS.fullmatch(first)
    ends = (
        len(last) < 2 or not part.endswith(last) or part.endswith("y") or _ENDINGS.fullmatch(last)
    )
    return bool(begins and ends)


# Possessive quantifiers allow only one way to match, so that hostile texts take no extra time.
_HINDI_WORD = re.compile("[(“]?(?>(?:[अ-औॠ]|[क-ह]़?(?:्[क-ह]़?)*+)्?+[ािीुूृेैोौॅॉ]?+[ँं]?+ः?+)++[.,)”।-]*+")


def _can_be_hindi(text: str) -> bool:
    words = _WORD.findall(text)
    return bool(words) and all(
        _HINDI_WORD.fullmatch(word) or not any(letter.isalpha() for letter in word)
        for word in words
    )


def composed(text: str) -> str:
    """Return the text in Unicode normal form C, in which equal words are equal texts."""
    return unicodedata.normalize("NFC", text)


def _mixed(text: str) -> str:
    return from_kruti_dev(text) if looks_like_kruti_dev(text) else composed(text)


STEPS: Mapping[ScriptStep, Callable[[str], str | Script]] = {
    "nfc": composed,
    "kruti-dev": from_kruti_dev,
    "mixed": _mixed,
    "detect": script_of,
}


_GRAPHEME = regex.compile(r"\X")


def cut_to_bytes(text: str, most: int, encoding: str = "utf-8") -> str:
    """Cut a text to at most `most` bytes, between graphemes.

    A Devanagari letter with its signs is one grapheme (Unicode TR 29), and each of its characters
    has three bytes in UTF-8. Many old systems refuse a message that contains half of one.
    """
    if len(text.encode(encoding, "replace")) <= most:
        return text
    size, end = 0, 0
    for match in _GRAPHEME.finditer(text):
        size += len(match[0].encode(encoding, "replace"))
        if size > most:
            break
        end = match.end()
    return text[:end].rstrip()
