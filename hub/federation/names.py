"""Compares names of people and districts over scripts, spellings and word order.

A name is reduced to *sound keys*, one for each word, and the keys are compared. Devanagari is
transliterated first. Hindi names have no fixed spelling in Latin script: the short `a` is written
or left out, long vowels are doubled or not, `v` and `w` are one letter. Keys ignore all of this.
"""

import re
import unicodedata
from functools import lru_cache

from rapidfuzz import fuzz

AGREEMENT = 85
"""Names with a lower score disagree. In the mocks' population, a name scores 100 against its form
in the other script. It scores at most 80 against another name with as many words."""

MOST_LETTERS = 200
"""Maximum number of letters that are compared: a department may send any text as a name."""
LONG_NAME = 3
"""A name of this many words may have been cut by a department's length limit."""
ONE_NAME_MISSING = 90
"""Best score if one of the names has more words than the other, for example a surname."""
INITIAL = 90
"""Score of an initial and a word that begins with it."""
OTHER_ENDING = 80
"""Best score of words that differ in a final vowel only: Ankit and Ankita are two people."""

CONSONANTS = {
    "क": "k", "ख": "kh", "ग": "g", "घ": "gh", "ङ": "n", "च": "ch", "छ": "chh", "ज": "j",
    "झ": "jh", "ञ": "n", "ट": "t", "ठ": "th", "ड": "d", "ढ": "dh", "ण": "n", "त": "t",
    "थ": "th", "द": "d", "ध": "dh", "न": "n", "प": "p", "फ": "ph", "ब": "b", "भ": "bh",
    "म": "m", "य": "y", "र": "r", "ल": "l", "ळ": "l", "व": "v", "श": "sh", "ष": "sh",
    "स": "s", "ह": "h", "ऱ": "r", "ऩ": "n",
}  # fmt: skip
VOWELS = {
    "अ": "a", "आ": "aa", "इ": "i", "ई": "ii", "उ": "u", "ऊ": "uu", "ऋ": "ri", "ए": "e",
    "ऐ": "ai", "ऑ": "o", "ओ": "o", "औ": "au", "ऍ": "e", "ऎ": "e", "ऒ": "o", "ः": "h",
}  # fmt: skip
VOWEL_SIGNS = {
    "ा": "aa", "ि": "i", "ी": "ii", "ु": "u", "ू": "uu", "ृ": "ri", "े": "e", "ै": "ai",
    "ॉ": "o", "ो": "o", "ौ": "au", "ॅ": "e", "ॆ": "e", "ॊ": "o",
}  # fmt: skip
WITH_DOT = {"ड": "r", "ढ": "rh", "ज": "z", "फ": "f", "ख": "kh", "ग": "g", "क": "q"}
"""Consonants with a nukta."""
VIRAMA, NUKTA = "\u094d", "\u093c"
NASALS = frozenset("\u0901\u0902")
LABIALS = frozenset("पफबभम")
IGNORED = frozenset("\u200c\u200d" + NUKTA + VIRAMA)

_RELATION = re.compile(
    r"\b(?:[swdch]\s*/\s*o|(?:son|wife|daughter|husband|care)\s+of|patni+|putr[ai]*)\b[.:]?"
)
_TITLES = frozenset(
    ["shri", "sri", "sh", "shrimati", "srimati", "smt", "mr", "mrs", "ms", "mis", "dr", "do",
     "prof", "late", "sv", "svargiy", "svargiya", "swargiya", "km", "ku", "kumari", "master"]
)  # fmt: skip
"""Titles before a name, without doubled letters; `ji` also follows one."""
_DOUBLE = re.compile(r"([a-z])\1")
_SHORT_FORMS = {
    "mohd": "mohammad", "md": "mohammad", "mohammed": "mohammad", "muhammad": "mohammad",
    "muhammed": "mohammad", "mohamad": "mohammad", "kr": "kumar", "ch": "chaudhari",
}  # fmt: skip
_DISTRICT_WORDS = frozenset(["district", "distt", "dist", "jila", "jilaa", "zila", "zilla"])
_OTHER_DISTRICT_NAMES = {"gurgaon": "gurugram", "gudgaanv": "gurugram", "mewat": "nuh"}

_SOUNDS = tuple(
    (re.compile(pattern), sound)
    for pattern, sound in (
        (r"aa+", "a"),
        (r"ee+|ii+|ie(?=$)", "i"),
        (r"oo+|uu+", "u"),
        (r"ou|au", "o"),
        (r"ck|q|c(?!h)", "k"),
        (r"x", "ks"),
        (r"ph", "f"),
        (r"z", "j"),
        (r"w", "v"),
        (r"sh", "s"),
        (r"chh", "ch"),
        (r"(?:nh|ngh)(?=$)", "ng"),
        (r"([^aeiou])\1", r"\1"),
        # Before r, e and a are often one sound: Verma, Varma; Chander, Chandra.
        (r"(?<=[^aeiou])e(?=r(?:[^aeiou]|$))", "a"),
        (r"(?<=[aeiou])y(?=$|[^aeiou])", "i"),
        (r"(?<=[^aeiou])y$", "i"),
        (r"iy(?=[aeiou])", "i"),
        # The short a is often left out within a word.
        (r"(?<=.)a(?=.)", ""),
        # After several consonants, it is often left out at the end, too: Gupta, Gupt.
        (r"(?<=.[^aeiou]{2})a$", ""),
    )
)


