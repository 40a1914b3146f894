"""Placeholders in a call: `{name}`, `{name:dd/mm/yyyy}` for dates, `{name|upper}` with filters.

A text that is exactly one placeholder becomes the value itself, so a list stays a list. In a longer
text, the value is written as text and lists are joined by commas. An entry with a placeholder that
has no value is left out. The entries of a mapping at the key `<<` become entries of the mapping
around it.
"""

import datetime as dt
import re
import uuid
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final

from adapters.connectors.filters import (
    DATE_TOKEN,
    FILTER,
    FILTER_PARTS,
    MIN_CHARS,
    NoCodeError,
    UnknownFilterError,
    compile_filters,
    filtered,
    texts_of,
    written,
)
from adapters.connectors.secrets import Referred
from adapters.contract import CallContext
from adapters.mapping.iso_dates import EPOCHS
from adapters.writes import Misfit, MisfitReason

_PLACEHOLDER = re.compile(rf"\{{([a-z_][a-z0-9_]*)(?::([^{{}}|]+))?((?:{FILTER})*)\}}")
_LIKE_A_PLACEHOLDER = re.compile(r"\{(\s*)(\w+)(\s*(?:[|:][^{}]*)?)\}")
_WRONG_DATE_PART = re.compile(r"[YDhsyd]|(?<![A-Za-z])m(?![A-Za-z])")
MERGED = "<<"
CONSTANTS: Mapping[str, bool] = {"true": True, "false": False}
"""Placeholders with the same value everywhere, because a manifest has texts only."""


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
    return {match[1] for match in _placeholders(template)} - CONSTANTS.keys()


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
    if _WRONG_DATE_PART.search(DATE_TOKEN.sub("", date_format)):
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
    return None if value is MISSING else written(value, None)


def _fill_text(template: str, bindings: Mapping[str, object]) -> Any:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        value = bindings.get(whole[1], CONSTANTS.get(whole[1]))
        if value is None:
            return MISSING
        if whole[2] or whole[1] == "now":
            value = written(value, whole[2])
        return filtered(value, whole[3], bindings)
    missing = False

    def write(match: re.Match[str]) -> str:
        nonlocal missing
        value = bindings.get(match[1], CONSTANTS.get(match[1]))
        if value is None:
            missing = True
            return ""
        if match[2]:
            value = written(value, match[2])
        return written(filtered(value, match[3], bindings), None)

    text = _PLACEHOLDER.sub(write, template)
    return MISSING if missing else text


def misfits_in(template: Any, bindings: Mapping[str, object]) -> Iterator[Misfit]:
    """Yield the values that do not fit the filters `max_bytes`, `min_chars` and `code`."""
    for match in _placeholders(template):
        value = bindings.get(match[1])
        if value is None:
            continue
        value = written(value, match[2]) if match[2] else value
        for each in FILTER_PARTS.finditer(match[3]):
            if each[1] == "max_bytes":
                most = int(each[2])
                if any(len(text.encode()) > most for text in texts_of(value)):
                    yield Misfit(match[1], MisfitReason.TOO_LONG, most)
            elif each[1] == MIN_CHARS:
                least = int(each[2])
                if any(len(text) < least for text in texts_of(value)):
                    yield Misfit(match[1], MisfitReason.TOO_SHORT, least)
            try:
                value = filtered(value, each[0], bindings)
            except NoCodeError:
                yield Misfit(match[1], MisfitReason.NO_CODE)
                break


def code_tables_in(template: Any) -> set[tuple[str, str]]:
    """Return the placeholders with the filter `code`, each with the name of the code table."""
    return {
        (match[1], each[2])
        for match in _placeholders(template)
        for each in FILTER_PARTS.finditer(match[3])
        if each[1] == "code" and each[2]
    }


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
