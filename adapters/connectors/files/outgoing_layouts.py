"""Writes files to departments, in both layouts. Widths of fixed-width files are in bytes."""

import csv
import datetime as dt
import io
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from adapters.connectors.files.settings import ByteRange, CsvRule, OutboxRule, OutgoingFixed
from adapters.connectors.templates import fill_to_text
from adapters.mapping.values import exact_number

LINE_ENDS = {"lf": "\n", "crlf": "\r\n"}
_CONTROLS = re.compile("[\x00-\x1f\x7f\x85\u2028\u2029]")


class UnfitRowError(ValueError):
    """A row can't be written to the file. The message names the column, but no value."""


def check_row(rule: OutboxRule, values: Mapping[str, str]) -> None:
    """Check that a row can be written, before it is stored.

    Raises:
        UnfitRowError: a value is too long, is not in the file's code page, or can't be summed.
    """
    for column in values:
        if column not in rule.columns:
            raise UnfitRowError(f"the file has no column {column}")
    _amount(rule, values)
    _detail(rule, values)


def write_file(
    rule: OutboxRule, rows: Sequence[Mapping[str, str]], made_at: dt.datetime, sequence: int
) -> bytes:
    """Return the content of a file.

    Args:
        rows: the rows, which have been checked.
        made_at: when the file was made, in the department's time zone.
        sequence: sequence number of the file.
    """
    stamp = fill_to_text(f"{{now:{rule.stamp_format}}}", {"now": made_at}) or ""
    total = sum((_amount(rule, row) for row in rows), Decimal(0))
    lines: list[bytes] = []
    if rule.fixed is not None and rule.fixed.header is not None:
        header = rule.fixed.header
        cells = [
            (header.stamp, stamp, False),
            (header.sequence, str(sequence), True),
        ]
        lines.append(_fixed_line(rule, rule.fixed, header.marker, cells))
    elif rule.csv is not None and rule.csv.header:
        lines.append(_csv_line(rule, rule.csv, rule.csv.columns))
    lines += (_detail(rule, row) for row in rows)
    if rule.trailer is not None:
        trailer = rule.trailer
        count = (trailer.count, str(len(rows)), True)
        control_sum = (trailer.sum, f"{total:f}", True)
        if rule.fixed is not None:
            lines.append(_fixed_line(rule, rule.fixed, trailer.marker, [count, control_sum]))
        elif rule.csv is not None:
            lines.append(_csv_trailer(rule, rule.csv, trailer.marker, [count, control_sum]))
    end = LINE_ENDS[rule.line_end].encode(rule.encoding)
    return b"".join(line + end for line in lines)


def _amount(rule: OutboxRule, values: Mapping[str, str]) -> Decimal:
    """Return the value that is added to the control sum."""
    if rule.trailer is None or rule.trailer.sum_of is None:
        return Decimal(0)
    try:
        return exact_number(_one_line(values.get(rule.trailer.sum_of, "")) or "0")
    except ValueError:
        raise UnfitRowError(f"{rule.trailer.sum_of} is not a number") from None


def _detail(rule: OutboxRule, values: Mapping[str, str]) -> bytes:
    if rule.fixed is not None:
        layout = rule.fixed
        cells = [
            (byte_range, _one_line(values.get(column, "")), column in layout.zeros)
            for column, byte_range in layout.fields.items()
        ]
        return _fixed_line(rule, layout, layout.detail, cells, list(layout.fields))
    assert rule.csv is not None
    cells_of_row = [_one_line(values.get(column, "")) for column in rule.csv.columns]
    if rule.trailer is not None and cells_of_row[0] == rule.trailer.marker:
        raise UnfitRowError(f"{rule.csv.columns[0]} is the marker of the trailer")
    return _csv_line(rule, rule.csv, cells_of_row)


def _fixed_line(
    rule: OutboxRule,
    layout: OutgoingFixed,
    marker: str,
    cells: Sequence[tuple[ByteRange | None, str, bool]],
    names: Sequence[str] = (),
) -> bytes:
    """Return a line.

    Args:
        cells: byte range, text, and whether it is filled with zeros on the left. Without a byte
            range, the text is left out.
        names: names of the columns, for errors.
    """
    line = bytearray(_encoded(rule, marker, "the marker").ljust(layout.line_bytes))
    for nth, (byte_range, text, zeros) in enumerate(cells):
        if byte_range is None:
            continue
        name = names[nth] if names else "a number of the header or trailer"
        first, last = byte_range
        width = last - first + 1
        raw = _encoded(rule, text, name)
        if zeros and text.strip("0123456789"):
            # A department refuses the whole file for one such row.
            raise UnfitRowError(f"{name} is not a whole number")
        if len(raw) > width:
            raise UnfitRowError(f"{name} has {len(raw)} bytes, but its field has {width}")
        line[first - 1 : last] = raw.rjust(width, b"0") if zeros else raw.ljust(width)
    return bytes(line)


def _csv_trailer(
    rule: OutboxRule,
    layout: CsvRule,
    marker: str,
    cells: Sequence[tuple[ByteRange | None, str, bool]],
) -> bytes:
    placed = {column[0]: text for column, text, _ in cells if column is not None}
    values = [placed.get(number, "") for number in range(1, max(placed, default=1) + 1)]
    return _csv_line(rule, layout, [marker, *values[1:]])


def _csv_line(rule: OutboxRule, layout: CsvRule, cells: Sequence[str]) -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=layout.delimiter, lineterminator="").writerow(cells)
    line = _encoded(rule, text.getvalue(), "a value")
    if len(line) > layout.line_bytes:
        raise UnfitRowError(f"the line has more than {layout.line_bytes:,} bytes")
    return line


def _one_line(text: str) -> str:
    """Return a text without line breaks, tabs and other control characters."""
    return " ".join(_CONTROLS.sub(" ", text).split())


def _encoded(rule: OutboxRule, text: str, name: str) -> bytes:
    try:
        return text.encode(rule.encoding)
    except UnicodeEncodeError:
        raise UnfitRowError(f"{name} has a letter that {rule.encoding} does not have") from None
