"""Hindi as typed before Unicode: Latin keys that look like Hindi in the font Kruti Dev 010.

These are the keys that a typist strikes, without the ready-made ligatures of the font. Letters that
occur in no name of the population are missing.
"""

import re

VIRAMA, NUKTA, REPH = "्", "़", "र्"
_STROKE = "k"
"""The vertical stroke that completes a half letter."""
_HALF_KEYS = {
    "क": "D", "ख": "[", "ग": "X", "घ": "?", "च": "P", "ज": "T", "ण": ".", "त": "R", "थ": "F",
    "ध": "/", "न": "U", "प": "I", "ब": "C", "भ": "H", "म": "E", "ल": "Y", "व": "O", "श": "'",
    "ष": '"', "स": "L",
}  # fmt: skip
_WHOLE_KEYS = {
    "क": "d", "ग": "x", "च": "p", "छ": "N", "ज": "t", "झ": ">", "ट": "V", "ठ": "B", "ड": "M",
    "ढ": "<", "त": "r", "द": "n", "न": "u", "प": "i", "फ": "Q", "ब": "c", "म": "e", "य": ";",
    "र": "j", "ल": "y", "व": "o", "स": "l", "ह": "g",
}  # fmt: skip
_SIGN_KEYS = {
    "ा": "k", "ी": "h", "ु": "q", "ू": "w", "ृ": "`", "े": "s", "ै": "S", "ो": "ks", "ौ": "kS",
    "ं": "a", "ँ": "¡",
}  # fmt: skip
_VOWEL_KEYS = {"अ": "v", "आ": "vk", "इ": "b", "ई": "bZ", "उ": "m", "ए": ",", "ओ": "vks", "औ": "vkS"}
_ALONE_KEYS = _VOWEL_KEYS | _SIGN_KEYS
_CONSONANT = f"[क-ह]{NUKTA}?"
_SYLLABLE = re.compile(
    f"(?P<reph>{REPH}(?=[क-ह]))?(?P<letters>{_CONSONANT}(?:{VIRAMA}{_CONSONANT})*)"
    "(?P<i>ि)?(?P<signs>[ाीुूृेैोौंँ]*)"
)


def typed(text: str) -> str:
    """Return the keys for a text in Devanagari."""
    keys = _SYLLABLE.sub(_syllable, text)
    return "".join(_ALONE_KEYS.get(each, each) for each in keys)


def _syllable(found: re.Match[str]) -> str:
    signs = "".join(_SIGN_KEYS[sign] for sign in found["signs"])
    before, after = ("f" if found["i"] else ""), ("Z" if found["reph"] else "")
    return before + _letters(found["letters"]) + signs + after


def _letters(cluster: str) -> str:
    *joined, last = cluster.split(VIRAMA)
    below = bool(joined) and last == "र"
    if below:
        # A subscript r has its own key, after the letter to which it belongs.
        *joined, last = joined
    return "".join(map(_half, joined)) + _whole(last) + ("z" if below else "")


def _half(letter: str) -> str:
    return _HALF_KEYS.get(letter) or _whole(letter) + "~"


def _whole(letter: str) -> str:
    plain = letter.removesuffix(NUKTA)
    key = _WHOLE_KEYS.get(plain) or _HALF_KEYS[plain] + _STROKE
    return key + ("+" if letter != plain else "")
