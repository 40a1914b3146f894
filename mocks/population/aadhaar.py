"""Aadhaar-like numbers that can belong to nobody.

A real number never starts with 0 or 1 and passes the Verhoeff check; these start with 0 or 1 and
fail it. On the wire only the reference key and the masked form are shown, as the Aadhaar Data
Vault rules ask.
"""

import random

_PERMUTE_ONCE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _multiply(left: int, right: int) -> int:
    """One product of the dihedral group of ten elements."""
    if left < 5:
        return (left + right) % 5 if right < 5 else (left + right - 5) % 5 + 5
    return (left - right - 5) % 5 + 5 if right < 5 else (left - right) % 5


def _permuted(digit: int, times: int) -> int:
    for _ in range(times % 8):
        digit = _PERMUTE_ONCE[digit]
    return digit


_PRODUCT = tuple(tuple(_multiply(left, right) for right in range(10)) for left in range(10))
_PERMUTED = tuple(tuple(_permuted(digit, times) for digit in range(10)) for times in range(8))


def passes_verhoeff(digits: str) -> bool:
    """Whether the last digit is the right check digit of the others (Verhoeff 1969)."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = _PRODUCT[check][_PERMUTED[position % 8][int(digit)]]
    return check == 0


def impossible_number(dice: random.Random) -> str:
    """Twelve digits, the first 0 or 1, the check digit wrong."""
    return spoiled(f"{dice.randrange(2)}{dice.randrange(10**10):010d}")


def spoiled(stem: str) -> str:
    """The stem and a check digit that is wrong: one more than the right one."""
    right = next(digit for digit in range(10) if passes_verhoeff(f"{stem}{digit}"))
    return f"{stem}{(right + 1) % 10}"


def masked(number: str) -> str:
    """`XXXXXXXX9123`: what a department may show."""
    return f"XXXXXXXX{number[-4:]}"
