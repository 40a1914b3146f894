"""Exact parsers of moments: ISO 8601 with any precision and zone, and counts since 1970.

`datetime.fromisoformat` alone accepts more than ISO 8601: it reads the zone of `2026-11-03+05:30`
as a time of day, and `T10.5` as half a second after ten.
"""

import datetime as dt
import re
from collections.abc import Callable

from adapters.mapping.values import exact_number

ParseDateTime = Callable[[str], dt.datetime]

EPOCHS = {"epoch": 1_000_000, "epoch-ms": 1000}
"""Formats of counts since 1970-01-01 in UTC, and the microseconds of one unit."""
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MOST_EXPONENT = 18
_ISO = re.compile(
    r"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{8}|[0-9]{4}-W[0-9]{2}-[0-9]|[0-9]{4}W[0-9]{3})"
    r"(?:[Tt ](?:(?P<midnight>24:?00(?::?00(?:[.,]0+)?)?)|(?P<time>[0-9]{2}"
    r"(?::[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?|[0-9]{2}(?:[0-9]{2}(?:[.,][0-9]+)?)?)?)))?"
    r"(?P<zone>[Zz]|[+-][0-9]{2}(?::?[0-9]{2}(?::?[0-9]{2})?)?)?"
)
_DAY = dt.timedelta(days=1)


def iso_parser(timezone: dt.tzinfo | None) -> ParseDateTime:
    """Return a parser of ISO 8601: a day, and optionally a time of day and a zone.

    A day without a time is its midnight in the zone that the text states. `24:00` is the midnight
    at the end of the day. Fractions of a microsecond are cut off. `timezone` is the zone of texts
    that state none; None gives naive datetimes for them.
    """
    from_iso, combine = dt.datetime.fromisoformat, dt.datetime.combine

    def parse(text: str) -> dt.datetime:
        if _is_common(text) and text[11:13] != "24":
            moment = from_iso(text)
            if moment.tzinfo is None:
                # `combine` takes half the time of `replace`.
                moment = combine(moment, moment.time(), timezone)
            return moment
        match = _ISO.fullmatch(text)
        if match is None:
            raise ValueError(text)
        zone = (match["zone"] or "").upper()
        moment = from_iso(f"{match['day']}T{match['time'] or '00:00'}{zone}")
        if not zone:
            moment = moment.replace(tzinfo=timezone)
        try:
            return moment + _DAY if match["midnight"] else moment
        except OverflowError:
            raise ValueError(text) from None

    return parse


def _is_common(text: str) -> bool:
    """Return whether the text has the separators of the most common forms.

    With these lengths and separators, `fromisoformat` accepts nothing but digits between them.
    """
    length = len(text)
    if length == 10:
        return text[4] == text[7] == "-"
    if length == 25:
        fits = text[22] == ":" and text[19] in "+-"
    else:
        fits = length == 19 or (length == 20 and text[19] == "Z")
    return fits and text[4] == text[7] == "-" and text[13] == text[16] == ":" and text[10] in "T "


def epoch_parser(date_format: str, timezone: dt.tzinfo | None) -> ParseDateTime:
    """Return a parser of a format of `EPOCHS`; without a zone, its datetimes are naive in UTC."""
    unit = EPOCHS[date_format]

    def parse(text: str) -> dt.datetime:
        count = exact_number(text)
        if count.adjusted() > _MOST_EXPONENT:
            raise ValueError(text)
        try:
            moment = _EPOCH + dt.timedelta(microseconds=int(count * unit))
            return moment.astimezone(timezone) if timezone else moment.replace(tzinfo=None)
        except OverflowError:
            raise ValueError(text) from None

    return parse


def write_epoch(moment: dt.datetime, date_format: str) -> str:
    """Return the whole seconds since 1970-01-01 in UTC, in the unit of the format."""
    return str(int(moment.timestamp()) * EPOCHS["epoch"] // EPOCHS[date_format])
