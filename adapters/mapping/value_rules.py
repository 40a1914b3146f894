"""Parts of a field rule that split, join or change a value before it is read."""

import re
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class StrictModel(BaseModel):
    """Base class of all models of a manifest. Unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def list_from_one(value: Any) -> Any:
    """Expand one text to a list of it."""
    return [value] if isinstance(value, str) else value


MOST_STEPS = 32


def usable_steps(path: str) -> str:
    steps = path.split("/")
    if len(steps) > MOST_STEPS:
        raise ValueError(f"shorten the path to {MOST_STEPS} steps or fewer")
    if path.startswith("$"):
        plain = path.lstrip("$").replace("[*]", "").strip("./").replace(".", "/")
        if path == "$" or path[1] in ".[":
            raise ValueError(f"write a path as names joined by `/`, for example {plain or 'data'}")
    if any(step.strip() in ("", ".", "..", "*") for step in steps):
        raise ValueError(
            "write names joined by `/`; leave the key out for the value that the path starts from"
        )
    return path


Steps = Annotated[str, AfterValidator(usable_steps)]
"""A path: the keys from a row to a value, joined by `/`."""

Texts = Annotated[list[str], BeforeValidator(list_from_one)]
"""A list of texts; a single text is short for a list of one."""


MOST_OF_A_PATTERN = 500
"""Maximum length of a regular expression, in characters."""


def _regular_expression(value: str) -> str:
    if len(value) > MOST_OF_A_PATTERN:
        raise ValueError(f"shorten it to {MOST_OF_A_PATTERN} characters or fewer")
    try:
        re.compile(value)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"correct the regular expression: {error}") from None
    return value


Pattern = Annotated[str, AfterValidator(_regular_expression)]
"""A regular expression."""


class ConcatRule(StrictModel):
    """Several values joined to one text.

    Attributes:
        paths: paths to the values; values that are absent are left out.
        with_: separator between them.
    """

    paths: list[Steps] = Field(min_length=1, max_length=64)
    with_: str = Field(default=" ", alias="with")


class SplitRule(StrictModel):
    """How to split a packed text.

    Attributes:
        by: separator of the parts.
        part: for one value, number of the part: 1 is the first, -1 the last.
        names: for an object, or each element of a list, names of its parts for `fields`.
        entries: for a list, separator of its elements.
    """

    by: str | None = Field(default=None, min_length=1)
    part: int | None = None
    names: list[str] = []
    entries: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if (self.part is None) == (not self.names):
            raise ValueError("write `part` (for one value), or `names` (for `fields`)")
        if self.part == 0:
            raise ValueError("count parts from 1, or from -1 at the end")
        if self.by is None and (self.entries is None or len(self.names) != 1):
            raise ValueError("write `by`, the separator of the parts")
        return self


class TrimRule(StrictModel):
    """Padding to remove, other than blanks.

    Attributes:
        start: characters to remove at the start.
        end: characters to remove at the end.
    """

    start: str = ""
    end: str = ""


class PadRule(StrictModel):
    """Padding to restore.

    Attributes:
        to: length of the padded text.
        with_: character to add.
        at: end of the text to which it is added.
    """

    to: int = Field(gt=0, le=1000)
    with_: str = Field(default="0", alias="with", min_length=1, max_length=1)
    at: Literal["start", "end"] = "start"


class NumberedRule(StrictModel):
    """A list that is spread over one object: `{f1: 2, name_1: …, name_2: …}`.

    Attributes:
        count: key of the number of elements.
        separator: separator between a name and the number of its element.
    """

    count: str
    separator: str = Field(default="_", min_length=1)


class TimeRule(StrictModel):
    """A time of day in a field of its own.

    Attributes:
        path: path to it.
        format: `HH:MM:SS`, `HH:MM`, `HHMMSS`, `HHMM`, or a date format, of which only the time is
            used.
    """

    path: Steps
    format: Texts = []


def both_ends(value: Any) -> Any:
    """Expand one text to a trim rule for both ends."""
    return {"start": value, "end": value} if isinstance(value, str) else value


def paths_only(value: Any) -> Any:
    """Expand a list of paths to a concat rule."""
    return {"paths": value} if isinstance(value, list) else value
