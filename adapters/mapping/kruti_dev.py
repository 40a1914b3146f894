"""Converts between Unicode and Kruti Dev 010.

Kruti Dev is a legacy font: it shows Hindi for the codes of Latin letters. It has a glyph per shape,
not per letter: half consonants, the vowel sign i *before* its syllable (`f`), and the r that is
spoken before a syllable *after* it (`Z`). Both directions work syllable by syllable. Unicode text
is in normal form C.
"""

import re
import unicodedata
from typing import Literal, NamedTuple

VIRAMA, NUKTA, REPH, RAKAR = "्", "़", "र्", "्र"

# Glyphs without their upright stroke: followed by `k` they are whole consonants.
_HALVES = {
    "D": "क", "[": "ख", "X": "ग", "?": "घ", "P": "च", "T": "ज", "÷": "झ", ".": "ण", "R": "त",
    "F": "थ", "/": "ध", "U": "न", "I": "प", "¶": "फ", "C": "ब", "H": "भ", "E": "म", "¸": "य",
    "Y": "ल", "O": "व", "'": "श", '"': "ष", "L": "स", "º": "ह", "{": "क्ष", "«": "त्र", "Ù": "त्त",
    "™": "न्न",
}  # fmt: skip
_WHOLE = {
    "d": "क", "x": "ग", "Ä": "घ", "³": "ङ", "p": "च", "N": "छ", "t": "ज", ">": "झ", "¥": "ञ",
    "V": "ट", "B": "ठ", "M": "ड", "<": "ढ", "r": "त", "n": "द", "u": "न", "i": "प", "Q": "फ",
    "c": "ब", "e": "म", ";": "य", "j": "र", "y": "ल", "G": "ळ", "o": "व", "l": "स", "g": "ह",
    "K": "ज्ञ", "=": "त्र", "J": "श्र", "|": "द्य", "}": "द्व", ")": "द्ध", "í": "द्द", "æ": "द्र",
    "Ø": "क्र", "Ý": "फ्र", "ç": "प्र", "ä": "क्त", "ô": "क्क", "é": "न्न", "à": "ह्न", "á": "ह्य",
    "ã": "ह्म", "ê": "ट्ट", "ë": "ट्ठ", "ì": "ड्ड", "ï": "ड्ढ",
}  # fmt: skip
# Glyphs that some keyboards use for the same shapes: read, but never written.
_READ_ONLY_HALVES = {"è": "ध", "Ë": "ध", "Ö": "झ", "Ü": "श"}
_READ_ONLY_WHOLE = {"Á": "प्र", "Ò": "भ", "Ì": "द्द", "Í": "ट्ट", "Î": "ट्ठ", "Ï": "ड्ड", "Ô": "ड्ढ"}
_WHOLE_WITH_SIGN = {"#": "रु", ":": "रू", "—": "कृ", "Ñ": "कृ", "–": "दृ", "â": "हृ"}
_VOWELS = {
    "v": "अ", "vk": "आ", "b": "इ", "bZ": "ई", "Ã": "ई", "m": "उ", "Å": "ऊ", "_": "ऋ", ",": "ए",
    ",s": "ऐ", "v‚": "ऑ", "vks": "ओ", "vkS": "औ",
}  # fmt: skip
_SIGNS = {
    "k": "ा", "h": "ी", "q": "ु", "w": "ू", "`": "ृ", "s": "े", "S": "ै", "ks": "ो", "kS": "ौ",
    "W": "ॅ", "‚": "ॉ", "a": "ं", "¡": "ँ", "%": "ः", "~": VIRAMA, "+": NUKTA, "È": "ीं",
}  # fmt: skip
_MARKS = {
    "A": "।", "-": ".", "]": ",", "&": "-", "@": "/", "(": ";", "¼": "(", "½": ")", "¿": "{",
    "À": "}", "¾": "=", "\\": "?", "^": "‘", "*": "’", "Þ": "“", "ß": "”", "Œ": "॰", "ñ": "॰",
    "•": "ऽ", "·": "ऽ",
    "å": "०", "ƒ": "१", "„": "२", "…": "३", "†": "४", "‡": "५", "ˆ": "६", "‰": "७", "Š": "८",
    "‹": "९",
}  # fmt: skip

