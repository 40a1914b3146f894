"""Recognises dates in recorded replies, and moves them by a number of days in the same form."""

import datetime as dt
import re
from collections.abc import Iterator

from adapters.mapping.varying_dates import MONTHS, SHORT_NAMES

_MONTH_NAMES = {name.lower(): n for n, name in enumerate(MONTHS, start=1)}
_MONTH_NAMES |= {name.lower(): n for n, name in enumerate(SHORT_NAMES, start=1)}
_MONTH_NAMES["sept"] = 9
_NAME = "|".join(sorted(_MONTH_NAMES, key=len, reverse=True))
_CLOCK = r"[T ,]*\d{1,2}[:.]?\d\d([:.]?\d\d([.,]\d{1,9})?)?\s*([AaPp]\.?[Mm]\.?)?"
_ZONE = r"\s*(Z|z|UTC|GMT|IST|[+-]\d\d(:?\d\d)?)?(\[[\w/]+\])?"
_DAY = r"(?<!\d)(?P<d>\d{1,2})"
_YEAR = r"(?P<y>\d{4}|\d\d)(?!\d)"
_FORMS = tuple(
    re.compile(form, re.IGNORECASE)
    for form in (
        r"(?<!\d)(?P<y>\d{4})(?P<s>[-/.])(?P<m>\d{1,2})(?P=s)(?P<d>\d{1,2})(?!\d)",
        rf"{_DAY}(?P<s>[-/.])(?P<m>\d{{1,2}})(?P=s){_YEAR}",
        rf"{_DAY}(?P<s>[-/. ]+)(?P<m>{_NAME})(?P<t>[-/., ]+){_YEAR}",
        rf"(?P<m>{_NAME})(?P<s>[-/. ]+)(?P<d>\d{{1,2}})(?P<t>[-/., ]+){_YEAR}",
    )
)
_WEEKDAY = r"((mon|tues?|wed(nes)?|thu(rs)?|fri|sat(ur)?|sun)(day)?[., ]+)?"
_WHOLE = tuple(
    re.compile(rf"{_WEEKDAY}{form.pattern}({_CLOCK})?{_ZONE}", re.IGNORECASE) for form in _FORMS
)
_COMPACT = re.compile(rf"(\d{{8}})([T ]?\d{{4}}|[T ]?\d{{6}}(\.\d{{1,9}})?)?{_ZONE}")
_SHORT_COMPACT = re.compile(r"\d{6}")
_EPOCH = re.compile(
    r"(?P<before>(/Date\()?)(?P<n>-?\d{9,10}(\d{3})?)(?P<after>(\.\d+)?([+-]\d{4})?(\)/)?)"
)
_TIME = re.compile(rf"({_CLOCK.removeprefix('[T ,]*')}|\d{{1,2}}:\d\d(:\d\d)?){_ZONE}")
_NEWEST = dt.date(2100, 1, 1)
_SENTINELS = ("0000", "0001", "9999")


def is_written_date(text: str) -> bool:
    """Return True if the text is an existing day with separators or a month's name.

    A time and a zone may follow. The year has four digits.
    """
    found = (form.fullmatch(text.strip()) for form in _WHOLE)
    return any(match and len(match["y"]) == 4 and _day_of(match) for match in found)


def is_date_of_column(text: str) -> bool:
    """Return True if the value of a column of dates is a date, a moment or a time in any form.

    The day need not exist: the sample then gives the same warning as the reply.
    """
    stripped = text.strip()
    if any(form.fullmatch(stripped) for form in _WHOLE) or _TIME.fullmatch(stripped):
        return True
    return next(_readings_of_digits(stripped), None) is not None


def day_in(text: str) -> dt.date | None:
    """Return the day of a date in any form; None if the text is not a date.

    A day that does not exist, such as 00/00/0000 or 31/02/2026, is the first of January of year 1.
    """
    stripped = text.strip()
    for form in _FORMS:
        match = form.search(stripped)
        if match is not None:
            return _day_of(match) or dt.date.min
    return next(_readings_of_digits(stripped), None)


