"""Splits a file into lines and rows, for both layouts.

An invalid line affects no other line. It is listed with its number and the reason. Reasons contain
columns and counts, but never values, because values are personal data.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from adapters.connectors.files.settings import TrailerRule
from adapters.connectors.kept_rows import LineProblem
from adapters.mapping.values import exact_number

_BLANK = b"\xef\xbb\xbf \t\r\n\x1a\0"
"""Bytes of a file without content: a byte-order mark, blanks, line ends, padding."""
MOST_PROBLEMS = 1000
"""Maximum number of listed problems per file."""


@dataclass(frozen=True, slots=True)
class FileRow:
    """A valid row.

    Attributes:
        line: line number, from 1.
        values: trimmed texts, by column.
    """

    line: int
    values: Mapping[str, str]


@dataclass(slots=True)
class ReadFile:
    """Content of a file.

    Attributes:
        rows: valid rows, in the order of the file.
        problems: invalid lines; at most `MOST_PROBLEMS`.
        stamp: text in the header with the time at which the file was made; None if there is none.
        complete: whether the file begins and ends as expected.
        consistent: whether its count and control sum are correct.
        unreadable: why no row of the file can be used; None if its rows can be used.
    """

    rows: list[FileRow] = field(default_factory=list)
    problems: list[LineProblem] = field(default_factory=list)
    stamp: str | None = None
    complete: bool = True
    consistent: bool = True
    unreadable: str | None = None

    def note(self, line: int, reason: str) -> None:
        """Add a problem. Line 0 means the whole file."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(LineProblem(line, reason))


class BadLineError(Exception):
    """A line is not a valid row; the message says why."""


class UnreadableHeaderError(Exception):
    """The first line does not name the columns, so no row can be read; the message says why."""


def read_rows(
    content: bytes, final_newline: bool, trailer: TrailerRule | None, take: "Take"
) -> ReadFile:
    """Return the content of a file.

    Args:
        final_newline: whether a file without a line end after the last line is incomplete.
        trailer: layout of the last line; None if there is no trailer.
    """
    read = ReadFile()
    if not content.strip(_BLANK):
        read.complete = False
        read.unreadable = "it is empty"
        return read
    lines = _lines_of(content, final_newline, read)
    tally = Tally(trailer)
    for number, line in enumerate(lines, start=1):
        if tally.closed:
            read.note(number, "it follows the trailer")
            continue
        try:
            values = take(number, line, tally, read)
            if values is not None:
                tally.add(values)
                read.rows.append(FileRow(number, values))
        except UnreadableHeaderError as bad:
            read.unreadable = str(bad)
            return read
        except BadLineError as bad:
            tally.lines += 1
            tally.bad += 1
            read.note(number, str(bad))
    if trailer is not None and not tally.closed:
        read.complete = False
        read.note(len(lines) + 1, "the trailer is missing")
    if tally.bad and not read.rows:
        read.unreadable = f"none of its {tally.bad:,} rows can be read"
    return read


def _lines_of(content: bytes, final_newline: bool, read: ReadFile) -> list[bytes]:
    """Return the lines without their line ends; leave out an incomplete last line."""
    lines = content.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    last = lines.pop()
    if last.strip(b"\r\x1a\0"):
        if final_newline:
            read.complete = False
            read.note(len(lines) + 1, "the line is cut off")
        else:
            lines.append(last)
    return [line.removesuffix(b"\r") for line in lines]


@dataclass(slots=True)
class Tally:
    """Number of rows and sum of a column, to compare with the trailer.

    Attributes:
        lines: number of rows.
        bad: number of invalid rows.
        closed: whether the trailer was read.
    """

    trailer: TrailerRule | None
    lines: int = 0
    bad: int = 0
    total: Decimal = Decimal(0)
    closed: bool = False

    def add(self, values: Mapping[str, str]) -> None:
        """Count a valid row.

        Raises:
            BadLineError: its value can't be summed.
        """
        if self.trailer is not None and self.trailer.sum_of is not None:
            amount = _number(values[self.trailer.sum_of])
            if amount is None:
                raise BadLineError(f"{self.trailer.sum_of} is not a number")
            self.total += amount
        self.lines += 1

    def close(self, number: int, count: str | None, total: str | None, read: ReadFile) -> None:
        """Compare with the count and the sum in the trailer, and note differences."""
        self.closed = True
        if count is not None and _number(count) != self.lines:
            read.consistent = False
            read.note(number, f"its count differs from the {self.lines} rows of the file")
        # The sum lacks invalid rows, so it can't be compared if there are any.
        if total is not None and not self.bad and _number(total) != self.total:
            read.consistent = False
            read.note(number, "its control sum differs from the sum of the rows")


Take = Callable[[int, bytes, Tally, ReadFile], Mapping[str, str] | None]
"""Function that reads a line with its number. Returns the values of a row, or None for a header, a
trailer (after closing the tally) or a blank line. Raises `BadLineError`."""


def refuse_blanks(values: Mapping[str, str], needed: Sequence[str]) -> None:
    """Check that required columns are not blank.

    Raises:
        BadLineError: a required column is blank.
    """
    for column in needed:
        if not values[column]:
            raise BadLineError(f"{column} is blank")


def _number(text: str) -> Decimal | None:
    try:
        return exact_number(text.strip() or "0")
    except ValueError:
        return None
