"""Field rules as a manifest writes them.

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
    """A bare path, or a list of them, is short for a rule with it."""
    return {"path": value} if isinstance(value, str | list) else value


class FieldRule(StrictModel):
    """How one field of a record gets its value.

    What the value is comes from one of `path`, `value`, `concat`, `expr` and `function`. Then, in
    this order: `split`, `trim`, `absent_when`, `pad`, `script`, and what the field's type needs.

    Attributes:
        path: keys from the row to the value, joined by `/`; of several the first that has one.
        otherwise: further paths, tried when nothing is at `path`.
        value: the value itself, the same for every row.
        concat: several values as one text.
        expr: an expression of the Common Expression Language; `row` is what paths start from.
        function: a function of the department's `adapter.py`; it is given what paths start from.
        default: used when the department has no value.
        absent_when: texts that mean "no value" here; an ISO date means that day in any format.
        split: a packed text taken apart.
        trim: characters around the text that are padding.
        pad: padding that the text has lost.
        script: what to do about the letters: `nfc`, `kruti-dev`, `mixed`, `detect`.
        codes: code table that turns the department's code into the hub's word.
        true_when: for truth values, the texts that mean true; every other text means false.
        label_of: code table that gives the department's label for the code at `path`.
        format: date formats to try, of `dd mm yyyy HH MM SS` and separators, `mon` or `month` for
            a month's English name, `d` and `m` without a zero in front, or `iso`;
            `json` for a list or object that comes as a JSON text.
        time: for a moment, where its time of day is, when `path` has the day alone.
        unit: for money, what the department counts: `rupees` (with decimals) or `paise`.
        numbered: for a list that is spread over the object at `path`.
        fields: rules for the fields of an object, or of each element of a list.
        record: the same, by the name of a record under `records`.
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
    format: Annotated[Texts, Field(max_length=16)] = []
    time: TimeRule | None = None
    unit: Literal["rupees", "paise"] | None = None
    numbered: NumberedRule | None = None
    fields: "FieldRules | None" = None
    record: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _first_of_paths(cls, given: Any) -> Any:
        """`path: [a, b]` is short for `path: a` and `otherwise: [b]`."""
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
            raise ValueError(f"give one of {' and '.join(f'`{name}`' for name in sources)}")
        if self.otherwise and self.path is None:
            raise ValueError("`otherwise` needs a `path` before it")
        if "detect" in self.script[:-1]:
            raise ValueError("`detect` tells the script: it comes last")
        return self


FieldRules = dict[str, Annotated[FieldRule, BeforeValidator(rule_from_path)]]


@dataclass(frozen=True, slots=True)
class MappingContext:
    """What holds for every rule of one department.

    Attributes:
        department: identifier of the department.
        absent: texts that mean "no value" there, after trimming.
        timezone: zone of its local times.
        tables: its code tables by name.
        records: its named rule sets.
        functions: what its `adapter.py` defines, by name.
    """

    department: str
    absent: frozenset[str]
    timezone: ZoneInfo
    tables: Mapping[str, CodeTable]
    records: Mapping[str, FieldRules]
    functions: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)


class RuleError(Exception):
    """A rule can't be compiled.

    Attributes:
        key_path: keys from the rule set to the offending rule.
        message: what is wrong.
        remedy: what to do.
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
        return (self, *self.others)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt word: the nearest known one, or all of them when none is near."""
    listed = sorted(known)
    near = get_close_matches(word, listed, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(listed)}"
