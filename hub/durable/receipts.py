"""Receipt numbers: what the citizen keeps, and how the department refers to the submission.

A number is `CH`, 12 random characters and a check character, all in Crockford's Base32. The check
character detects every wrong character, and every two characters that were swapped.
"""

import re
import secrets

PREFIX = "CH"
RANDOM_CHARACTERS = 12
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_VALUES = {character: value for value, character in enumerate(_ALPHABET)}
_SPACING = re.compile(r"[\s-]+")
_READ_AS = str.maketrans("OIL", "011")
# Multiplication by x in the field GF(32), whose elements are polynomials modulo x^5 + x^2 + 1.
_MODULUS = 0b100101
_SIZE = 32


def new_receipt() -> str:
    """Return a new receipt number, for example `CH7K3M9QXT2VDAB`. It can't be guessed."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM_CHARACTERS))
    return PREFIX + body + _ALPHABET[_checksum(body)]


def parse_receipt(text: str) -> str | None:
    """Return the receipt number that a person wrote; None if it is not one.

    Small letters, spaces and hyphens are accepted, and the letters O, I and L for the digits that
    they look like.
    """
    written = _SPACING.sub("", text).upper()
    number = written.removeprefix(PREFIX).translate(_READ_AS)
    if not written.startswith(PREFIX) or len(number) != RANDOM_CHARACTERS + 1:
        return None
    body, check = number[:-1], number[-1]
    if any(each not in _VALUES for each in number) or _checksum(body) != _VALUES[check]:
        return None
    return PREFIX + number


def _checksum(body: str) -> int:
    """Return the value whose character makes the sum over the whole number zero."""
    total = 0
    for character in body:
        total = _times_x(total) ^ _VALUES[character]
    return _times_x(total)


def _times_x(value: int) -> int:
    doubled = value << 1
    return doubled ^ _MODULUS if doubled & _SIZE else doubled
