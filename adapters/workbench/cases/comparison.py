"""Compares records with those that a case expects: the fields that the page lists, as text."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from adapters.mapping.rules import did_you_mean
from adapters.mapping.targets import targets_of
from adapters.workbench.cases.page import CaseWarning
from schema.language import Text
from schema.provenance import Record, SourceWarning
from schema.service import Money


def differences(
    found: Mapping[str, Sequence[Record]], expected: Mapping[str, Any], record_type: type
) -> list[str]:
    """Return a sentence for each difference from the expected records.

    Args:
        found: records by key.
        expected: by key, a list of records, each a mapping of fields.
        record_type: type of the records.
    """
    wrong = [f"the key {key!r} was not requested" for key in expected.keys() - found.keys()]
    for key, records in found.items():
        wanted = expected.get(key, [])
        if len(records) != len(wanted):
            wrong.append(f"{key or 'the search'} gives {len(records)} records, not {len(wanted)}")
            continue
        for number, (record, fields) in enumerate(zip(records, wanted, strict=True), start=1):
            at = f"{key} record {number}".strip()
            wrong += [f"{at}: {each}" for each in _of_fields(record, fields, record_type)]
    return wrong


def _of_fields(value: Any, expected: Mapping[str, Any], type_: type) -> list[str]:
    targets = targets_of(type_)
    wrong: list[str] = []
    for name, wanted in expected.items():
        target = targets.get(name)
        if target is None:
            wrong.append(f"there is no field {name!r}, {did_you_mean(name, targets)}")
            continue
        actual = getattr(value, target.attribute)
        if isinstance(actual, Text) and isinstance(wanted, Mapping):
            if {"en": actual.en, "hi": actual.hi} != wanted:
                wrong.append(f"{name} is {actual.en!r}, {actual.hi!r}, not {dict(wanted)!r}")
        elif target.kind == "object" and isinstance(wanted, Mapping) and actual is not None:
            wrong += [f"{name}.{each}" for each in _of_fields(actual, wanted, target.type)]
        elif target.kind == "list" and isinstance(wanted, list):
            wrong += [f"{name}{each}" for each in _of_list(actual or [], wanted, target.type)]
        elif _text(actual) != wanted:
            wrong.append(f"{name} is {_text(actual)!r}, not {wanted!r}")
    return wrong


def _of_list(values: Sequence[Any], expected: Sequence[Any], type_: Any) -> list[str]:
    if len(values) != len(expected):
        return [f" has {len(values)} elements, not {len(expected)}"]
    wrong: list[str] = []
    for number, (value, wanted) in enumerate(zip(values, expected, strict=True)):
        if isinstance(wanted, Mapping):
            wrong += [f"[{number}].{each}" for each in _of_fields(value, wanted, type_)]
        elif _text(value) != wanted:
            wrong.append(f"[{number}] is {_text(value)!r}, not {wanted!r}")
    return wrong


def _text(value: Any) -> str | None:
    """Return a value as pages write it: money in paise, times in ISO 8601, enums by name.

    A text in two languages is written in English, or as `{en: …, hi: …}`.
    """
    if value is None:
        return None
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, Money):
        return str(value.amount)
    if isinstance(value, Text):
        return value.en
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value)


def differences_of_warnings(
    found: Sequence[SourceWarning], expected: Sequence[CaseWarning]
) -> list[str]:
    """Return a sentence for each missing or unexpected warning."""
    came = Counter((w.code, w.field_path, w.raw) for w in found)
    wrong: list[str] = []
    for wanted in expected:
        fits = [
            each
            for each in came
            if each[0] == wanted.code
            and wanted.field in (None, each[1])
            and wanted.raw in (None, each[2])
        ]
        if not fits:
            wrong.append(
                f"the warning {wanted.code} of {wanted.field} with {wanted.raw!r} is missing"
            )
            continue
        came[fits[0]] -= 1
        came += Counter()
    wrong += [
        f"the warning {code} of {field} with {raw!r} is not expected"
        for code, field, raw in came.elements()
    ]
    return wrong
