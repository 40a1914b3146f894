"""Placeholders in a call: `{name}`, `{name:dd/mm/yyyy}` for dates, `{name|upper}` with filters.

A text that is exactly one placeholder becomes the value itself, so a list stays a list. In a longer
text, the value is written as text and lists are joined by commas. An entry with a placeholder that
has no value is left out. The entries of a mapping at the key `<<` become entries of the mapping
around it.
"""

import datetime as dt
import re
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from adapters.connectors.secrets import Referred
from adapters.contract import CallContext
from adapters.mapping.code_tables import CodeTable
from adapters.mapping.iso_dates import EPOCHS, write_epoch
from adapters.mapping.kruti_dev import to_kruti_dev
from adapters.mapping.letters import cut_to_bytes
from adapters.mapping.varying_dates import MONTHS, SHORT_NAMES

FILTER = r"\|[a-z_]+(?: (?:\||[^{}|]*))?"
_FILTER = re.compile(r"\|([a-z_]+)(?: (\||[^{}|]*))?")
_MOST = 100_000
Filter = Callable[[object], object]
_PLACEHOLDER = re.compile(rf"\{{([a-z_][a-z0-9_]*)(?::([^{{}}|]+))?((?:{FILTER})*)\}}")
_MONTH_NAMES = {"month": MONTHS, "mon": SHORT_NAMES}
_DATE_TOKENS = {"yyyy": "%Y", "mm": "%m", "dd": "%d", "HH": "%H", "MM": "%M", "SS": "%S"}
_DATE_TOKEN = re.compile("|".join([*_MONTH_NAMES, *_DATE_TOKENS]))
_LIKE_A_PLACEHOLDER = re.compile(r"\{(\s*)(\w+)(\s*(?:[|:][^{}]*)?)\}")
_WRONG_DATE_PART = re.compile(r"[YDhsyd]|(?<![A-Za-z])m(?![A-Za-z])")
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
FILTERS = frozenset({*_SIMPLE, *_SIZED, "join", "code"})
"""Names of the filters."""
MERGED = "<<"
CODE_TABLES = "|code"
"""Key of bindings at which the code tables of the filter `code` are. It is no placeholder."""


class _Missing:
    """Marks an entry with a placeholder that has no value."""


MISSING: Final = _Missing()
DATES = frozenset({"birth_date", "since", "now", "submitted_at", "applicant_birth_date"})
"""Placeholders for dates."""
CALLER = "caller"
CALLER_TOKEN = "caller_token"  # noqa: S105
REQUEST_VALUES = frozenset({"request_id", "now", CALLER, CALLER_TOKEN})
"""Placeholders that every call may contain. `caller` names the person that the operation acts for;
`caller_token` is a token of the hub that proves it."""


def _placeholders(template: Any) -> Iterator[re.Match[str]]:
    """Yield all placeholders in a text, or in nested lists and mappings of texts."""
    for text in _texts_in(template):
        yield from _PLACEHOLDER.finditer(text)


def placeholders_in(template: Any) -> set[str]:
    """Return the names of all placeholders in a text, or in nested lists and mappings of texts."""
    return {match[1] for match in _placeholders(template)}


def wrong_filters_in(template: Any, dates: Collection[str] = DATES) -> set[str]:
    """Return a message for each wrong filter or date format in a text, or in nested values.

    `dates` are the placeholders for dates.
    """
    wrong: set[str] = set()
    for match in _placeholders(template):
        try:
            compile_filters(match[3])
        except UnknownFilterError as error:
            wrong.add(str(error))
        if match[2]:
            wrong |= _wrong_date_format(match[1], match[2], dates)
    return wrong


def _wrong_date_format(name: str, date_format: str, dates: Collection[str]) -> set[str]:
    if name not in dates:
        return {f"{{{name}}} is not a date: remove `:{date_format}`"}
    if date_format in EPOCHS or date_format == "iso":
        return set()
    if _WRONG_DATE_PART.search(_DATE_TOKEN.sub("", date_format)):
        return {f"write `{date_format}` with yyyy, mm, month, mon, dd, HH, MM and SS"}
    return set()


def wrong_placeholders_in(template: Any, known: Collection[str]) -> set[str]:
    """Return the texts in braces that look like placeholders, but would be sent as they are.

    `known` are the names of placeholders.
    """
    wrong: set[str] = set()
    for text in _texts_in(template):
        for match in _LIKE_A_PLACEHOLDER.finditer(_PLACEHOLDER.sub("", text)):
            has_more = match[3].strip()[:1] == "|" or (match[3] and match[2].lower() in known)
            if has_more or (match[2].lower() in known and not match[1]):
                wrong.add(match[0])
    return wrong


def _texts_in(template: Any) -> Iterator[str]:
    if isinstance(template, str):
        if not isinstance(template, Referred):
            yield template
    elif isinstance(template, Mapping | list):
        for each in template.values() if isinstance(template, Mapping) else template:
            yield from _texts_in(each)


def fill(template: Any, bindings: Mapping[str, object]) -> Any:
    """Return the template with its placeholders filled; `MISSING` if nothing is left of it."""
    if isinstance(template, Referred):
        # Credentials are not templates: braces in them are kept.
        return str(template)
    if isinstance(template, str):
        return _fill_text(template, bindings)
    if isinstance(template, Mapping):
        filled = {key: fill(value, bindings) for key, value in template.items()}
        kept = {key: value for key, value in filled.items() if value is not MISSING}
        if MERGED in kept:
            kept = _merged(kept)
        return kept if kept or not template else MISSING
    if isinstance(template, list):
        return [value for each in template if (value := fill(each, bindings)) is not MISSING]
    return template


