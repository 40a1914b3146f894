"""Reads lines of a fixed width, which is counted in bytes: a letter of Devanagari has three."""

from collections.abc import Sequence

from adapters.connectors.files.lines import (
    Line,
    ReadFile,
    Tally,
    blank_among,
    check_end,
    lines_of,
)
from adapters.connectors.files.settings import FileRule, FixedRule, Place


class _BadLineError(Exception):
    """Why a line is not a row."""


def read_fixed(content: bytes, rule: FileRule, needed: Sequence[str]) -> ReadFile:
    """The file's rows and problems. A row with nothing in a `needed` column is a bad one."""
    assert rule.fixed is not None
    layout = rule.fixed
    read = ReadFile()
    lines = lines_of(content, rule.final_newline, read)
    tally = Tally(layout.trailer)
    header, trailer = layout.header, layout.trailer
    for number, line in enumerate(lines, start=1):
        if tally.closed:
            read.note(number, "it stands after the trailer")
        elif header is not None and line.startswith(header.marker.encode()):
            if number != 1:
                read.note(number, "a header in the middle of the file")
            elif header.stamp is not None:
                read.stamp = _text(line, header.stamp, "stamp", read, number)
        elif trailer is not None and line.startswith(trailer.marker.encode()):
            count, total = (
                _text(line, place, "trailer", read, number) if place is not None else None
                for place in (trailer.count, trailer.sum)
            )
            tally.close(number, count, total, read)
        else:
            try:
                values = _row(line, layout, needed)
            except _BadLineError as bad:
                tally.add_bad()
                read.note(number, str(bad))
                continue
            problem = tally.add(values)
            if problem is not None:
                read.note(number, problem)
                continue
            read.rows.append(Line(number, values))
    check_end(trailer, tally, len(lines), read)
    return read


def _row(line: bytes, layout: FixedRule, needed: Sequence[str]) -> dict[str, str]:
    if len(line) != layout.line_bytes:
        raise _BadLineError(f"it has {len(line)} bytes, not {layout.line_bytes}")
    if not line.startswith(layout.detail.encode()):
        raise _BadLineError("it begins like no line of this file")
    values: dict[str, str] = {}
    for name, place in layout.fields.items():
        try:
            values[name] = _cut(line, place)
        except UnicodeDecodeError:
            raise _BadLineError(f"{name} is not UTF-8") from None
    blank = blank_among(values, needed)
    if blank is not None:
        raise _BadLineError(f"{blank} is blank")
    return values


def _text(line: bytes, place: Place, what: str, read: ReadFile, number: int) -> str:
    try:
        return _cut(line, place)
    except UnicodeDecodeError:
        read.note(number, f"{what} is not UTF-8")
        return ""


def _cut(line: bytes, place: Place) -> str:
    return line[place[0] - 1 : place[1]].decode().strip(" \0")