_Role = Literal["half", "whole", "vowel", "sign", "rakar", "i", "reph", "mark"]


class _Glyph(NamedTuple):
    role: _Role
    text: str


_GLYPHS: dict[str, _Glyph] = {
    **{key: _Glyph("mark", text) for key, text in _MARKS.items()},
    **{key: _Glyph("sign", text) for key, text in _SIGNS.items()},
    **{key: _Glyph("vowel", text) for key, text in _VOWELS.items()},
    **{key: _Glyph("half", text) for key, text in (_HALVES | _READ_ONLY_HALVES).items()},
    **{
        key: _Glyph("whole", text)
        for key, text in (_WHOLE | _READ_ONLY_WHOLE | _WHOLE_WITH_SIGN).items()
    },
    # Some people type two strokes although the glyph lacks only one.
    "=kk": _Glyph("whole", "त्रा"),
    "f": _Glyph("i", "ि"),
    "z": _Glyph("rakar", RAKAR),
    "ª": _Glyph("rakar", RAKAR),
    "~j": _Glyph("rakar", RAKAR),
    "Ó": _Glyph("sign", "्य"),
    "î": _Glyph("sign", "्य"),
    "Z": _Glyph("reph", REPH),
    "±": _Glyph("reph", REPH + "ं"),
}
_GLYPH = re.compile("|".join(re.escape(key) for key in sorted(_GLYPHS, key=len, reverse=True)))
# A decoder that mistakes Windows-1252 for Latin-1 turns its upper letters into control characters.
_CONTROLS = {
    code: bytes([code]).decode("cp1252")
    for code in range(0x80, 0xA0)
    if code not in (0x81, 0x8D, 0x8F, 0x90, 0x9D)
}


class _Syllable:
    """A syllable while it is read: first its consonants, then its signs."""

    def __init__(self) -> None:
        self.before = ""
        self.base: list[str] = []
        self.is_open = False
        self.has_virama = False
        self.signs: list[str] = []
        self.has_i = False

    @property
    def text(self) -> str:
        virama = VIRAMA if self.is_open or self.has_virama else ""
        i = "ि" if self.has_i else ""
        return "".join((self.before, *self.base, virama, i, *self.signs))

    def takes(self, key: str, glyph: _Glyph) -> bool:
        """Add the glyph if it belongs to this syllable; return False if it begins another one."""
        role, written = glyph
        if role in ("half", "whole"):
            joins = self.is_open or (self.has_virama and not self.signs)
            if self.base and not joins:
                return False
            self.base.append((VIRAMA if joins else "") + written)
            self.is_open = role == "half"
            self.has_virama = False
            return True
        if not self.base:
            return False
        if role == "rakar":
            self.base.append(written)
            self.is_open = False
        elif role == "reph":
            self.before = REPH
            self._add_sign(written.removeprefix(REPH))
        elif role == "sign" and self.is_open and key[0] == "k":
            # The upright stroke completes the half consonant; what is above it is another sign.
            self.is_open = False
            self._add_sign(_SIGNS.get(key[1:], ""))
        elif role == "sign" and written == VIRAMA and not self.signs and not self.is_open:
            # A visible virama: a consonant after it still belongs to the syllable.
            self.has_virama = True
        elif role == "sign" and written == NUKTA and not self.signs and not self.has_virama:
            self.base.append(written)
        elif role == "sign":
            self._add_sign(written)
        else:
            return False
        return True

    def _add_sign(self, written: str) -> None:
        if written:
            self.signs.append(written)


