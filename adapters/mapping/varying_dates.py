"""Date formats with parts of different lengths: English names of months, no leading zeros.

Tokens in addition to those of `dates`: `mon` is the short name of the month (`Nov`, `Sept`) and
`month` the full name, both in upper or lower case; `d` and `m` are day and month with or without a
leading zero.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from adapters.mapping.date_formats import DAYS_REMEMBERED, UnknownDateFormatError

MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
SHORT_NAMES = tuple(name[:3] for name in MONTHS)

TOKENS = re.compile(r"month|mon|mm?|dd?|yyyy|HH|MM|SS")
_CLOCK = re.compile(r"[ T]HH:MM(:SS)?$")
_VARYING = frozenset({"month", "mon", "m", "d"})
_NUMBERS = {name.lower(): f"{n:02d}" for n, name in enumerate(MONTHS, start=1)}
_SHORT_NUMBERS = {
    **{name.lower(): f"{n:02d}" for n, name in enumerate(SHORT_NAMES, start=1)},
    "sept": "09",
}
_PATTERNS = {
    "month": f"(?P<month>{'|'.join(_NUMBERS)})",
    "mon": f"(?P<month>{'|'.join(sorted(_SHORT_NUMBERS, key=len, reverse=True))})",
    "mm": "(?P<month>[0-9]{2})",
    "m": "(?P<month>[0-9]{1,2})",
    "dd": "(?P<day>[0-9]{2})",
    "d": "(?P<day>[0-9]{1,2})",
    "yyyy": "(?P<year>[0-9]{4})",
    "HH": "(?P<hour>[0-9]{2})",
    "MM": "(?P<minute>[0-9]{2})",
    "SS": "(?P<second>[0-9]{2})",
}
_MIDNIGHT = {"hour": "00", "minute": "00", "second": "00"}


def is_varying(date_format: str) -> bool:
    """Return whether a part of the format varies in length."""
    return not _VARYING.isdisjoint(TOKENS.findall(date_format))


def has_time(date_format: str) -> bool:
    """Return whether the format contains a time of day."""
    return not {"HH", "MM", "SS"}.isdisjoint(TOKENS.findall(date_format))


def iso_writer(date_format: str) -> Callable[[str], str]:
    """Return a function that writes a date in ISO order.

    It raises ValueError if the text does not match the format.

    Raises:
        UnknownDateFormatError: the format repeats a part, lacks day, month or year, or has unknown
            letters.
    """
    clock = _CLOCK.search(date_format)
    if clock is None or has_time(date_format[: clock.start()]):
        return _whole_writer(date_format)
    write_day = lru_cache(DAYS_REMEMBERED)(_whole_writer(date_format[: clock.start()]))
    length = len(clock[0])
    separator = date_format[-length]
    colons = clock[0][3::3]

    def iso_text(text: str) -> str:
        # Only the day is cached: many rows have the same one.
        time = text[-length:]
        if time[:1] != separator or time[3::3] != colons:
            raise ValueError(text)
        return f"{write_day(text[:-length])[:10]} {time[1:]}"

    return iso_text


def _whole_writer(date_format: str) -> Callable[[str], str]:
    pattern = _pattern(date_format)
    numbers = _NUMBERS | _SHORT_NUMBERS

    def iso_text(text: str) -> str:
        match = pattern.fullmatch(text)
        if match is None:
            raise ValueError(text)
        found = {**_MIDNIGHT, **match.groupdict()}
        month = numbers.get(found["month"].lower()) or found["month"].zfill(2)
        clock = f"{found['hour']}:{found['minute']}:{found['second']}"
        return f"{found['year']}-{month}-{found['day'].zfill(2)} {clock}"

    return iso_text


def _pattern(date_format: str) -> re.Pattern[str]:
    written: list[str] = []
    for part in re.split(f"({TOKENS.pattern})", date_format):
        if TOKENS.fullmatch(part):
            written.append(_PATTERNS[part])
        elif re.search(r"[A-SU-Za-z]", part):
            raise UnknownDateFormatError(date_format)
        else:
            written.append(re.escape(part))
    try:
        pattern = re.compile("".join(written), re.IGNORECASE | re.ASCII)
    except re.error:
        raise UnknownDateFormatError(date_format) from None
    if not {"day", "month", "year"} <= pattern.groupindex.keys():
        raise UnknownDateFormatError(date_format)
    return pattern
