"""Replaces personal data by pseudonyms: made-up data of the same form.

Letters become other letters of the same script and case, digits become other digits. Blanks,
punctuation, lengths and padding are kept, so that the adapter reads the sample like the original.

Within one file a word always gets the same pseudonym, and two words never get the same one. Numbers
that were different stay different.
"""

import datetime as dt
import random
import re
import secrets
from collections.abc import Iterable

from adapters.workbench.recording import dates
from adapters.workbench.recording.alphabets import alphabet_of, words_like

_RUNS = re.compile(r"(?:[^\W\d_]|[\u0900-\u0963])+|\d+", re.UNICODE)
_UUID = re.compile(r"(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_YEAR = re.compile(r"(19|20)\d\d")
LONGEST_KEPT = 4
SHORTEST_TOKEN = 3
SHORTEST_NUMBER = 5
MOST_WORDS = 6
TRIES = 200
MADE_UP_PHONE, MADE_UP_AADHAAR = "5", "01"


class LeakError(Exception):
    """A personal value of the reply is still in the sample, so it must not be written."""


class Pseudonyms:
    """The pseudonyms of one file.

    Args:
        seed: seed of the random choices; a new secret if None.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed or secrets.token_hex(16)
        self._by_word: dict[str, str] = {}
        self._taken: set[str] = set()
        self._originals: set[str] = set()
        self._short: set[str] = set()
        shift = self._draw("days").randint(40, 320)
        self._shift = dt.timedelta(days=shift)

    def _draw(self, what: str) -> random.Random:
        # A broken reply may contain lone surrogates, which can't be encoded strictly.
        return random.Random(f"{self._seed}/{what}".encode("utf-8", "replace"))  # noqa: S311

    def learn(self, values: Iterable[str]) -> None:
        """Remember the words of personal values, so that no pseudonym equals one of them.

        Long texts, such as remarks, are ignored: they consist of common words.
        """
        for value in values:
            words = _RUNS.findall(value)
            if len(words) <= MOST_WORDS:
                self._originals.update(_key(word) for word in words if _is_identifying(word))
                self._short.update(_key(word) for word in words if not _is_identifying(word))

    def of_text(self, text: str) -> str:
        """Replace every letter and digit; for names, addresses and remarks."""
        return _RUNS.sub(lambda match: self._of_word(match[0]), text)

    def of_identifier(self, text: str) -> str:
        """Replace the digits of an identifier; keep years and short groups of letters."""
        if _UUID.fullmatch(text.strip()):
            return re.sub(r"[0-9a-fA-F]+", lambda m: self._hexadecimal(m[0]), text)

        def replaced(match: re.Match[str]) -> str:
            word = match[0]
            if word.isdigit():
                whole = match.string.strip() == word
                kept = len(word) < SHORTEST_TOKEN or (_YEAR.fullmatch(word) and not whole)
            else:
                kept = len(word) <= LONGEST_KEPT
            return word if kept else self._of_word(word)

        return _RUNS.sub(replaced, text)

    def of_date(self, text: str) -> str:
        """Move the date by a number of days that is secret to this file, in the same form.

        A text that is not a date is replaced like any other text.
        """
        written = dates.moved(text, self._shift)
        return self.of_text(text) if written is None else written

    def of_number(self, text: str, patterns: Iterable[str]) -> str:
        """Replace an identifier so that it still matches the patterns that it matches now."""
        wanted = [pattern for pattern in patterns if re.fullmatch(pattern, text.strip())]

        def fits(made_up: str) -> bool:
            return all(re.fullmatch(pattern, made_up.strip()) for pattern in wanted)

        made_up = self.of_identifier(text)
        if fits(made_up):
            return made_up
        # Replace word by word, from the end, where the patterns still match: prefixes are often
        # fixed.
        made_up = text
        for match in reversed(list(_RUNS.finditer(text))):
            word = self._of_word(match[0])
            tried = made_up[: match.start()] + word + made_up[match.end() :]
            if fits(tried):
                made_up = tried
        return made_up

    def without_known(self, text: str) -> str:
        """Keep the text, but replace the personal words in it."""

        def replaced(match: re.Match[str]) -> str:
            word = match[0]
            return self._of_word(word) if _key(word) in self._originals else word

        return _RUNS.sub(replaced, text)

    def _of_word(self, word: str) -> str:
        key = _key(word)
        made_up = self._by_word.get(key)
        if made_up is None:
            made_up = self._by_word[key] = self._drawn(key)
        return "".join(
            new.upper() if old.isupper() else new for old, new in zip(word, made_up, strict=True)
        )

    def _drawn(self, key: str) -> str:
        """Return a word of the same form that is no other word's pseudonym.

        It is a word of the original file only if no other word of that form is left.
        """
        draw = self._draw(key)
        tries = (self._one(draw, key) for _ in range(TRIES))
        made_up = next((each for each in tries if self._is_free(each, key)), None)
        if made_up is None:
            all_left = [each for each in words_like(key) if each not in self._taken]
            strange = [each for each in all_left if each not in self._originals and each != key]
            others = [each for each in all_left if each != key]
            made_up = draw.choice(strange or others or all_left or [key])
        self._taken.add(made_up)
        return made_up

    def _is_free(self, word: str, key: str) -> bool:
        """Return True if the word may become the pseudonym of `key`.

        Years are excluded, because identifiers keep their years.
        """
        taken = word in self._taken or word in self._originals or word in self._short
        return not taken and word != key and not _YEAR.fullmatch(word)

    def _one(self, draw: random.Random, key: str) -> str:
        made_up = "".join(draw.choice(alphabet_of(letter)) for letter in key)
        if not key.isdecimal():
            return made_up
        if key[0] == "0":
            # Keep leading zeros and add none: the number keeps its width.
            return _marked(key, "0" + made_up[1:])
        return _marked(key, draw.choice(alphabet_of(key[0])[1:]) + made_up[1:])

    def _hexadecimal(self, word: str) -> str:
        draw = self._draw(f"{word.lower()}/hex")
        return "".join(draw.choice("0123456789abcdef") for _ in word)

    def check(self, text: str, personal: Iterable[str]) -> None:
        """Check that no personal value is left in `text`.

        Values that consist of short words (A-123) are not checked: where a file uses nearly all
        words of that form, one value's pseudonym may equal another value.

        Raises:
            LeakError: `text` contains one of the values.
        """
        for value in personal:
            stripped = value.strip()
            is_identifying = any(_is_identifying(word) for word in _RUNS.findall(stripped))
            if is_identifying and len(stripped) > LONGEST_KEPT and stripped in text:
                raise LeakError(
                    "the sample would still hold a personal value, so nothing was written"
                )


def _is_identifying(word: str) -> bool:
    """Return True if the word alone may identify a person."""
    return len(word) >= (SHORTEST_NUMBER if word.isdigit() else SHORTEST_TOKEN)


def _key(word: str) -> str:
    lowered = word.lower()
    # A few letters become two in lower case; keep the word then, because lengths must match.
    return lowered if len(lowered) == len(word) else word


def _marked(original: str, made_up: str) -> str:
    """Mark telephone and Aadhaar numbers as made up: no real number begins like this."""
    if not original.isascii():
        return made_up
    if len(original) == 10:
        return MADE_UP_PHONE + made_up[1:]
    if len(original) == 12:
        return MADE_UP_AADHAAR[original[0] != "0"] + made_up[1:]
    return made_up
