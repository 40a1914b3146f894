"""Aadhaar-like numbers that cannot belong to a real person.

A real number never starts with 0 or 1 and passes the Verhoeff check. These numbers start with 0 or
1 and fail it. Departments send only the reference key and the masked number, as the rules of the
Aadhaar Data Vault require.
"""

import random

_PERMUTE_ONCE = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def _multiply(left: int, right: int) -> int:
    """Return a product in the dihedral group of ten elements."""
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
    """Return True if the last digit is the correct Verhoeff check digit of the others."""
    check = 0
    for position, digit in enumerate(reversed(digits)):
        check = _PRODUCT[check][_PERMUTED[position % 8][int(digit)]]
    return check == 0


def impossible_number(rng: random.Random) -> str:
    """Return twelve digits: the first is 0 or 1, the check digit is wrong."""
    return with_wrong_check_digit(f"{rng.randrange(2)}{rng.randrange(10**10):010d}")


def with_wrong_check_digit(stem: str) -> str:
    """Return the digits with a check digit that is one more than the correct one."""
    right = next(digit for digit in range(10) if passes_verhoeff(f"{stem}{digit}"))
    return f"{stem}{(right + 1) % 10}"


def masked(number: str) -> str:
    """Return the form that a department may show: `XXXXXXXX9123`."""
    return f"XXXXXXXX{number[-4:]}"
