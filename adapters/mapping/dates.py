"""Compiles date formats to functions, which take a tenth of the time of `strptime`.

Tokens: `dd` day, `mm` month, `yyyy` year, `HH` hour, `MM` minute, `SS` second. All other characters
must be the same in the text. `iso` is ISO 8601 as `fromisoformat` reads it. `varying_dates` handles
formats with parts of different lengths, such as names of months.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import cast
from zoneinfo import ZoneInfo

from adapters.mapping.date_formats import (
    MODERN,
    DateFormat,
    Days,
    Moment,
    OldDayError,
    ParseDateTime,
    UnknownDateFormatError,
    modern_offset,
)
from adapters.mapping.generated_code import FunctionSource
from adapters.mapping.varying_dates import has_time, is_varying, iso_writer

_MODERN_TEXT = str(MODERN)

FORMAT_REMEDY = "use dd mm yyyy HH MM SS, mon or month, and separators, or write `iso`"


def compile_format(date_format: str, timezone: dt.tzinfo | None = None) -> ParseDateTime:
    """Return a parser for a date format.

    The parser returns a datetime, or raises ValueError if the text does not match.

    Args:
        date_format: the format.
        timezone: zone of the datetimes; None gives naive ones. A text in `iso` may name its own.

    Raises:
        UnknownDateFormatError: the format is not valid.
    """
    if date_format == "iso":
        return _iso_parser(timezone)
    if is_varying(date_format):
        return _compile_varying(date_format, timezone)
    form = DateFormat(date_format)

    def in_zone(text: str) -> dt.datetime:
        return dt.datetime.fromisoformat(form.iso_text(text)).replace(tzinfo=timezone)

    if not form.has_time:
        return Days(form.guard(in_zone)).__getitem__
    if form.day_ends is None:
        return form.guard(in_zone)
    return _compile_moments(form, timezone, in_zone)


def _compile_varying(date_format: str, timezone: dt.tzinfo | None) -> ParseDateTime:
    try:
        iso_text = iso_writer(date_format)
    except ValueError:
        raise UnknownDateFormatError(date_format) from None

    offset = modern_offset(timezone)
    from_iso = dt.datetime.fromisoformat

    def in_zone(text: str) -> dt.datetime:
        moment = iso_text(text)
        if offset is not None and moment >= _MODERN_TEXT:
            return from_iso(moment + offset)
        return from_iso(moment).replace(tzinfo=timezone)

    return in_zone if has_time(date_format) else Days(in_zone).__getitem__


def moment_of(formats: Sequence[str], timezone: dt.tzinfo | None) -> Moment | None:
    """Return a writer of code for a single format of day and time; None for other formats.

    Raises:
        UnknownDateFormatError: the format is not valid.
    """
    if len(formats) != 1 or formats[0] == "iso" or is_varying(formats[0]):
        return None
    form = DateFormat(formats[0])
    return None if form.day_ends is None else Moment(form, timezone)


def _compile_moments(
    form: DateFormat, timezone: dt.tzinfo | None, in_zone: ParseDateTime
) -> ParseDateTime:
    moment = Moment(form, timezone)
    source = FunctionSource({"in_zone": in_zone, "OldDayError": OldDayError})
    source.add(1, f"if {moment.condition('text')}:")
    source.add(2, "try:")
    source.add(3, f"return {moment.expression('text', source.named)}")
    source.add(2, "except OldDayError:")
    source.add(3, "return in_zone(text)")
    source.add(1, "raise ValueError(text)")
    return cast("ParseDateTime", source.function("parse", "text", "<date format>"))


def _iso_parser(timezone: dt.tzinfo | None) -> ParseDateTime:
    def parse(text: str) -> dt.datetime:
        moment = dt.datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment
        return dt.datetime.combine(moment, moment.time(), timezone)

    return parse


def compile_formats(formats: Sequence[str], timezone: dt.tzinfo | None = None) -> ParseDateTime:
    """Return a parser that tries the formats in turn; see `compile_format`.

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
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
    """Return a function that reads a date with time.

    It accepts texts in `formats`, dates and datetimes, and raises ValueError for other values.

    Args:
        formats: date formats to try; `iso` if empty.
        timezone: zone of values without a zone.
        text: cleans a text; returns None for "no value".

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    parse = compile_formats(formats or ["iso"], timezone)
    combine = dt.datetime.combine

    def read(value: object) -> dt.datetime | None:
        if value.__class__ is str:
            # Most texts match the format exactly; only the others need cleaning.
            try:
                return parse(value)
            except ValueError:
                string = text(value)
                return None if string is None else parse(string)
        if isinstance(value, dt.datetime):
            # `combine` takes half the time of `replace`.
            return value if value.tzinfo is not None else combine(value, value.time(), timezone)
        if isinstance(value, dt.date):
            return combine(value, dt.time.min, timezone)
        string = text(value)
        return None if string is None else parse(string)

    return read


def date_reader(
    formats: Sequence[str], text: Callable[[object], str | None]
) -> Callable[[object], dt.date | None]:
    """Return a function that reads a calendar date, without conversion between zones.

    Args:
        formats: date formats to try; `iso` if empty.
        text: cleans a text; returns None for "no value".

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    parse = compile_formats(formats or ["iso"])

    def read(value: object) -> dt.date | None:
        if isinstance(value, dt.datetime):
            return value.date()
        if isinstance(value, dt.date):
            return value
        string = text(value)
        return None if string is None else parse(string).date()

    return read
