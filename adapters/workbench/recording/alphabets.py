"""Letters and digits that may stand for one another: of the same script, case and kind."""

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
    """Those that may stand for it, itself among them; alone where nothing else may.

    Signs of Devanagari stay where they are: another would make no syllable.
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
    """Whether it comes back from upper case, as one letter."""
    return len(letter.upper()) == 1 and letter.upper().lower() == letter


def words_like(word: str) -> Iterator[str]:
    """Words of the same form, in order; not all of them where there are very many."""
    every = itertools.product(*(alphabet_of(letter) for letter in word))
    return ("".join(letters) for letters in itertools.islice(every, MOST_WORDS))
