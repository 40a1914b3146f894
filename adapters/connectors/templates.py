"""Placeholders in a call: `{name}` or, for dates, `{name:dd/mm/yyyy}`.

A text that is one placeholder becomes the value itself (a list stays a list); within a longer text
the value is written out, lists joined by commas. A placeholder without a value drops its entry.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Any, Final

from adapters.connectors.secrets import Referred

_PLACEHOLDER = re.compile(r"\{([a-z_]+)(?::([^{}]+))?\}")
_DATE_TOKENS = {"yyyy": "%Y", "mm": "%m", "dd": "%d", "HH": "%H", "MM": "%M", "SS": "%S"}


class _Missing:
    """Marks an entry whose placeholder has no value."""


MISSING: Final = _Missing()


def placeholders_in(template: Any) -> set[str]:
    """Names of all placeholders in a text or in nested lists and mappings of texts."""
    if isinstance(template, str):
        return {match[1] for match in _PLACEHOLDER.finditer(template)}
    if isinstance(template, Mapping):
        return set().union(*map(placeholders_in, template.values())) if template else set()
    if isinstance(template, list):
        return set().union(*map(placeholders_in, template)) if template else set()
    return set()


def fill(template: Any, bindings: Mapping[str, object]) -> Any:
    """The template with its placeholders filled; `MISSING` when it has nothing to say."""
    if isinstance(template, Referred):
        # A credential is what it is, braces and all.
        return str(template)
    if isinstance(template, str):
        return _fill_text(template, bindings)
    if isinstance(template, Mapping):
        filled = {key: fill(value, bindings) for key, value in template.items()}
        kept = {key: value for key, value in filled.items() if value is not MISSING}
        return kept if kept or not template else MISSING
    if isinstance(template, list):
        return [value for each in template if (value := fill(each, bindings)) is not MISSING]
    return template


def fill_to_text(template: str, bindings: Mapping[str, object]) -> str | None:
    """Like `fill`, as one text; None when a placeholder has no value."""
    value = _fill_text(template, bindings)
    return None if value is MISSING else _written(value, None)


def _fill_text(template: str, bindings: Mapping[str, object]) -> Any:
    whole = _PLACEHOLDER.fullmatch(template)
    if whole:
        value = bindings.get(whole[1])
        if value is None:
            return MISSING
        return _written(value, whole[2]) if whole[2] else value
    missing = False

    def write(match: re.Match[str]) -> str:
        nonlocal missing
        value = bindings.get(match[1])
        if value is None:
            missing = True
            return ""
        return _written(value, match[2])

    text = _PLACEHOLDER.sub(write, template)
    return MISSING if missing else text


def _written(value: object, date_format: str | None) -> str:
    if isinstance(value, list | tuple):
        return ",".join(_written(each, date_format) for each in value)
    if isinstance(value, dt.date) and date_format:
        return re.sub(
            "|".join(_DATE_TOKENS), lambda m: value.strftime(_DATE_TOKENS[m[0]]), date_format
        )
    return value.isoformat() if isinstance(value, dt.date) else str(value)
