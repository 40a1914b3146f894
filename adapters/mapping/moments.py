"""Dates that need more than a format: days that mean "no value", and times in a second field."""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import datetime_reader
from adapters.mapping.values import TextReader

DayReader = Callable[[object], dt.date | None]

_CLOCKS = {"HH:MM:SS": "%H:%M:%S", "HH:MM": "%H:%M", "HHMMSS": "%H%M%S", "HHMM": "%H%M"}


def days_among(texts: Iterable[str]) -> frozenset[dt.date]:
    """Return the ISO dates among the texts. These days mean "no value" in any date format."""
    days: set[dt.date] = set()
    for text in texts:
        try:
            days.add(dt.datetime.strptime(text, "%Y-%m-%d").date())  # noqa: DTZ007
        except ValueError:
            continue
    return frozenset(days)


def without_days(read: DayReader, days: frozenset[dt.date]) -> DayReader:
    """Return a function that reads a date, and returns None for these days."""

    def read_day(value: object) -> dt.date | None:
        moment = read(value)
        day = moment.date() if isinstance(moment, dt.datetime) else moment
        return None if day in days else moment

    return read_day


def clock_reader(
    formats: Sequence[str], timezone: ZoneInfo, text: TextReader
) -> Callable[[object], dt.time | None]:
    """Return a function that reads a time of day, alone or after a date that is ignored.

    Args:
        formats: time formats or date formats to try.
        timezone: the department's zone.
        text: cleans a text; returns None for "no value".

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    clocks = [_CLOCKS[each] for each in formats if each in _CLOCKS]
    with_date = [each for each in formats if each not in _CLOCKS]
    if "iso" in with_date and len(formats) > 1:
        raise UnknownDateFormatError("iso")
    read_moment = datetime_reader(with_date, timezone, text) if with_date or not clocks else None

    def read(value: object) -> dt.time | None:
        if isinstance(value, dt.time):
            return value
        if isinstance(value, dt.datetime):
            return value.time()
        string = text(value)
        if string is None:
            return None
        for clock in clocks:
            try:
                return dt.datetime.strptime(string, clock).time()  # noqa: DTZ007
            except ValueError:
                continue
        if read_moment is None:
            raise ValueError(string)
        moment = read_moment(string)
        return None if moment is None else moment.time()

    return read


def two_field_reader(
    read_day: Callable[[object], dt.datetime | None],
    read_clock: Callable[[object], dt.time | None],
) -> Callable[[object, object], dt.datetime | None]:
    """Return a function that combines a day and a time; without a time, it is midnight."""

    def read(day: object, clock: object) -> dt.datetime | None:
        moment = read_day(day)
        time = read_clock(clock) if moment is not None else None
        if moment is None or time is None:
            return moment
        return dt.datetime.combine(moment, time, moment.tzinfo)

    return read
