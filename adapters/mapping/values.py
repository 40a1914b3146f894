"""Functions that read single values: texts, numbers, truth values, money.

A reader accepts any raw value. It returns None for "no value", and raises ValueError or TypeError
if the value does not fit.
"""

import base64
import binascii
import math
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any, Literal

from adapters.mapping.json_values import read_json
from schema.scalars import MOST_PAISE, Paise
from schema.service import Money

TextReader = Callable[[object], str | None]

MOST_DIGITS = 15
"""Maximum exponent of an integer or an amount of money."""
LEAST_INT, MOST_INT = -(2**31), 2**31 - 1
"""Range of GraphQL's Int (3.5.1). A value beyond it becomes a warning, not a failed query."""
MOST_CHARACTERS = 1000
"""Maximum length of a number, in characters."""
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")
_WRITTEN = re.compile(
    r"(?P<sign>-)?(?:(?:Rs\.?|INR|₹|रु\.?)\s*)?"
    r"(?P<whole>[0-9]+|[0-9]{1,2}(?:,[0-9]{2})*,[0-9]{3}|[0-9]{1,3}(?:,[0-9]{3})+)"
    r"(?P<rest>\.[0-9]+)?(?:\s*/-)?",
    re.IGNORECASE,
)

TRUE = frozenset({"y", "yes", "true", "1"})
FALSE = frozenset({"n", "no", "false", "0"})


def text_reader(absent: frozenset[str]) -> TextReader:
    """Return a function that trims a text and removes repeated blanks; None for absent texts."""

    def text(value: object) -> str | None:
        if value is None:
            return None
        if value.__class__ is not str:
            if isinstance(value, dict | list | bytes):
                raise TypeError(f"expected a text, got {type(value).__name__}")
            # JSON and XML write truth values in lower case.
            value = str(value).lower() if isinstance(value, bool) else str(value)
        stripped: str = value.strip()
        # White space other than a single space is never printable.
        if "  " in stripped or not stripped.isprintable():
            stripped = " ".join(stripped.split())
            # Raises ValueError for bytes in another character set (`surrogateescape`).
            stripped.encode()
        return None if stripped in absent else stripped

    return text


def exact_number(text: str) -> Decimal:
    """Return the number that a text in ASCII digits represents, as JSON and XML write it.

    Python's own conversions also accept `1_000`, `Infinity`, `NaN` and the digits of all scripts.

    Raises:
        ValueError: the text is not a number.
    """
    if len(text) > MOST_CHARACTERS or _NUMBER.fullmatch(text) is None:
        raise ValueError(text)
    return Decimal(text)


def integer_reader(text: TextReader) -> Callable[[object], int | None]:
    """Return a function that reads a whole number in the range of GraphQL's Int.

    It accepts `4.0`, because many systems store all numbers as decimals.
    """

    def read(value: object) -> int | None:
        if type(value) is int:
            number = value
        else:
            string = text(value)
            if string is None:
                return None
            exact = exact_number(string)
            # Checked before the conversion: `1e9999` has too many digits.
            if exact.adjusted() > MOST_DIGITS or exact != exact.to_integral_value():
                raise ValueError(string)
            number = int(exact)
        if not LEAST_INT <= number <= MOST_INT:
            raise ValueError(number)
        return number

    return read


def number_reader(text: TextReader) -> Callable[[object], float | None]:
    """Return a function that reads a finite number."""

    def read(value: object) -> float | None:
        if type(value) is float:
            number = value
        else:
            string = text(value)
            if string is None:
                return None
            number = float(exact_number(string))
        if not math.isfinite(number):
            raise ValueError(number)
        return number

    return read


def truth_reader(text: TextReader) -> Callable[[object], bool | None]:
    """Return a function that reads truth values such as `Y`, `no`, `true`, `0`."""

    def read(value: object) -> bool | None:
        if type(value) is bool:
            return value
        string = text(value)
        if string is None:
            return None
        folded = string.lower()
        if folded in TRUE:
            return True
        if folded in FALSE:
            return False
        raise ValueError(string)

    return read


def binary_reader(text: TextReader) -> Callable[[object], bytes | None]:
    """Return a function that reads a file: bytes, or a text in base64."""

    def read(value: object) -> bytes | None:
        if isinstance(value, bytes | bytearray | memoryview):
            return bytes(value) or None
        string = text(value)
        if string is None:
            return None
        try:
            return base64.b64decode("".join(string.split()), validate=True)
        except binascii.Error:
            raise ValueError("the text is not base64") from None

    return read


def membership_reader(words: Collection[str], text: TextReader) -> Callable[[object], bool | None]:
    """Return a function that returns True for these texts and False for all others."""

    def read(value: object) -> bool | None:
        string = text(value)
        return None if string is None else string in words

    return read


def money_reader(
    unit: Literal["rupees", "paise"], text: TextReader
) -> Callable[[object], Money | None]:
    """Return a function that reads an amount of money in the department's unit."""
    factor = 100 if unit == "rupees" else 1

    def read(value: object) -> Money | None:
        string = text(value)
        if string is None:
            return None
        try:
            amount = exact_number(string)
        except ValueError:
            amount = written_amount(string)
        if amount.adjusted() > MOST_DIGITS:
            raise ValueError(string)
        paise = amount * factor
        if paise != paise.to_integral_value() or abs(paise) > MOST_PAISE:
            raise ValueError(string)
        return Money(amount=Paise(int(paise)))

    return read


def written_amount(text: str) -> Decimal:
    """Read an amount as people write it: `Rs. 3,00,000.00`, `₹300`, `3,000/-`.

    Commas may group digits in the Indian way (3,00,000) or the international way (300,000).

    Raises:
        ValueError: the text is not an amount.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        raise ValueError(text)
    return Decimal((match["sign"] or "") + match["whole"].replace(",", "") + (match["rest"] or ""))


def as_list(value: object) -> Sequence[Any]:
    """Return repeated elements as a list: XML has a single one without a list, or none at all.

    PHP sends a list as an object with numbers as names if it was filtered.

    Raises:
        TypeError: the value is neither a list nor an object.
    """
    if isinstance(value, list):
        return value
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        is_php = value and all(
            str(name).isdecimal() and (each is None or isinstance(each, Mapping))
            for name, each in value.items()
        )
        return list(value.values()) if is_php else (value,)
    raise TypeError(f"expected rows, got {type(value).__name__}")


def from_json(value: object) -> Any:
    """Return the value of a JSON text; return other values unchanged, as drivers may decode it."""
    return read_json(value)[0] if isinstance(value, str | bytes) else value
