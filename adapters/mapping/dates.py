"""Date formats, compiled: each becomes a function of fixed slices, a tenth of `strptime`'s time.

Tokens: `dd` day, `mm` month, `yyyy` year, `HH` hour, `MM` minute, `SS` second; anything else must
stand in the text as it stands in the format. `iso` is ISO 8601 as `fromisoformat` reads it.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from zoneinfo import ZoneInfo

_TOKENS = re.compile(r"dd|mm|yyyy|HH|MM|SS")
_ISO_ORDER = (("yyyy", ""), ("mm", "-"), ("dd", "-"), ("HH", " "), ("MM", ":"), ("SS", ":"))
MODERN = 1970

ParseDateTime = Callable[[str], dt.datetime]


class UnknownDateFormatError(ValueError):
    """A format without a day, a month or a year, or with letters that are no token."""


def compile_format(date_format: str, timezone: dt.tzinfo | None = None) -> ParseDateTime:
    """A parser that gives a datetime in `timezone` (naive when None; `iso` may tell another zone).

    It raises ValueError on a text of another form.
    """
    if date_format == "iso":
        return _iso_parser(timezone)
    positions: dict[str, int] = {}
    literals: list[tuple[int, str]] = []
    length = 0
    for part in re.split(f"({_TOKENS.pattern})", date_format):
        if _TOKENS.fullmatch(part):
            if part in positions:
                raise UnknownDateFormatError(date_format)
            positions[part] = length
        elif part:
            if re.search(r"[A-SU-Za-z]", part):
                raise UnknownDateFormatError(date_format)
            literals.append((length, part))
        length += len(part)
    if not {"dd", "mm", "yyyy"} <= positions.keys():
        raise UnknownDateFormatError(date_format)
    conditions = [f"len(s) == {length}"]
    for place, text in literals:
        conditions += [f"s[{n}] == {letter!r}" for n, letter in enumerate(text, start=place)]
    iso = _iso_text(date_format, positions)
    lines = ["def parse(s):", f"    if {' and '.join(conditions)}:"]
    offset = _modern_offset(timezone)
    if offset is not None:
        # An offset in the text costs a third of what setting the zone afterwards costs.
        year = positions["yyyy"]
        lines.append(f"        if s[{year}] >= '2' or s[{year}:{year + 4}] >= '{MODERN}':")
        lines.append(f'            return fromisoformat(f"{iso}{offset}")')
    lines.append(f'        return fromisoformat(f"{iso}").replace(tzinfo=zone)')
    lines.append("    raise ValueError(s)")
    source = "\n".join(lines)
    namespace: dict[str, object] = {
        "fromisoformat": dt.datetime.fromisoformat,
        "zone": timezone,
    }
    exec(compile(source, f"<date format {date_format}>", "exec"), namespace)  # noqa: S102
    return namespace["parse"]  # type: ignore[return-value]


def _iso_text(date_format: str, positions: Mapping[str, int]) -> str:
    """The inside of an f-string that puts a text `s` of the format into ISO order.

    The C parser reads it then, and refuses what is not all digits. What stands in ISO order
    already is one slice.
    """
    pieces: list[tuple[int, int] | str] = []
    for token, separator in _ISO_ORDER:
        if token not in positions:
            pieces.append(f"{separator}00")
            continue
        start, end = positions[token], positions[token] + len(token)
        last = pieces[-1] if pieces else None
        if isinstance(last, tuple) and date_format[last[1] : start] == separator:
            pieces[-1] = (last[0], end)
            continue
        if separator:
            pieces.append(separator)
        pieces.append((start, end))
    return "".join(
        each if isinstance(each, str) else f"{{s[{each[0]}:{each[1]}]}}" for each in pieces
    )


@cache
def _modern_offset(timezone: dt.tzinfo | None) -> str | None:
    """`+05:30` where the zone has had one offset since `MODERN`; None where it changes."""
    if timezone is None:
        return None
    months = (
        dt.datetime(year, month, 1, tzinfo=timezone)
        for year in range(MODERN, MODERN + 100)
        for month in range(1, 13)
    )
    offsets = {moment.isoformat()[19:] for moment in months}
    return offsets.pop() if len(offsets) == 1 else None


def _iso_parser(timezone: dt.tzinfo | None) -> ParseDateTime:
    def parse(text: str) -> dt.datetime:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
        return dt.datetime.combine(moment, moment.time(), timezone)

    return parse


def compile_formats(formats: Sequence[str], timezone: dt.tzinfo | None = None) -> ParseDateTime:
    """Tries the formats in turn."""
    parsers = [compile_format(each, timezone) for each in formats]
    if len(parsers) == 1:
        return parsers[0]

    def parse(text: str) -> dt.datetime:
        for parser in parsers:
            try:
                return parser(text)
            except ValueError:
                continue
        raise ValueError(text)

    return parse


def datetime_reader(
    formats: Sequence[str], timezone: ZoneInfo, text: Callable[[object], str | None]
) -> Callable[[object], dt.datetime | None]:
    """Reads an instant: texts in `formats`, datetimes as they are; local means `timezone`."""
    parse = compile_formats(formats or ["iso"], timezone)
    combine = dt.datetime.combine

    def read(value: object) -> dt.datetime | None:
        if value.__class__ is str:
            # Most come exactly in their format; the others are trimmed first, or absent.
            try:
                return parse(value)
            except ValueError:
                string = text(value)
                return None if string is None else parse(string)
        if isinstance(value, dt.datetime):
            # `combine` costs half of `replace`.
            return value if value.tzinfo is not None else combine(value, value.time(), timezone)
        if isinstance(value, dt.date):
            return combine(value, dt.time.min, timezone)
        string = text(value)
        return None if string is None else parse(string)

    return read


def date_reader(
    formats: Sequence[str], text: Callable[[object], str | None]
) -> Callable[[object], dt.date | None]:
    """Reads a calendar date, as the department writes it, without moving it between zones."""
    parse = compile_formats(formats or ["iso"])

    def read(value: object) -> dt.date | None:
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        string = text(value)
        return None if string is None else parse(string).date()

    return read
