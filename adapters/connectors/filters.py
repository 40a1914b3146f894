"""Filters of placeholders, which change a value before sending: `{name|squeeze|max_bytes 60}`."""

import re
from collections.abc import Callable
from functools import cache

from adapters.mapping.kruti_dev import to_kruti_dev
from adapters.mapping.letters import cut_to_bytes

FILTER = r"\|[a-z_]+(?: (?:\||[^{}|]*))?"
_FILTER = re.compile(r"\|([a-z_]+)(?: (\||[^{}|]*))?")
_MOST = 100_000

Filter = Callable[[object], object]


class UnknownFilterError(ValueError):
    """A filter does not exist, or its argument is wrong; the message says what to write."""


@cache
def compile_filters(written: str) -> tuple[Filter, ...]:
    """Return the functions for a text such as `|squeeze|max_bytes 60`, in order.

    Raises:
        UnknownFilterError: a filter does not exist, or its argument is wrong.
    """
    return tuple(_compile(match[1], match[2]) for match in _FILTER.finditer(written))


def _compile(name: str, argument: str | None) -> Filter:
    if name == "join":
        if not argument:
            raise UnknownFilterError("`join` needs a separator, for example {keys|join ;}")
        return lambda value: argument.join(_texts_of(value))
    if name in _SIMPLE:
        if argument is not None:
            raise UnknownFilterError(f"`{name}` has no argument: write {{name|{name}}}")
        return _on_texts(_SIMPLE[name])
    if name in _SIZED:
        if argument is None or not argument.isdecimal() or not 0 < int(argument) <= _MOST:
            raise UnknownFilterError(f"`{name}` needs a number, for example {{name|{name} 20}}")
        return _on_texts(_SIZED[name](int(argument)))
    known = ", ".join(sorted(FILTERS))
    raise UnknownFilterError(f"there is no filter `{name}`; use one of: {known}")


def _texts_of(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _on_texts(change: Callable[[str], str]) -> Filter:
    """Return a filter that changes a value, or each value of a list."""

    def apply(value: object) -> object:
        if isinstance(value, list | tuple):
            return [change(str(each)) for each in value]
        return change(str(value))

    return apply


_SIMPLE: dict[str, Callable[[str], str]] = {
    "kruti_dev": to_kruti_dev,
    "lower": str.lower,
    # Also removes control characters, because many old systems end a field at the first one.
    "squeeze": lambda text: " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split()),
    "upper": str.upper,
}
_SIZED: dict[str, Callable[[int], Callable[[str], str]]] = {
    "max_bytes": lambda most: lambda text: cut_to_bytes(text, most),
    "pad": lambda length: lambda text: text.ljust(length),
    "zeros": lambda length: lambda text: text.rjust(length, "0"),
}
FILTERS = frozenset({*_SIMPLE, *_SIZED, "join"})
"""Names of the filters."""