def transliterate(text: str) -> str:
    """Return Devanagari text in Latin letters; other letters are unchanged."""
    letters = unicodedata.normalize("NFD", text).replace("ज्ञ", "ग्य")
    made: list[str] = []
    position = 0
    while position < len(letters):
        letter, following = letters[position], letters[position + 1 : position + 2]
        position += 1
        if letter in CONSONANTS:
            sound, position = _syllable(letters, position - 1)
            made.append(sound)
        elif letter in NASALS:
            made.append("ng" if following == "ह" else "m" if following in LABIALS else "n")
        elif letter not in IGNORED:
            made.append(VOWELS.get(letter, letter))
    return "".join(made)


def _syllable(letters: str, position: int) -> tuple[str, int]:
    """Return the sound of the consonant at `position` with its vowel, and the next position."""
    letter = letters[position]
    sound = CONSONANTS[letter]
    position += 1
    if letters[position : position + 1] == NUKTA:
        sound = WITH_DOT.get(letter, sound)
        position += 1
    following = letters[position : position + 1]
    if following in VOWEL_SIGNS:
        return sound + VOWEL_SIGNS[following], position + 1
    if following == VIRAMA:
        return sound, position + 1
    # The inherent vowel is silent at the end of a word.
    is_spoken = following in CONSONANTS or following in NASALS or following in VOWELS
    return sound + "a" if is_spoken else sound, position


def _words(text: str) -> list[str]:
    latin = unicodedata.normalize("NFKD", transliterate(text[:MOST_LETTERS])).casefold()
    latin = "".join(letter for letter in latin if not unicodedata.combining(letter))
    # A guardian may be written `W/O HARI SINGH`, and a name `RAM DEVI W/O HARI SINGH`.
    parts = [part for part in _RELATION.split(latin) if part.strip(" .,:-/")]
    if not parts:
        return []
    return re.findall(r"[^\W_]+", parts[0].replace("'", ""))


def sound_key(word: str) -> str:
    """Return the sound key of a word in lower-case Latin letters."""
    key = word
    for pattern, sound in _SOUNDS:
        key = pattern.sub(sound, key)
    return key


@lru_cache(maxsize=4096)
def name_keys(name: str) -> tuple[str, ...]:
    """Return the sound keys of a name's words, without titles and relations.

    Empty if the name has letters of a script that is not transliterated: it can't be compared.
    """
    words = _words(name)
    if not all(word.isascii() for word in words):
        return ()
    while len(words) > 1 and _DOUBLE.sub(r"\1", words[0]) in _TITLES:
        words = words[1:]
    if len(words) > 1 and words[-1] in ("ji", "jii", "jee"):
        words = words[:-1]
    return tuple(sound_key(_SHORT_FORMS.get(word, word)) for word in words)


@lru_cache(maxsize=512)
def district_keys(name: str) -> tuple[str, ...]:
    """Return the sound keys of a district's name, without the word for district."""
    words = [word for word in _words(name) if word not in _DISTRICT_WORDS]
    return tuple(sound_key(_OTHER_DISTRICT_NAMES.get(word, word)) for word in words)


def score_of_keys(one: tuple[str, ...], other: tuple[str, ...]) -> float:
    """Return how well two names agree, from 0 to 100; the order of words does not matter.

    The score is that of the pair of words that agree least. Neither name is empty.
    """
    short, long = sorted((one, other), key=len)
    rest = list(long)
    score = 100.0
    for key in short:
        best = max(rest, key=lambda candidate: _score_of_words(key, candidate))
        score = min(score, _score_of_words(key, best))
        rest.remove(best)
    if score == 100 and not rest:
        return score
    joined, whole = sorted(("".join(one), "".join(other)), key=len)
    if rest:
        # A name in one word may be the same name: RAMDEVI, RAM DEVI.
        ratio = fuzz.ratio(joined, whole)
        score = ratio if ratio >= 95 else min(score, ONE_NAME_MISSING)
    if len(short) >= LONG_NAME and whole.startswith(joined):
        return max(score, ONE_NAME_MISSING)
    return score


def _score_of_words(one: str, other: str) -> float:
    if one == other:
        return 100.0
    short, long = sorted((one, other), key=len)
    if len(short) == 1 and long.startswith(short):
        return INITIAL
    score = fuzz.ratio(short, long)
    if len(long) == len(short) + 1 and long.startswith(short) and long[-1] in "aeiou":
        return min(score, OTHER_ENDING)
    return score
