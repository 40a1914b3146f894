"""Reading single values: text, numbers, truth, money. Each reader takes whatever the wire gave.

A reader gives None for "no value" and raises ValueError or TypeError when the value does not fit.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

import orjson

from schema.money import Money

TextReader = Callable[[object], str | None]

TRUE = frozenset({"y", "yes", "true", "1"})
FALSE = frozenset({"n", "no", "false", "0"})


def text_reader(absent: frozenset[str]) -> TextReader:
    """Trims, squeezes blanks, and takes the texts of `absent` for no value."""

    def text(value: object) -> str | None:
        if value is None:
            return None
        if value.__class__ is not str:
            if isinstance(value, dict | list | bytes):
                raise TypeError(f"expected a text, got {type(value).__name__}")
            value = str(value)
        stripped: str = value.strip()
        # Blanks to squeeze are two spaces, or any other white space: that is never printable.
        if "  " in stripped or not stripped.isprintable():
            stripped = " ".join(stripped.split())
        return None if stripped in absent else stripped

    return text


def integer_reader(text: TextReader) -> Callable[[object], int | None]:
    def read(value: object) -> int | None:
        if type(value) is int:
            return value
        string = text(value)
        return None if string is None else int(string)

    return read


def number_reader(text: TextReader) -> Callable[[object], float | None]:
    def read(value: object) -> float | None:
        if type(value) is float:
            return value
        string = text(value)
        return None if string is None else float(string)

    return read


def truth_reader(text: TextReader) -> Callable[[object], bool | None]:
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


def membership_reader(words: Collection[str], text: TextReader) -> Callable[[object], bool | None]:
    """True for the given texts, false for every other."""

    def read(value: object) -> bool | None:
        string = text(value)
        return None if string is None else string in words

    return read


def money_reader(
    unit: Literal["rupees", "paise"], text: TextReader
) -> Callable[[object], Money | None]:
    factor = 100 if unit == "rupees" else 1

    def read(value: object) -> Money | None:
        string = text(value)
        if string is None:
            return None
        try:
            paise = Decimal(string) * factor
            if not paise.is_finite() or paise != paise.to_integral_value():
                raise ValueError(string)
        except InvalidOperation:
            raise ValueError(string) from None
        return Money(amount=int(paise))

    return read


def as_list(value: object) -> Sequence[Any]:
    """A repeated element: several come as a list, a single one as an object, none as nothing."""
    if isinstance(value, list):
        return value
    if value is None or value == "":
        return ()
    if isinstance(value, Mapping):
        return (value,)
    raise TypeError(f"expected rows, got {type(value).__name__}")


def from_json(value: object) -> Any:
    """A JSON text's value; anything else as it is (drivers may have decoded it already)."""
    return orjson.loads(value) if isinstance(value, str | bytes) else value
