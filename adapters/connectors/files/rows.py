"""Cuts a file into lines, and tells which of them are rows: what both layouts have in common.

A line that can't be used costs nothing but itself: it is listed with its number and the reason.
Reasons name columns and counts, never a value: values are people's data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from adapters.connectors.files.settings import TrailerRule
from adapters.connectors.kept_rows import LineProblem

MOST_PROBLEMS = 1000


@dataclass(frozen=True, slots=True)
class FileRow:
    """A row: `line` counts from 1; `values` are trimmed texts by column."""

    line: int
    values: Mapping[str, str]


@dataclass(slots=True)
class ReadFile:
    """What a file holds.

    Attributes:
        rows: the good rows, in the file's order.
        problems: what is not served; at most `MOST_PROBLEMS`.
        stamp: the text of the header that says when the file was made.
        complete: whether the file ends as it should.
        consistent: whether its count and control sum are those of its rows.
    """

    rows: list[FileRow] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    stamp: str | None = None
    complete: bool = True
    consistent: bool = True

    def note(self, line: int, reason: str) -> None:
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(LineProblem(line, reason))


class BadLineError(Exception):
    """Why a line is not a row."""


def read_rows(
    content: bytes, final_newline: bool, trailer: TrailerRule | None, take: "Take"
) -> ReadFile:
    """What a file holds, by what `take` makes of each line up to the trailer."""
    read = ReadFile()
    lines = _lines_of(content, final_newline, read)
    tally = Tally(trailer)
    for number, line in enumerate(lines, start=1):
        if tally.closed:
            read.note(number, "it stands after the trailer")
            continue
        try:
            values = take(number, line, tally, read)
        except BadLineError as bad:
            tally.add_bad()
            read.note(number, str(bad))
            continue
        if values is None:
            continue
        problem = tally.add(values)
        if problem is not None:
            read.note(number, problem)
            continue
        read.rows.append(FileRow(number, values))
    if trailer is not None and not tally.closed:
        read.complete = False
        read.note(len(lines) + 1, "the trailer is missing")
    return read


def _lines_of(content: bytes, final_newline: bool, read: ReadFile) -> list[bytes]:
    """The lines without their ends; the last one is left out where its end is missing."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = lines.pop()
    if last.strip(b"\r\x1a\0"):
        if final_newline:
            read.complete = False
            read.note(len(lines) + 1, "the line ends in the middle")
        else:
            lines.append(last)
    return [line.removesuffix(b"\r") for line in lines]


class Tally:
    """Counts rows and sums a field of them, to compare with what the trailer says."""

    def __init__(self, trailer: TrailerRule | None) -> None:
        self._trailer = trailer
        self._lines = 0
        self._bad = 0
        self._sum = Decimal(0)
        self.closed = False

    def add(self, values: Mapping[str, str]) -> str | None:
        """Counts a row; why it can't be summed, if it can't."""
        self._lines += 1
        if self._trailer is None or self._trailer.sum_of is None:
            return None
        amount = _number(values[self._trailer.sum_of])
        if amount is None:
            self._bad += 1
            return f"{self._trailer.sum_of} is no number"
        try:
            self._sum += amount
        except ArithmeticError:
            self._bad += 1
            return f"{self._trailer.sum_of} can't be summed"
        return None

    def add_bad(self) -> None:
        self._lines += 1
        self._bad += 1

    def close(self, number: int, count: str | None, total: str | None, read: ReadFile) -> None:
        """Compares with the trailer on this line."""
        self.closed = True
        if count is not None and _number(count) != self._lines:
            read.consistent = False
            read.note(number, f"the trailer counts otherwise than the file's {self._lines} rows")
        # Bad rows are missing from the sum.
        if total is not None and not self._bad and _number(total) != self._sum:
            read.consistent = False
            read.note(number, "the control sum is not that of the file's rows")


Take = Callable[[int, bytes, Tally, ReadFile], Mapping[str, str] | None]
"""Takes a line with its number: a row's values, or None of a header, a trailer (which it closes the
tally with) or a blank line. Raises `BadLineError`."""


def refuse_blanks(values: Mapping[str, str], needed: Sequence[str]) -> None:
    """Raises `BadLineError` on a row that has nothing in a column that it needs."""
    for column in needed:
        if not values[column]:
            raise BadLineError(f"{column} is blank")


def _number(text: str) -> Decimal | None:
    try:
        number = Decimal(text.strip() or "0")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
