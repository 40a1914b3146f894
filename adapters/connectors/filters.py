"""Filters in placeholders: `{name|squeeze|max_bytes 60}`. They change a value before it is sent."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from adapters.mapping.code_tables import CodeTable
from adapters.mapping.iso_dates import EPOCHS, write_epoch
from adapters.mapping.kruti_dev import to_kruti_dev
from adapters.mapping.letters import cut_to_bytes
from adapters.mapping.varying_dates import MONTHS, SHORT_NAMES

FILTER = r"\|[a-z_]+(?: (?:\||[^{}|]*))?"
FILTER_PARTS = re.compile(r"\|([a-z_]+)(?: (\||[^{}|]*))?")
_MOST = 100_000
Filter = Callable[[object], object]
_MONTH_NAMES = {"month": MONTHS, "mon": SHORT_NAMES}
_DATE_TOKENS = {"yyyy": "%Y", "mm": "%m", "dd": "%d", "HH": "%H", "MM": "%M", "SS": "%S"}
DATE_TOKEN = re.compile("|".join([*_MONTH_NAMES, *_DATE_TOKENS]))
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
MIN_CHARS = "min_chars"
"""Changes nothing: a shorter value is a misfit, which is reported before a write is accepted."""
_TRUE, _FALSE = frozenset(("true", "yes", "y", "1")), frozenset(("false", "no", "n", "0"))


def _number(value: object) -> object:
    """Return the number that a text is; other values as they are."""
    text = str(value).strip()
    if not re.fullmatch(r"-?\d{1,15}(\.\d{1,15})?", text):
        return value
    return float(text) if "." in text else int(text)


def _boolean(value: object) -> object:
    """Return what a word such as `yes` means; other values as they are."""
    word = str(value).strip().casefold()
    return word in _TRUE if word in _TRUE | _FALSE else value


_TYPED: dict[str, Filter] = {"number": _number, "boolean": _boolean}
FILTERS = frozenset({*_SIMPLE, *_SIZED, *_TYPED, MIN_CHARS, "join", "code"})
"""Names of the filters."""
CODE_TABLES = "|code"
"""Key of bindings at which the code tables of the filter `code` are. It is no placeholder."""


def filtered(value: Any, filters: str, bindings: Mapping[str, object]) -> Any:
    """Return a value after filters such as `|squeeze|max_bytes 60`.

    Raises:
        NoCodeError: a code table has no code for the value.
    """
    for change in compile_filters(filters) if filters else ():
        if isinstance(change, CodeFilter):
            tables: Any = bindings.get(CODE_TABLES, {})
            value = change.translate(value, tables)
        else:
            value = change(value)
    return value


def written(value: object, date_format: str | None) -> str:
    """Return a value as text; the elements of a list are joined by commas."""
    if isinstance(value, list | tuple):
        return ",".join(written(each, date_format) for each in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.date) and date_format in EPOCHS:
        if not isinstance(value, dt.datetime):
            value = dt.datetime.combine(value, dt.time(), dt.UTC)
        return write_epoch(value, date_format)
    if isinstance(value, dt.date) and date_format and date_format != "iso":
        return DATE_TOKEN.sub(lambda m: _date_part(value, m[0]), date_format)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _date_part(value: dt.date, token: str) -> str:
    # `strftime` would write names of months in the server's language.
    names = _MONTH_NAMES.get(token)
    return value.strftime(_DATE_TOKENS[token]) if names is None else names[value.month - 1]


class NoCodeError(ValueError):
    """A code table has no code for a value; the message says which."""


@dataclass(frozen=True, slots=True)
class CodeFilter:
    """The filter `code TABLE`: replaces a value by the department's code for it.

    Attributes:
        table: name of the code table.
    """

    table: str

    def translate(self, value: object, tables: Mapping[str, CodeTable]) -> object:
        """Return the code of a value, or the codes of a list of values.

        Raises:
            NoCodeError: the table has no code for a value.
        """
        if isinstance(value, list | tuple):
            return [self.translate(each, tables) for each in value]
        code = tables[self.table].code_of(str(value)) if self.table in tables else None
        if code is None:
            raise NoCodeError(f"the code table {self.table!r} has no code for {str(value)!r}")
        return code


class UnknownFilterError(ValueError):
    """A filter does not exist, or its argument is wrong; the message says what to write."""


@cache
def compile_filters(written: str) -> "tuple[Filter | CodeFilter, ...]":
    """Return the functions for a text such as `|squeeze|max_bytes 60`, in order.

    Raises:
        UnknownFilterError: a filter does not exist, or its argument is wrong.
    """
    return tuple(_compile(match[1], match[2]) for match in FILTER_PARTS.finditer(written))


def _compile(name: str, argument: str | None) -> Filter | CodeFilter:
    if name == "join":
        if not argument:
            raise UnknownFilterError("`join` needs a separator, for example {keys|join ;}")
        return lambda value: _joined(value, argument)
    if name == "code":
        if not argument:
            raise UnknownFilterError("`code` needs a code table, for example {trade|code trades}")
        return CodeFilter(argument)
    if name in _SIMPLE or name in _TYPED:
        if argument is not None:
            raise UnknownFilterError(f"`{name}` has no argument: write {{name|{name}}}")
        return _on_texts(_SIMPLE[name]) if name in _SIMPLE else _on_values(_TYPED[name])
    if name in (*_SIZED, MIN_CHARS):
        if argument is None or not argument.isdecimal() or not 0 < int(argument) <= _MOST:
            raise UnknownFilterError(f"`{name}` needs a number, for example {{name|{name} 20}}")
        if name == MIN_CHARS:
            return lambda value: value
        return _on_texts(_SIZED[name](int(argument)))
    known = ", ".join(sorted(FILTERS))
    raise UnknownFilterError(f"there is no filter `{name}`; use one of: {known}")


def _joined(value: object, separator: str) -> str:
    """Join a list, or the values of a mapping. In a mapping, no value can add a separator."""
    if isinstance(value, Mapping):
        texts = (written(each, None) for each in value.values())
        return separator.join(text.replace(separator, " ") for text in texts)
    return separator.join(texts_of(value))


def texts_of(value: object) -> list[str]:
    """Return a value, or each value of a list, as text."""
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _on_values(change: Filter) -> Filter:
    """Return a filter that changes a value, or each value of a list."""

    def apply(value: object) -> object:
        return [*map(change, value)] if isinstance(value, list | tuple) else change(value)

    return apply


def _on_texts(change: Callable[[str], str]) -> Filter:
    """Return a filter that changes a value, or each value of a list."""

    def apply(value: object) -> object:
        if isinstance(value, list | tuple):
            return [change(str(each)) for each in value]
        return change(str(value))

    return apply
