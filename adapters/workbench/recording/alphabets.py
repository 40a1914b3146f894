"""Alphabets for pseudonyms: letters and digits of the same script, case and category."""

import functools
import itertools
import unicodedata
from collections.abc import Iterator

CONSONANTS = "कखगघचछजझटठडढतथदधनपफबभमयरलवशषसह"
VOWELS = "अआइईउऊएऐओऔ"
LATIN = "abcdefghijklmnopqrstuvwxyz"
DEVANAGARI = ("\u0900", "\u0963")
BLOCK = 128
MOST_WORDS = 200_000


@functools.cache
def alphabet_of(letter: str) -> str:
    """Return the letters that may replace `letter`, including itself.

    Returns: `letter` alone if nothing may replace it. Vowel signs of Devanagari are kept, because
        another sign may not form a syllable.
    """
    if letter.isdecimal():
        zero = ord(letter) - unicodedata.decimal(letter)
        return "".join(chr(zero + value) for value in range(10))
    lowered = letter.lower()
    for known in (LATIN, CONSONANTS, VOWELS):
        if lowered in known:
            return known
    if DEVANAGARI[0] <= letter <= DEVANAGARI[1]:
        return letter
    first = ord(letter) // BLOCK * BLOCK
    kind = unicodedata.category(letter)
    block = [chr(code) for code in range(first, first + BLOCK)]
    alike = "".join(
        each for each in block if unicodedata.category(each) == kind and _keeps_its_width(each)
    )
    return alike if letter in alike else letter


def _keeps_its_width(letter: str) -> bool:
    """Return True if the letter survives upper-casing and lower-casing as one letter."""
    return len(letter.upper()) == 1 and letter.upper().lower() == letter


def words_like(word: str) -> Iterator[str]:
    """Yield words of the same form in order, at most `MOST_WORDS`."""
    every = itertools.product(*(alphabet_of(letter) for letter in word))
    return ("".join(letters) for letters in itertools.islice(every, MOST_WORDS))
