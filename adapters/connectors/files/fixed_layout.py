"""Reads fixed-width files. Widths are in bytes; a Devanagari letter has three."""

from collections.abc import Mapping, Sequence

from adapters.connectors.files.rows import (
    BadLineError,
    ReadFile,
    Tally,
    read_rows,
    refuse_blanks,
)
from adapters.connectors.files.settings import ByteRange, FileRule, FixedRule


def read_fixed(content: bytes, rule: FileRule, needed: Sequence[str]) -> ReadFile:
    """Return the rows and problems of a fixed-width file.

    Args:
        content: content of the file.
        rule: its file type.
        needed: columns that must not be blank.
    """
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
        return _row(line, layout, needed)

    return read_rows(content, rule.final_newline, trailer, take)


def _row(line: bytes, layout: FixedRule, needed: Sequence[str]) -> dict[str, str]:
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
