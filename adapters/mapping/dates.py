"""Date formats, compiled: each becomes a function of fixed slices, a tenth of `strptime`'s time.

Tokens: `dd` day, `mm` month, `yyyy` year, `HH` hour, `MM` minute, `SS` second; anything else must
stand in the text as it stands in the format. `iso` is ISO 8601 as `fromisoformat` reads it. Formats
whose parts vary in length, as names of months do, are in `varying_dates`.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

from adapters.mapping.source import Source
from adapters.mapping.varying_dates import is_varying, iso_writer, tells_time

_TOKENS = re.compile(r"dd|mm|yyyy|HH|MM|SS")
_ISO_ORDER = (("yyyy", ""), ("mm", "-"), ("dd", "-"), ("HH", " "), ("MM", ":"), ("SS", ":"))
MODERN = 1970
_MODERN_TEXT = str(MODERN)
DAYS_REMEMBERED = 4096

FORMAT_REMEDY = "write it with dd mm yyyy HH MM SS, mon or month, and separators, or `iso`"

ParseDateTime = Callable[[str], dt.datetime]


class UnknownDateFormatError(ValueError):
    """A format without a day, a month or a year, or with letters that are no token."""


def compile_format(date_format: str, timezone: dt.tzinfo | None = None) -> ParseDateTime:
    """A parser that gives a datetime in `timezone` (naive when None; `iso` may tell another zone).

    It raises ValueError on a text of another form.
    """
    if date_format == "iso":
        return _iso_parser(timezone)
    if is_varying(date_format):
        return _compile_varying(date_format, timezone)
    form = _Format(date_format)

    def in_zone(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(form.iso_text(text)).replace(tzinfo=timezone)

    if not form.has_time:
        return _Days(form.guard(in_zone)).__getitem__
    if form.day_ends is None:
        return form.guard(in_zone)
    return _compile_moments(form, timezone, in_zone)


def _compile_varying(date_format: str, timezone: dt.tzinfo | None) -> ParseDateTime:
    try:
        iso_text = iso_writer(date_format)
    except ValueError:
        raise UnknownDateFormatError(date_format) from None

    offset = _modern_offset(timezone)
    from_iso = dt.datetime.fromisoformat

    def in_zone(text: str) -> dt.datetime:
        moment = iso_text(text)
        if offset is not None and moment >= _MODERN_TEXT:
            return from_iso(moment + offset)
        return from_iso(moment).replace(tzinfo=timezone)

    return in_zone if tells_time(date_format) else _Days(in_zone).__getitem__


class _Format:
    """A date format taken apart.

    Attributes:
        length: characters of a text in it.
        literals: what must stand between the numbers, and where.
        has_time: whether it tells a time of day.
        day_ends: where the day ends, if a time of day in ISO order follows.
    """

    def __init__(self, date_format: str) -> None:
        positions: dict[str, int] = {}
        self.literals: list[tuple[int, str]] = []
        self.length = 0
        for part in re.split(f"({_TOKENS.pattern})", date_format):
            if _TOKENS.fullmatch(part):
                if part in positions:
                    raise UnknownDateFormatError(date_format)
                positions[part] = self.length
            elif part:
                if re.search(r"[A-SU-Za-z]", part):
                    raise UnknownDateFormatError(date_format)
                self.literals += [(n, letter) for n, letter in enumerate(part, start=self.length)]
            self.length += len(part)
        if not {"dd", "mm", "yyyy"} <= positions.keys():
            raise UnknownDateFormatError(date_format)
        self._iso_pieces: list[slice | str] = []
        for token, separator in _ISO_ORDER:
            known = token in positions
            start = positions.get(token, 0)
            self._iso_pieces += [separator, slice(start, start + len(token)) if known else "00"]
        self.has_time = not positions.keys().isdisjoint({"HH", "MM", "SS"})
        clock = re.search(r"[ T]?(HH:MM(:SS)?|HHMM(SS)?)$", date_format)
        self.day_ends = clock.start() if clock is not None else None
        self.time_starts = clock.start(1) if clock is not None else None

    def iso_text(self, text: str) -> str:
        """The text in ISO order: the C parser reads it then, and refuses what is no number."""
        return _joined(self._iso_pieces, text)

    def iso_day(self, text: str) -> str:
        """The same of the day alone, which the text begins with; ValueError if it is none."""
        if any(text[n] != letter for n, letter in self.literals if n < len(text)):
            raise ValueError(text)
        return _joined(self._iso_pieces[:6], text)

    def guard(self, parse: ParseDateTime) -> ParseDateTime:
        """`parse` for texts of the format's form; ValueError for others."""

        def guarded(text: str) -> dt.datetime:
            if len(text) != self.length or any(text[n] != letter for n, letter in self.literals):
                raise ValueError(text)
            return parse(text)

        return guarded


