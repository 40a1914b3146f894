"""Field rules of a manifest.

A rule says where a field's value is and how to read it. A bare text is short for `{path: text}`.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import BeforeValidator, Field, model_validator

from adapters.mapping.code_tables import CodeTable
from adapters.mapping.letters import ScriptStep
from adapters.mapping.value_rules import (
    ConcatRule,
    NumberedRule,
    PadRule,
    SplitRule,
    Steps,
    StrictModel,
    Texts,
    TimeRule,
    TrimRule,
    both_ends,
    list_from_one,
    paths_only,
)

__all__ = ["FieldRule", "FieldRules", "RuleError", "StrictModel", "did_you_mean"]


def rule_from_path(value: Any) -> Any:
    """Expand a bare path, or a list of paths, to a rule."""
    return {"path": value} if isinstance(value, str | list) else value


class FieldRule(StrictModel):
    """How one field of a record gets its value.

    The value comes from one of `path`, `value`, `concat`, `expr` and `function`. It is prepared by
    `numbered`, `split`, `trim`, `absent_when`, `pad` and `script`, in this order, and then read as
    the type of the field.

    Attributes:
        path: keys from the row to the value, joined by `/`; in a list of paths, the first that has
            a value is used.
        otherwise: further paths, tried if there is no value at `path`.
        value: a constant.
        concat: several values joined to one text.
        expr: an expression in the Common Expression Language; `row` is the row or object that
            paths start from.
        function: a function of the department's `adapter.py`; its argument is the row or object
            that paths start from.
        default: value if the department has none.
        absent_when: texts that mean "no value" in this field; an ISO date means that day in any
            format.
        split: splits a packed text.
        trim: padding to remove, other than blanks.
        pad: restores lost padding.
        script: conversions of the text: `nfc`, `kruti-dev`, `mixed`, `detect`.
        codes: code table that translates the department's code to the hub's word.
        true_when: for truth values, the texts that mean true; all others mean false.
        label_of: code table with the label of the code at `path`.
        translated_by: code table that translates the department's text at `path`.
        format: date formats to try: `dd mm yyyy HH MM SS` and separators, `mon` or `month` for
            a month's English name, `d` and `m` without leading zeros, or `iso`; `epoch` or
            `epoch-ms` for seconds or milliseconds since 1970;
            `json` for a list or object inside a text.
        time: for a date with time, where the time of day is if `path` contains only the day.
        unit: for money: `rupees` (with decimals) or `paise`.
        numbered: for a list that is spread over the object at `path`.
        fields: rules for the fields of an object, or of each element of a list.
        record: name of a record in `records` with the rules for the object or list element.
    """

    path: Steps | None = None
    otherwise: list[Steps] = Field(default=[], max_length=64)
    value: str | None = None
    concat: Annotated[ConcatRule | None, BeforeValidator(paths_only)] = None
    expr: str | None = Field(default=None, min_length=1)
    function: str | None = Field(default=None, min_length=1)
    default: str | None = None
    absent_when: Texts = []
    split: SplitRule | None = None
    trim: Annotated[TrimRule | None, BeforeValidator(both_ends)] = None
    pad: PadRule | None = None
    script: Annotated[list[ScriptStep], Field(max_length=8), BeforeValidator(list_from_one)] = []
    codes: str | None = None
    true_when: list[str] = []
    label_of: str | None = None
    translated_by: str | None = None
    format: Annotated[Texts, Field(max_length=16)] = []
    time: TimeRule | None = None
    unit: Literal["rupees", "paise"] | None = None
    numbered: NumberedRule | None = None
    fields: "FieldRules | None" = None
    record: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _first_of_paths(cls, given: Any) -> Any:
        """Expand `path: [a, b]` to `path: a` and `otherwise: [b]`."""
        if isinstance(given, dict) and isinstance(given.get("path"), list) and given["path"]:
            first, *rest = given["path"]
            return {**given, "path": first, "otherwise": [*rest, *given.get("otherwise", [])]}
        return given

    @model_validator(mode="after")
    def _has_one_source(self) -> Self:
        sources = [
            name
            for name in ("path", "value", "concat", "expr", "function")
            if getattr(self, name) is not None
        ]
        if len(sources) > 1:
            raise ValueError(f"keep one of {' and '.join(f'`{name}`' for name in sources)}")
        if self.otherwise and self.path is None:
            raise ValueError("add a `path`: `otherwise` needs one")
        if self.label_of is not None and self.translated_by is not None:
            raise ValueError("keep one of `label_of` and `translated_by`")
        if "detect" in self.script[:-1]:
            raise ValueError("write `detect` last: nothing can follow it")
        return self


FieldRules = dict[str, Annotated[FieldRule, BeforeValidator(rule_from_path)]]


@dataclass(frozen=True, slots=True)
class MappingContext:
    """Data of a department that all its field rules use.

    Attributes:
        department: identifier of the department.
        absent: texts that mean "no value" after trimming.
        timezone: zone of the department's local times.
        tables: code tables by name.
        records: named sets of field rules.
        functions: functions of the department's `adapter.py`, by name.
    """

    department: str
    absent: frozenset[str]
    timezone: ZoneInfo
    tables: Mapping[str, CodeTable]
    records: Mapping[str, FieldRules]
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


class RuleError(Exception):
    """A rule cannot be compiled.

    Attributes:
        key_path: keys from the rule set to the wrong rule.
        message: what is wrong.
        remedy: how to correct it.
        others: further errors in the same rule set.
    """

    def __init__(self, key_path: tuple[str, ...], message: str, remedy: str) -> None:
        super().__init__(message)
        self.key_path = key_path
        self.message = message
        self.remedy = remedy
        self.others: tuple[RuleError, ...] = ()

    @property
    def all(self) -> "tuple[RuleError, ...]":
        """This error and the others."""
        return (self, *self.others)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a remedy for an unknown word: the most similar known word, or the list of all."""
    listed = sorted(known)
    near = get_close_matches(word, listed, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(listed)}"
