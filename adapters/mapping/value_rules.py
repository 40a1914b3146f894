"""The parts of a field rule that take a value apart or put it together, before it is read."""

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator


class StrictModel(BaseModel):
    """Base of everything read from a manifest: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def list_from_one(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


MOST_STEPS = 32


def _few_steps(path: str) -> str:
    if path.count("/") >= MOST_STEPS:
        raise ValueError(f"a path has at most {MOST_STEPS} steps")
    return path


Steps = Annotated[str, AfterValidator(_few_steps)]
"""Keys to a value, joined by `/`."""

Texts = Annotated[list[str], BeforeValidator(list_from_one)]
"""A list of texts; one text is short for a list of it."""


class ConcatRule(StrictModel):
    """Several values as one text.

    Attributes:
        paths: where they are; those that are absent are left out.
        with_: what stands between them.
    """

    paths: list[Steps] = Field(min_length=1, max_length=64)
    with_: str = Field(default=" ", alias="with")


class SplitRule(StrictModel):
    """A packed text taken apart.

    Attributes:
        by: what stands between its parts.
        part: for one value, which part it is: 1 is the first, -1 the last.
        names: for an object, or each element of a list, what its parts are called in `fields`.
        entries: for a list, what stands between its elements.
    """

    by: str | None = Field(default=None, min_length=1)
    part: int | None = None
    names: list[str] = []
    entries: str | None = Field(default=None, min_length=1)

    @model_validator(mode="after")
    def _is_one_kind(self) -> Self:
        if (self.part is None) == (not self.names):
            raise ValueError("give `part` (of one value), or `names` (for `fields`)")
        if self.part == 0:
            raise ValueError("parts are counted from 1")
        if self.by is None and (self.entries is None or len(self.names) != 1):
            raise ValueError("give `by`, what stands between the parts")
        return self


class TrimRule(StrictModel):
    """Padding taken off, besides blanks.

    Attributes:
        start: characters to take off the start.
        end: characters to take off the end.
    """

    start: str = ""
    end: str = ""


class PadRule(StrictModel):
    """Padding put back.

    Attributes:
        to: the length that the text must have.
        with_: the character to fill up with.
        at: where to.
    """

    to: int = Field(gt=0, le=1000)
    with_: str = Field(default="0", alias="with", min_length=1, max_length=1)
    at: Literal["start", "end"] = "start"


class NumberedRule(StrictModel):
    """A list that is spread over one object: `{f1: 2, name_1: …, name_2: …}`.

    Attributes:
        count: the key that tells how many elements there are.
        separator: what stands between a name and its element's number.
    """

    count: str
    separator: str = Field(default="_", min_length=1)


class TimeRule(StrictModel):
    """A time of day that has a field of its own.

    Attributes:
        path: where it is.
        format: `HH:MM:SS`, `HH:MM`, `HHMMSS`, `HHMM`, or a date format: its date is ignored.
    """

    path: Steps
    format: Texts = []


def both_ends(value: Any) -> Any:
    return {"start": value, "end": value} if isinstance(value, str) else value


def paths_only(value: Any) -> Any:
    return {"paths": value} if isinstance(value, list) else value
