"""Dates that need more than a format: days that mean "no value", and times in a second field."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence
from zoneinfo import ZoneInfo

from adapters.mapping.date_formats import UnknownDateFormatError
from adapters.mapping.dates import datetime_reader
from adapters.mapping.values import TextReader

_CLOCKS = {
    "HH:MM:SS": "([0-9]{2}):([0-9]{2}):([0-9]{2})",
    "HH:MM": "([0-9]{2}):([0-9]{2})",
    "HHMMSS": "([0-9]{2})([0-9]{2})([0-9]{2})",
    "HHMM": "([0-9]{2})([0-9]{2})",
}
_END_OF_DAY = dt.timedelta(days=1)
NO_DAY = dt.date.min
"""The day that .NET writes for "no date". It means "no value" in every department."""


def days_among(texts: Iterable[str]) -> frozenset[dt.date]:
    """Return the ISO dates among the texts, and `NO_DAY`.

    These days mean "no value" in any date format.
    """
    days = {NO_DAY}
    for text in texts:
        try:
            days.add(dt.datetime.strptime(text, "%Y-%m-%d").date())  # noqa: DTZ007
        except ValueError:
            continue
    return frozenset(days)


def clock_reader(
    formats: Sequence[str], timezone: ZoneInfo, text: TextReader
) -> Callable[[object], dt.timedelta | None]:
    """Return a function that reads a time of day, alone or after a date that is ignored.

    It tries the time formats and date formats in turn, and returns the time since midnight.
    `24:00` is the midnight at the end of the day.

    Raises:
        UnknownDateFormatError: a format is not valid.
    """
    clocks = [re.compile(_CLOCKS[each]) for each in formats if each in _CLOCKS]
    with_date = [each for each in formats if each not in _CLOCKS]
    if "iso" in with_date and len(formats) > 1:
        raise UnknownDateFormatError("iso")
    read_moment = datetime_reader(with_date, timezone, text) if with_date or not clocks else None

    def read(value: object) -> dt.timedelta | None:
        if isinstance(value, dt.timedelta):
            # MariaDB's type TIME also holds durations.
            return _within_a_day(value)
        if isinstance(value, dt.time | dt.datetime):
            return _since_midnight(value)
        string = text(value)
        if string is None:
            return None
        for clock in clocks:
            match = clock.fullmatch(string)
            if match is not None:
                hour, minute, second = (*map(int, match.groups()), 0)[:3]
                if minute > 59 or second > 59:
                    raise ValueError(string)
                return _within_a_day(dt.timedelta(hours=hour, minutes=minute, seconds=second))
        if read_moment is None:
            raise ValueError(string)
        moment = read_moment(string)
        return None if moment is None else _since_midnight(moment)

    return read


def _since_midnight(time: dt.time | dt.datetime) -> dt.timedelta:
    return dt.timedelta(
        hours=time.hour, minutes=time.minute, seconds=time.second, microseconds=time.microsecond
    )


def _within_a_day(time: dt.timedelta) -> dt.timedelta:
    if not dt.timedelta(0) <= time <= _END_OF_DAY:
        raise ValueError(time)
    return time


def two_field_reader(
    read_day: Callable[[object], dt.datetime | None],
    read_clock: Callable[[object], dt.timedelta | None],
) -> Callable[[object, object], dt.datetime | None]:
    """Return a function that combines a day and a time; without a time, the day is unchanged."""

    def read(day: object, clock: object) -> dt.datetime | None:
        moment = read_day(day)
        time = read_clock(clock) if moment is not None else None
        if moment is None or time is None:
            return moment
        # In local time: the day may have 23 or 25 hours.
        return dt.datetime.combine(moment, dt.time.min, moment.tzinfo) + time

    return read