def _joined(pieces: Sequence[slice | str], text: str) -> str:
    return "".join(each if isinstance(each, str) else text[each] for each in pieces)


Day = TypeVar("Day")


class _Days(dict[str, Day]):
    """Remembers what texts of days mean: there are few days, and many rows tell the same one.

    Args:
        read: reads a text that is not remembered; its ValueErrors are not remembered either.
    """

    def __init__(self, read: Callable[[str], Day]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> Day:
        meaning = self._read(text)
        if len(self) >= DAYS_REMEMBERED:
            self.clear()
        self[text] = meaning
        return meaning


class _OldDayError(Exception):
    """A day before `MODERN`: its offset has to be looked up in the zone."""


class Moment:
    """A day and a time of day in one format, as code: the day is remembered, the time is read.

    Args:
        form: the format, with `day_ends`.
        timezone: whose local times they are.
    """

    def __init__(self, form: _Format, timezone: dt.tzinfo | None) -> None:
        self._form = form
        self._timezone = timezone
        self._offset = _modern_offset(timezone)
        self._days = _Days(self._read_day)

    def _read_day(self, text: str) -> str:
        iso_day = self._form.iso_day(text)
        if dt.date.fromisoformat(iso_day).year < MODERN and self._offset is not None:
            raise _OldDayError
        return iso_day

    def condition(self, text: str) -> str:
        """Whether the text that the name stands for has the format's form."""
        literals = [
            f"{text}[{n}] == {letter!r}"
            for n, letter in self._form.literals
            if n >= (self._form.day_ends or 0)
        ]
        return " and ".join([f"len({text}) == {self._form.length}", *literals])

    def expression(self, text: str, named: Callable[[str, object], str]) -> str:
        """Its datetime; raises on what must be read the long way. `named` names an object."""
        days, read = named("days", self._days), named("fromisoformat", dt.datetime.fromisoformat)
        day, time = f"{days}[{text}[:{self._form.day_ends}]]", f"{text}[{self._form.time_starts}:]"
        # An offset in the text costs a third of what setting the zone afterwards costs.
        moment = f'{read}(f"{{{day}}} {{{time}}}{self._offset or ""}")'
        if self._offset:
            return moment
        return f"{moment}.replace(tzinfo={named('zone', self._timezone)})"


def moment_of(formats: Sequence[str], timezone: dt.tzinfo | None) -> Moment | None:
    """For one format of a day and a time of day; others are read by `datetime_reader` alone."""
    if len(formats) != 1 or formats[0] == "iso" or is_varying(formats[0]):
        return None
    form = _Format(formats[0])
    return None if form.day_ends is None else Moment(form, timezone)


def _compile_moments(
    form: _Format, timezone: dt.tzinfo | None, in_zone: ParseDateTime
) -> ParseDateTime:
    moment = Moment(form, timezone)
    source = Source({"in_zone": in_zone, "OldDayError": _OldDayError})
    source.add(1, f"if {moment.condition('text')}:")
    source.add(2, "try:")
    source.add(3, f"return {moment.expression('text', source.named)}")
    source.add(2, "except OldDayError:")
    source.add(3, "return in_zone(text)")
    source.add(1, "raise ValueError(text)")
    return cast("ParseDateTime", source.function("parse", "text", "<date format>"))


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
