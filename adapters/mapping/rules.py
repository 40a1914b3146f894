"""Field rules as a manifest writes them.

A rule says where a field's value is and how to read it. A bare text is short for `{path: text}`.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict


class StrictModel(BaseModel):
    """Base of everything read from a manifest: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _path_from_text(value: Any) -> Any:
    return {"path": value} if isinstance(value, str) else value


def _list_from_one(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class FieldRule(StrictModel):
    """How one field of a record gets its value.

    Attributes:
        path: keys from the row to the value, joined by `/`.
        value: the value itself, the same for every row.
        default: used when the department has no value.
        codes: code table that turns the department's code into the hub's word.
        true_when: for truth values, the texts that mean true; every other text means false.
        label_of: code table that gives the department's label for the code at `path`.
        format: date formats to try, of `dd mm yyyy HH MM SS` and separators, or `iso`;
            `json` for a list or object that comes as a JSON text.
        unit: for money, what the department counts: `rupees` (with decimals) or `paise`.
        fields: rules for the fields of an object, or of each element of a list.
        record: the same, by the name of a record under `records`.
    """

    path: str | None = None
    value: str | None = None
    default: str | None = None
    codes: str | None = None
    true_when: list[str] = []
    label_of: str | None = None
    format: Annotated[list[str], BeforeValidator(_list_from_one)] = []
    unit: Literal["rupees", "paise"] | None = None
    fields: "FieldRules | None" = None
    record: str | None = None


FieldRules = dict[str, Annotated[FieldRule, BeforeValidator(_path_from_text)]]


class RuleError(Exception):
    """A rule can't be compiled.

    Attributes:
        place: keys from the rule set to the offending rule.
        message: what is wrong.
        remedy: what to do.
    """

    def __init__(self, place: tuple[str, ...], message: str, remedy: str) -> None:
        super().__init__(message)
        self.place = place
        self.message = message
        self.remedy = remedy


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy for a misspelt word: the nearest known one, or all of them when none is near."""
    listed = sorted(known)
    near = get_close_matches(word, listed, n=1, cutoff=0.6)
    return f"did you mean {near[0]!r}?" if near else f"use one of: {', '.join(listed)}"
