"""Reads lines of separated values. A row is one line: a stray quote takes no rows below with it."""

import csv
from collections.abc import Sequence

from adapters.connectors.files.lines import (
    Line,
    ReadFile,
    Tally,
    blank_among,
    check_end,
    lines_of,
)
from adapters.connectors.files.settings import CsvRule, FileRule, Place


class _BadLineError(Exception):
    """Why a line is not a row."""


def read_csv(content: bytes, rule: FileRule, needed: Sequence[str]) -> ReadFile:
    """The file's rows and problems. A row with nothing in a `needed` column is a bad one."""
    assert rule.csv is not None
    layout = rule.csv
    read = ReadFile()
    lines = lines_of(content, rule.final_newline, read)
    tally = Tally(layout.trailer)
    names = None if layout.header else layout.columns
    for number, line in enumerate(lines, start=1):
        if tally.closed:
            read.note(number, "it stands after the trailer")
            continue
        try:
            cells = _cells(line, layout)
            if not cells:
                continue
            if names is None:
                names = _header(cells, layout, read)
                continue
            if layout.trailer is not None and cells[0] == layout.trailer.marker:
                trailer = layout.trailer
                tally.close(number, _at(cells, trailer.count), _at(cells, trailer.sum), read)
                continue
            values = _row(cells, names, layout, needed)
        except _BadLineError as bad:
            tally.add_bad()
            read.note(number, str(bad))
            continue
        problem = tally.add(values)
        if problem is not None:
            read.note(number, problem)
            continue
        read.rows.append(Line(number, values))
    check_end(layout.trailer, tally, len(lines), read)
    return read


def _cells(line: bytes, layout: CsvRule) -> list[str]:
    if len(line) > layout.line_bytes:
        raise _BadLineError(f"it has more than {layout.line_bytes:,} bytes")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise _BadLineError("it is not UTF-8") from None
    try:
        rows = list(csv.reader([text], delimiter=layout.delimiter, strict=True))
    except csv.Error:
        raise _BadLineError("its quotes do not match") from None
    return [cell.strip() for cell in rows[0]] if rows else []


def _header(cells: list[str], layout: CsvRule, read: ReadFile) -> list[str]:
    for missing in (column for column in layout.columns if column not in cells):
        read.note(1, f"the column {missing} is missing")
    extra = sum(cell not in layout.columns for cell in cells)
    if extra:
        # Not by name: a file without its header shows its first row here.
        read.note(1, f"{extra} columns are new; they are left out")
    return cells


def _row(
    cells: list[str], names: Sequence[str], layout: CsvRule, needed: Sequence[str]
) -> dict[str, str]:
    if len(cells) != len(names):
        raise _BadLineError(f"it has {len(cells)} values, not {len(names)}")
    found = dict(zip(names, cells, strict=True))
    values = {column: found.get(column, "") for column in layout.columns}
    blank = blank_among(values, needed)
    if blank is not None:
        raise _BadLineError(f"{blank} is blank")
    return values


def _at(cells: list[str], place: Place | None) -> str | None:
    """The cell of that number, counted from 1; empty when there is none."""
    if place is None:
        return None
    return cells[place[0] - 1] if place[0] <= len(cells) else ""
