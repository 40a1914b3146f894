"""Compiles date formats to functions, which take a tenth of the time of `strptime`.

Tokens: `dd` day, `mm` month, `yyyy` year, `HH` hour, `MM` minute, `SS` second. All other characters
must be the same in the text. `iso_dates` handles `iso`, `epoch` and `epoch-ms`; `varying_dates`
handles formats with parts of different lengths, such as names of months.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from typing import cast
from zoneinfo import ZoneInfo

from adapters.mapping.date_formats import (
    MODERN,
    NO_DAYS,
    DateFormat,
    Days,
    Moment,
    OldDayError,
    ParseDateTime,
    modern_offset,
)
from adapters.mapping.generated_code import FunctionSource
from adapters.mapping.iso_dates import EPOCHS, epoch_parser, iso_parser
from adapters.mapping.varying_dates import has_time, is_varying, iso_writer

_MODERN_TEXT = str(MODERN)

FORMAT_REMEDY = (
    "use dd mm yyyy HH MM SS, mon or month, and separators, or write `iso`, `epoch` or `epoch-ms`"
)
_ZERO_DAY = re.compile(r"(?:00(?:00)?[-/.]?){2}00(?:00)?(?:[T ]?00:?00(?::?00(?:\.0+)?)?)?Z?")
"""A date of zeros in any format, which means "no value"."""


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
        return iso_parser(timezone)
    if date_format in EPOCHS:
        return epoch_parser(date_format, timezone)
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
    iso_text = iso_writer(date_format)
    offset = modern_offset(timezone)
    from_iso = dt.datetime.fromisoformat

    def in_zone(text: str) -> dt.datetime:
        moment = iso_text(text)
        if offset is not None and moment >= _MODERN_TEXT:
            return from_iso(moment + offset)
        return from_iso(moment).replace(tzinfo=timezone)

    return in_zone if has_time(date_format) else Days(in_zone).__getitem__


def moment_of(
    formats: Sequence[str], timezone: dt.tzinfo | None, absent_days: frozenset[dt.date] = NO_DAYS
) -> Moment | None:
    """Return a writer of code for a single format of day and time; None for other formats.

    Its code raises an error for the days in `absent_days`.

    Raises:
        UnknownDateFormatError: the format is not valid.
    """
    if len(formats) != 1 or formats[0] in ("iso", *EPOCHS) or is_varying(formats[0]):
        return None
    form = DateFormat(formats[0])
    return None if form.day_ends is None else Moment(form, timezone, absent_days)


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
    formats: Sequence[str],
    timezone: ZoneInfo,
    text: Callable[[object], str | None],
    absent_days: frozenset[dt.date] = NO_DAYS,
) -> Callable[[object], dt.datetime | None]:
    """Return a function that reads a date with time.

    It accepts texts in `formats`, dates and datetimes, and raises ValueError for other values. It
    returns None for `absent_days` and for a date of zeros.

    Args:
        formats: date formats to try; `iso` if empty.
        timezone: zone of values without a zone.
        text: cleans a text; returns None for "no value".
        absent_days: days that mean "no value".

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    parse = compile_formats(formats or ["iso"], timezone)
    parse_cleaned = _cleaning(parse, text)
    absent_years = frozenset(day.year for day in absent_days)
    combine = dt.datetime.combine

    def read(value: object) -> dt.datetime | None:
        moment: dt.datetime | None
        if value.__class__ is str:
            # Most texts match the format exactly; only the others need cleaning.
            try:
                moment = parse(value)
            except ValueError:
                moment = parse_cleaned(value)
        elif isinstance(value, dt.datetime):
            # `combine` takes half the time of `replace`.
            moment = value if value.tzinfo is not None else combine(value, value.time(), timezone)
        elif isinstance(value, dt.date):
            moment = combine(value, dt.time.min, timezone)
        else:
            moment = parse_cleaned(value)
        if moment is not None and moment.year in absent_years and moment.date() in absent_days:
            return None
        return moment

    return read


def _cleaning(
    parse: ParseDateTime, text: Callable[[object], str | None]
) -> Callable[[object], dt.datetime | None]:
    """Return a function that cleans a text and parses it. A date of zeros is "no value"."""

    def parse_cleaned(value: object) -> dt.datetime | None:
        string = text(value)
        if string is None:
            return None
        try:
            return parse(string)
        except ValueError:
            if _ZERO_DAY.fullmatch(string):
                return None
            raise

    return parse_cleaned


def date_reader(
    formats: Sequence[str],
    timezone: ZoneInfo,
    text: Callable[[object], str | None],
    absent_days: frozenset[dt.date] = NO_DAYS,
) -> Callable[[object], dt.date | None]:
    """Return a function that reads a calendar date, without conversion between zones.

    Its arguments, and the values that it accepts and refuses, are those of `datetime_reader`.
    `timezone` is the zone in which a count since 1970 is a day. A moment that is midnight there is
    that day, whatever its own zone is: systems convert a day to UTC.

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    read_moment = datetime_reader(formats, timezone, text, absent_days)

    def read(value: object) -> dt.date | None:
        moment = read_moment(value)
        if moment is None:
            return None
        if moment.hour or moment.minute:
            local = moment.astimezone(timezone)
            if local.time() == dt.time.min:
                return local.date()
        return moment.date()

    return read
