"""Checks the values of a form against the service's definition in the catalogue."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from schema.form import AttributeCondition, AttributeType, ServiceAttribute
from schema.problem_codes import ProblemCode
from schema.submission_inputs import AttributeValueInput
from schema.submission_problem import AttributeProblem, attribute_problem

Value = str | int | float | list[str]
"""A checked value, as JSON has it. Days and moments are texts (ISO 8601)."""

MOST_SECONDS_OF_OFFSET = 14 * 3600
_HINDI_DIGITS = str.maketrans("०१२३४५६७८९", "0123456789")
_NUMBER = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
_LINES = frozenset("\n\t")
_JOINERS = frozenset("\u200c\u200d")
"""Characters of category Cf that Devanagari needs."""


@dataclass(slots=True)
class CheckedForm:
    """The result of a check.

    Attributes:
        values: the values without problems, by code, in the order of the form.
        problems: at most one for each field.
    """

    values: dict[str, Value] = field(default_factory=dict)
    problems: list[AttributeProblem] = field(default_factory=list)


class _RefusedError(Exception):
    """A value is not right."""

    def __init__(self, code: ProblemCode, **values: object) -> None:
        super().__init__(code)
        self.code = code
        self.values = values


def check_form(
    attributes: Sequence[ServiceAttribute], given: Iterable[AttributeValueInput]
) -> CheckedForm:
    """Check the values of a form.

    A field is visible if its condition is met by a value without problems.
    """
    checked = CheckedForm()
    sent: dict[str, list[AttributeValueInput]] = {}
    for each in given:
        sent.setdefault(each.code, []).append(each)
    fields = [each for each in attributes if each.variable]
    known = {each.code for each in fields}
    checked.problems += [
        attribute_problem(code, ProblemCode.UNKNOWN_FIELD) for code in sent if code not in known
    ]
    for attribute in sorted(fields, key=lambda each: each.order):
        code = attribute.code
        try:
            value = _checked(attribute, sent.get(code, ()), checked.values)
        except _RefusedError as refused:
            checked.problems.append(attribute_problem(code, refused.code, **refused.values))
        else:
            if value is not None:
                checked.values[code] = value
    return checked


def is_met(condition: AttributeCondition | None, values: Mapping[str, object]) -> bool:
    """Return whether a condition on a field is met; True if there is no condition."""
    if condition is None:
        return True
    value = values.get(condition.attribute)
    chosen = value if isinstance(value, list) else [] if value is None else [_written(value)]
    return any(each in condition.one_of for each in chosen)


def clean_text(text: str, *, lines: bool) -> str | None:
    """Return a text in Unicode's composed form, without blanks around it.

    Args:
        lines: whether it may have line breaks.

    Returns: None if it contains characters that cannot be shown.
    """
    composed = unicodedata.normalize("NFC", text.replace("\r\n", "\n")).strip()
    for character in composed:
        category = unicodedata.category(character)
        if category in ("Cc", "Cs", "Co", "Cn") and not (lines and character in _LINES):
            return None
        if category in ("Cf", "Zl", "Zp") and character not in _JOINERS:
            return None
    return composed


def _checked(
    attribute: ServiceAttribute,
    given: Sequence[AttributeValueInput],
    values: Mapping[str, object],
) -> Value | None:
    """Return the value of a field; None if it is empty or not visible.

    Raises:
        _RefusedError: it is not right.
    """
    if len(given) > 1:
        raise _RefusedError(ProblemCode.REPEATED)
    value = _entered(attribute, given[0]) if given else None
    if not is_met(attribute.visible_if, values):
        if value is not None:
            raise _RefusedError(ProblemCode.NOT_SHOWN)
        return None
    if value is None:
        if attribute.required:
            raise _RefusedError(ProblemCode.REQUIRED)
        return None
    if isinstance(value, list):
        return _options(attribute, value)
    return _CHECKS[attribute.datatype](attribute, value)


def _entered(attribute: ServiceAttribute, given: AttributeValueInput) -> str | list[str] | None:
    """Return what was entered; None if nothing was."""
    values = [each for each in given.values or () if each.strip()]
    value = given.value if given.value is not None and given.value.strip() else None
    if attribute.datatype is AttributeType.MULTI_VALUE_LIST:
        if value is not None:
            values.append(value)
        return values or None
    if not values:
        return value
    if value is not None or len(values) > 1:
        raise _RefusedError(ProblemCode.ONE_VALUE_ONLY)
    return values[0]


def _options(attribute: ServiceAttribute, chosen: Sequence[str]) -> list[str]:
    keys = [each.key for each in attribute.options]
    if any(each not in keys for each in chosen):
        raise _RefusedError(ProblemCode.NOT_AN_OPTION)
    if len(set(chosen)) < len(chosen):
        raise _RefusedError(ProblemCode.REPEATED)
    return [each for each in keys if each in chosen]


def _option(attribute: ServiceAttribute, value: str) -> str:
    return _options(attribute, [value])[0]


def _text(attribute: ServiceAttribute, value: str) -> str:
    text = clean_text(value, lines=attribute.datatype is AttributeType.TEXT)
    if text is None:
        raise _RefusedError(ProblemCode.UNREADABLE_TEXT)
    if attribute.min_length is not None and len(text) < attribute.min_length:
        raise _RefusedError(ProblemCode.TOO_SHORT, limit=attribute.min_length)
    if attribute.max_length is not None and len(text) > attribute.max_length:
        raise _RefusedError(ProblemCode.TOO_LONG, limit=attribute.max_length)
    if attribute.pattern is not None:
        pattern = _compiled(attribute.pattern)
        if not pattern.fullmatch(text):
            # For example a telephone number that was typed on a Hindi keyboard.
            text = text.translate(_HINDI_DIGITS)
        if not pattern.fullmatch(text):
            raise _RefusedError(ProblemCode.WRONG_FORM)
    return text


def _number(attribute: ServiceAttribute, value: str) -> int | float:
    text = value.strip().translate(_HINDI_DIGITS)
    if not _NUMBER.fullmatch(text):
        raise _RefusedError(ProblemCode.NOT_A_NUMBER)
    number = float(text) if "." in text else int(text)
    if attribute.min is not None and number < attribute.min:
        raise _RefusedError(ProblemCode.TOO_SMALL, limit=f"{attribute.min:.15g}")
    if attribute.max is not None and number > attribute.max:
        raise _RefusedError(ProblemCode.TOO_LARGE, limit=f"{attribute.max:.15g}")
    return number


def _date(_: ServiceAttribute, value: str) -> str:
    text = value.strip().translate(_HINDI_DIGITS)
    try:
        if _DATE.fullmatch(text):
            return dt.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise _RefusedError(ProblemCode.NOT_A_DATE)


def _moment(_: ServiceAttribute, value: str) -> str:
    text = value.strip().upper().translate(_HINDI_DIGITS)
    try:
        if _DATE_TIME.fullmatch(text):
            moment = dt.datetime.fromisoformat(text)
            offset = moment.utcoffset()
            if offset is not None and abs(offset.total_seconds()) <= MOST_SECONDS_OF_OFFSET:
                return moment.isoformat()
    except ValueError:
        pass
    raise _RefusedError(ProblemCode.NOT_A_MOMENT)


_CHECKS: Mapping[AttributeType, Callable[[ServiceAttribute, str], Value]] = {
    AttributeType.STRING: _text,
    AttributeType.TEXT: _text,
    AttributeType.NUMBER: _number,
    AttributeType.DATE: _date,
    AttributeType.DATETIME: _moment,
    AttributeType.SINGLE_VALUE_LIST: _option,
}


@lru_cache(maxsize=1_000)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _written(value: object) -> str:
    """Return a value as a condition has it."""
    return f"{value:.15g}" if isinstance(value, float) else str(value)
