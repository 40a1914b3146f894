"""Reads the two layouts of files.

In CSV, a row is always one line, so that a stray quote affects no further rows. Widths of
fixed-width files are in bytes; a Devanagari letter has three.
"""

import csv
from collections.abc import Mapping, Sequence

from adapters.connectors.files.rows import (
    BadLineError,
    ReadFile,
    Tally,
    UnreadableHeaderError,
    read_rows,
    refuse_blanks,
)
from adapters.connectors.files.settings import ByteRange, CsvRule, FileRule, FixedRule


def read_csv(content: bytes, rule: FileRule, needed: Sequence[str]) -> ReadFile:
    """Return the rows and problems of a CSV file.

    Args:
        needed: columns that must not be blank.
    """
    assert rule.csv is not None
    layout = rule.csv
    trailer = layout.trailer
    names = None if layout.header else layout.columns

    def take(number: int, line: bytes, tally: Tally, read: ReadFile) -> Mapping[str, str] | None:
        nonlocal names
        if names is None:
            names = _header(line, number, layout, read)
            return None
        cells = _cells(line, layout)
        if not cells:
            return None
        if trailer is not None and cells[0] == trailer.marker:
            tally.close(number, _at(cells, trailer.count), _at(cells, trailer.sum), read)
            return None
        return _csv_row(cells, names, layout, needed)

    return read_rows(content, rule.final_newline, trailer, take)


def _cells(line: bytes, layout: CsvRule) -> list[str]:
    if len(line) > layout.line_bytes:
        raise BadLineError(f"it has more than {layout.line_bytes:,} bytes")
    try:
        text = line.decode()
    except UnicodeDecodeError:
        raise BadLineError("it is not UTF-8") from None
    try:
        rows = list(csv.reader([text], delimiter=layout.delimiter, strict=True))
    except csv.Error:
        raise BadLineError("its quotes do not match") from None
    return [cell.strip() for cell in rows[0]] if rows else []


def _header(line: bytes, number: int, layout: CsvRule, read: ReadFile) -> list[str] | None:
    """Return the names of the columns, or None if the line is blank.

    Raises:
        UnreadableHeaderError: the line names no column of the manifest.
    """
    try:
        cells = _cells(line, layout)
    except BadLineError as error:
        raise UnreadableHeaderError(f"its header can't be read: {error}") from None
    if not cells:
        return None
    missing = [column for column in layout.columns if column not in cells]
    if len(missing) == len(layout.columns):
        raise UnreadableHeaderError(f"its line {number} is not the header: it names no column")
    for column in missing:
        read.note(number, f"the column {column} is missing")
    extra = sum(cell not in layout.columns for cell in cells)
    if extra:
        # Without names: if the header is missing, these are values of the first row.
        read.note(number, f"{extra} unknown columns are ignored")
    return cells


def _csv_row(
    cells: list[str], names: Sequence[str], layout: CsvRule, needed: Sequence[str]
) -> dict[str, str]:
    if len(cells) != len(names):
        raise BadLineError(f"it has {len(cells)} values, not {len(names)}")
    found = dict(zip(names, cells, strict=True))
    values = {column: found.get(column, "") for column in layout.columns}
    refuse_blanks(values, needed)
    return values


def _at(cells: list[str], column: ByteRange | None) -> str | None:
    """Return the cell of a column, or an empty text if the line is too short."""
    if column is None:
        return None
    return cells[column[0] - 1] if column[0] <= len(cells) else ""


def read_fixed(content: bytes, rule: FileRule, needed: Sequence[str]) -> ReadFile:
    """Return the rows and problems of a fixed-width file; arguments as in `read_csv`."""
    assert rule.fixed is not None
    layout = rule.fixed
    header, trailer = layout.header, layout.trailer

    def take(number: int, line: bytes, tally: Tally, read: ReadFile) -> Mapping[str, str] | None:
        if header is not None and line.startswith(header.marker.encode()):
            if number != 1:
                read.note(number, "it is a header in the middle of the file")
            elif header.stamp is not None:
                read.stamp = _text(line, header.stamp, "stamp", read, number)
            return None
        if header is not None and number == 1:
            read.complete = False
            read.note(number, "the header is missing")
        if trailer is not None and line.startswith(trailer.marker.encode()):
            count, total = (
                _text(line, byte_range, "trailer", read, number) if byte_range is not None else None
                for byte_range in (trailer.count, trailer.sum)
            )
            tally.close(number, count, total, read)
            return None
        return _fixed_row(line, layout, needed)

    return read_rows(content, rule.final_newline, trailer, take)


def _fixed_row(line: bytes, layout: FixedRule, needed: Sequence[str]) -> dict[str, str]:
    if len(line) != layout.line_bytes:
        raise BadLineError(f"it has {len(line)} bytes, not {layout.line_bytes}")
    if not line.startswith(layout.detail.encode()):
        raise BadLineError("it begins like no line of this file")
    values: dict[str, str] = {}
    for name, byte_range in layout.fields.items():
        try:
            values[name] = _cut(line, byte_range)
        except UnicodeDecodeError:
            raise BadLineError(f"{name} is not UTF-8") from None
    refuse_blanks(values, needed)
    return values


def _text(line: bytes, byte_range: ByteRange, what: str, read: ReadFile, number: int) -> str:
    try:
        return _cut(line, byte_range)
    except UnicodeDecodeError:
        read.note(number, f"{what} is not UTF-8")
        return ""


def _cut(line: bytes, byte_range: ByteRange) -> str:
    return line[byte_range[0] - 1 : byte_range[1]].decode().strip(" \0")