def _merged(filled: Mapping[str, Any]) -> dict[str, Any]:
    """Return the mapping with the entries of its inner mapping `<<` in that position."""
    merged: dict[str, Any] = {}
    for key, value in filled.items():
        merged |= value if key == MERGED and isinstance(value, Mapping) else {key: value}
    return merged


def fill_to_text(template: str, bindings: Mapping[str, object]) -> str | None:
    """Return the filled template as one text; None if a placeholder has no value."""
    if isinstance(template, Referred):
        return str(template)
    value = _fill_text(template, bindings)
    return None if value is MISSING else _written(value, None)


def _fill_text(template: str, bindings: Mapping[str, object]) -> Any:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        value = bindings.get(whole[1])
        if value is None:
            return MISSING
        if whole[2] or whole[1] == "now":
            value = _written(value, whole[2])
        return _filtered(value, whole[3], bindings)
    missing = False

    def write(match: re.Match[str]) -> str:
        nonlocal missing
        value = bindings.get(match[1])
        if value is None:
            missing = True
            return ""
        if match[2]:
            value = _written(value, match[2])
        return _written(_filtered(value, match[3], bindings), None)

    text = _PLACEHOLDER.sub(write, template)
    return MISSING if missing else text


def _filtered(value: Any, filters: str, bindings: Mapping[str, object]) -> Any:
    for change in compile_filters(filters) if filters else ():
        if isinstance(change, CodeFilter):
            tables: Any = bindings.get(CODE_TABLES, {})
            value = change.translate(value, tables)
        else:
            value = change(value)
    return value


def too_long_in(template: Any, bindings: Mapping[str, object]) -> Iterator[tuple[str, int]]:
    """Yield each placeholder whose value the filter `max_bytes` would cut, with that limit.

    Raises:
        NoCodeError: a code table has no code for a value.
    """
    for match in _placeholders(template):
        value = bindings.get(match[1])
        if value is None:
            continue
        value = _written(value, match[2]) if match[2] else value
        for each in _FILTER.finditer(match[3]):
            if each[1] == "max_bytes":
                most = int(each[2])
                if any(len(text.encode()) > most for text in _texts_of(value)):
                    yield match[1], most
            value = _filtered(value, each[0], bindings)


def code_tables_in(template: Any) -> set[tuple[str, str]]:
    """Return the placeholders with the filter `code`, each with the name of the code table."""
    return {
        (match[1], each[2])
        for match in _placeholders(template)
        for each in _FILTER.finditer(match[3])
        if each[1] == "code" and each[2]
    }


def _written(value: object, date_format: str | None) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_written(each, date_format) for each in value)
    if isinstance(value, dt.datetime) and date_format in EPOCHS:
        return write_epoch(value, date_format)
    if isinstance(value, dt.date) and date_format and date_format != "iso":
        return _DATE_TOKEN.sub(lambda m: _date_part(value, m[0]), date_format)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _date_part(value: dt.date, token: str) -> str:
    # `strftime` would write names of months in the server's language.
    names = _MONTH_NAMES.get(token)
    return value.strftime(_DATE_TOKENS[token]) if names is None else names[value.month - 1]


def request_values(
    names: Collection[str], timezone: dt.tzinfo, department: str, context: CallContext
) -> dict[str, object]:
    """Return the values of these `REQUEST_VALUES`, for one attempt of a call.

    The current time is in the department's `timezone`. A value that is unknown is None.
    """
    values: dict[str, object] = {}
    if CALLER in names:
        values[CALLER] = context.caller or None
    if CALLER_TOKEN in names:
        token = context.caller_token
        values[CALLER_TOKEN] = token(department) if token is not None else None
    if "request_id" in names:
        # Each attempt gets its own: departments refuse an identifier that they have seen.
        values["request_id"] = str(uuid.uuid4())
    if "now" in names:
        values["now"] = dt.datetime.now(timezone).replace(microsecond=0)
    return values


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
    return tuple(_compile(match[1], match[2]) for match in _FILTER.finditer(written))


def _compile(name: str, argument: str | None) -> Filter | CodeFilter:
    if name == "join":
        if not argument:
            raise UnknownFilterError("`join` needs a separator, for example {keys|join ;}")
        return lambda value: _joined(value, argument)
    if name == "code":
        if not argument:
            raise UnknownFilterError("`code` needs a code table, for example {trade|code trades}")
        return CodeFilter(argument)
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


def _joined(value: object, separator: str) -> str:
    """Join a list, or the values of a mapping. In a mapping, no value can add a separator."""
    if isinstance(value, Mapping):
        texts = (_written(each, None) for each in value.values())
        return separator.join(text.replace(separator, " ") for text in texts)
    return separator.join(_texts_of(value))


def _texts_of(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list | tuple) else [str(value)]


def _on_texts(change: Callable[[str], str]) -> Filter:
    """Return a filter that changes a value, or each value of a list."""

    def apply(value: object) -> object:
        if isinstance(value, list | tuple):
            return [change(str(each)) for each in value]
        return change(str(value))

    return apply