def is_old(text: str) -> bool:
    """Return True if the day is before 2000, so that it may be a birth date."""
    day = day_in(text)
    return day is not None and dt.date(1800, 1, 1) <= day < dt.date(2000, 1, 1)


def moved(text: str, days: dt.timedelta) -> str | None:
    """Return the text with its day moved back; None if it is not a date.

    Separators, widths, names of months, times and zones stay as they are. So do days that do not
    exist, and years that mean "no date" (0001, 9999).
    """
    for form in _FORMS:
        match = form.search(text)
        if match is not None:
            return _moved_day(text, match, days)
    epoch = _EPOCH.fullmatch(text.strip())
    if epoch is not None:
        digits = epoch["n"].lstrip("-")
        seconds = int(days.total_seconds()) * (1000 if len(digits) > 10 else 1)
        made = f"{epoch['before']}{int(epoch['n']) - seconds}{epoch['after']}"
        return text.replace(text.strip(), made)
    compact = _COMPACT.fullmatch(text.strip())
    if compact is not None:
        word = compact[1]
        for pattern in ("%Y%m%d", "%d%m%Y"):
            day = _parsed(word, pattern)
            if day is not None:
                return text.replace(word, (day - days).strftime(pattern), 1)
    return None


def _moved_day(text: str, match: re.Match[str], days: dt.timedelta) -> str:
    day = _day_of(match)
    if day is None or f"{day.year:04}" in _SENTINELS:
        return text
    try:
        made = day - days
    except OverflowError:
        return text
    month = match["m"]
    parts = {
        "y": f"{made.year:04}"[-len(match["y"]) :],
        "m": f"{made.month:0{len(month)}}" if month.isdigit() else _month_like(month, made.month),
        "d": f"{made.day:0{len(match['d'])}}",
    }
    written = text
    for name in sorted(parts, key=match.start, reverse=True):
        written = written[: match.start(name)] + parts[name] + written[match.end(name) :]
    return written


def _month_like(original: str, month: int) -> str:
    names = SHORT_NAMES if len(original) == 3 or original.lower() == "sept" else MONTHS
    name = str(names[month - 1])
    if original.isupper():
        return name.upper()
    return name.lower() if original.islower() else name.title()


def _day_of(match: re.Match[str]) -> dt.date | None:
    month = match["m"]
    number = int(month) if month.isdigit() else _MONTH_NAMES[month.lower()]
    year, day = int(match["y"]), int(match["d"])
    if len(match["y"]) == 2:
        year += 2000 if year <= dt.datetime.now(dt.UTC).year % 100 else 1900
    if number > 12 and day <= 12:
        # American order.
        number, day = day, number
    try:
        return dt.date(year, number, day)
    except ValueError:
        return None


def _readings_of_digits(text: str) -> Iterator[dt.date]:
    """Yield the days that digits may mean: a compact date, or a time since 1970."""
    compact = _COMPACT.fullmatch(text)
    if compact is not None:
        found = (_parsed(compact[1], each) for each in ("%Y%m%d", "%d%m%Y"))
        yield from (day for day in found if day is not None and 1800 <= day.year <= 2200)
    if _SHORT_COMPACT.fullmatch(text):
        found = (_parsed(text, each) for each in ("%y%m%d", "%d%m%y"))
        yield from (day for day in found if day is not None)
    epoch = _EPOCH.fullmatch(text)
    if epoch is not None:
        number = int(epoch["n"]) // (1000 if len(epoch["n"].lstrip("-")) > 10 else 1)
        day = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=number)).date()
        if dt.date(1900, 1, 1) <= day <= _NEWEST:
            yield day


def _parsed(digits: str, pattern: str) -> dt.date | None:
    try:
        return dt.datetime.strptime(digits, pattern).replace(tzinfo=dt.UTC).date()
    except ValueError:
        return None