def from_kruti_dev(text: str) -> str:
    """Convert a text from Kruti Dev to Unicode. Characters that the font lacks are unchanged."""
    text = text.translate(_CONTROLS)
    done: list[str] = []
    now = _Syllable()
    index = 0
    while index < len(text):
        match = _GLYPH.match(text, index)
        key = match[0] if match else text[index]
        glyph = _GLYPHS.get(key, _Glyph("mark", key))
        index += len(key)
        if now.takes(key, glyph):
            continue
        done.append(now.text)
        now = _Syllable()
        if glyph.role == "i":
            now.has_i = True
        elif not now.takes(key, glyph):
            alone = ":" if key == "%" and not _is_devanagari("".join(done[-1:])) else glyph.text
            done.append(alone)
    done.append(now.text)
    return unicodedata.normalize("NFC", "".join(done))


def _is_devanagari(text: str) -> bool:
    return "ऀ" <= text[-1:] <= "ॿ"


# A consonant with its nukta, more of them joined by viramas, then signs.
_CONSONANT = f"[क-ह]{NUKTA}?"
_SYLLABLE = re.compile(
    f"(?P<reph>{REPH}(?=[क-ह]))?(?P<base>{_CONSONANT}(?:{VIRAMA}{_CONSONANT})*)"
    f"(?P<open>{VIRAMA})?(?P<i>ि)?(?P<signs>[ािीुूृेैोौॅॉंँः]*)"
)
_SHAPES = {text: key + "k" for key, text in _HALVES.items()} | {
    text: key for key, text in _WHOLE.items()
}
_HALF_SHAPES = {text: key for key, text in _HALVES.items()}
_SIGN_SHAPES = {text: key for key, text in _SIGNS.items() if len(text) == 1}
_OTHER_SHAPES = {text: key for key, text in (_VOWELS | _MARKS).items()} | _SIGN_SHAPES
_JOINERS = frozenset("\u200c\u200d")
"""Invisible characters that choose the shapes of the letters around them."""
# Below these letters, the r has another shape.
_ROUND = frozenset("छटठडढ")


def to_kruti_dev(text: str) -> str:
    """Convert a text from Unicode to Kruti Dev. Characters that the font lacks are unchanged.

    Joiners are left out, because each shape of a letter has a code of its own.
    """
    text = unicodedata.normalize("NFC", text)
    pieces: list[str] = []
    index = 0
    while index < len(text):
        match = _SYLLABLE.match(text, index)
        if match is None:
            if text[index] not in _JOINERS:
                pieces.append(_OTHER_SHAPES.get(text[index], text[index]))
            index += 1
            continue
        index = match.end()
        signs = "".join(_SIGN_SHAPES[sign] for sign in match["signs"])
        body = _consonants(match["base"], is_open=match["open"] is not None)
        before = "f" if match["i"] else ""
        pieces.append(before + body + signs + ("Z" if match["reph"] else ""))
    return "".join(pieces)


def _consonants(base: str, *, is_open: bool) -> str:
    """Return the glyphs of consonants joined by viramas; prefer the longest known shapes."""
    letters = base.split(VIRAMA)
    shapes: list[str] = []
    while letters:
        if letters[0] == "र" and shapes and shapes[-1][-1:] == "~":
            # An r below another letter replaces the virama.
            del letters[0]
            round_ = base[0] in _ROUND and len(shapes) == 1
            shapes[-1] = shapes[-1][:-1] + ("ª" if round_ else "z")
            shapes += ["~"] if letters or is_open else []
            continue
        for count in range(len(letters), 0, -1):
            joined = VIRAMA.join(letters[:count])
            plain = joined.replace(NUKTA, "")
            if plain in _SHAPES and (count == 1 or plain == joined):
                break
        nukta = "+" if NUKTA in joined else ""
        del letters[:count]
        if not letters and not is_open:
            shapes.append(_SHAPES[plain] + nukta)
        elif plain in _HALF_SHAPES and not nukta and letters[:1] != ["र"]:
            shapes.append(_HALF_SHAPES[plain])
        else:
            shapes.append(_SHAPES[plain] + nukta + "~")
    return "".join(shapes)
