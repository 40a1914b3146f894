"""Codecs of PostgreSQL's dates and times that never raise.

Python has no year before 1 or after 9999, no `infinity` and no `24:00`. asyncpg raises an error for
some of these, which costs the whole reply, and returns another date for the rest. These codecs
return such values as texts, which cost one field.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any, NamedTuple

from adapters.mapping.date_formats import modern_offset

_DAY = dt.date(2000, 1, 1).toordinal()
"""Ordinal of the day from which PostgreSQL counts."""
_LAST_DAY = dt.date.max.toordinal()
_MOMENT = dt.datetime(2000, 1, 1)  # noqa: DTZ001
_UTC_MOMENT = _MOMENT.replace(tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_FIRST = (dt.datetime.min.replace(tzinfo=dt.UTC) - _UTC_MOMENT) // _MICROSECOND
_LAST = (dt.datetime.max.replace(tzinfo=dt.UTC) - _UTC_MOMENT) // _MICROSECOND
_MARGIN = dt.timedelta(days=1) // _MICROSECOND
"""A moment this near to an end of Python's range may leave it when its zone changes."""
_MODERN = (dt.datetime(1970, 1, 2) - _MOMENT) // _MICROSECOND  # noqa: DTZ001
_DAY_MICROSECONDS = dt.timedelta(days=1) // _MICROSECOND
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
"""The Gregorian calendar repeats after this time."""

Parts = tuple[int, ...]
_INFINITY = {
    2**31 - 1: "infinity",
    -(2**31): "-infinity",
    2**63 - 1: "infinity",
    -(2**63): "-infinity",
}


class ForeignMoment(str):
    """A date or time that Python's types can't hold, as PostgreSQL writes it.

    Attributes:
        parts: the value in PostgreSQL's own form, to send it back in a statement.
    """

    __slots__ = ("parts",)

    parts: Parts

    def __new__(cls, text: str, parts: Parts) -> "ForeignMoment":
        made = super().__new__(cls, text)
        made.parts = parts
        return made


class Codec(NamedTuple):
    """A codec of one type.

    Attributes:
        oid: number of the type, which is the same in every database.
        name: name of the type.
        encode: returns PostgreSQL's form of a value.
        decode: returns the value of PostgreSQL's form.
    """

    oid: int
    name: str
    encode: Callable[[Any], Parts]
    decode: Callable[[Parts], Any]


def codecs_of(timezone: dt.tzinfo) -> list[Codec]:
    """Return the codecs.

    Args:
        timezone: the department's zone. A `timestamptz` is decoded to it, so that its day is the
            department's. A moment with a zone is encoded as local time if the column has no zone.
    """
    codecs = (
        Codec(1082, "date", _encode_date, _decode_date),
        Codec(1083, "time", _encode_time, _decode_time),
        Codec(1114, "timestamp", _timestamp_encoder(timezone), _decode_timestamp),
        Codec(1184, "timestamptz", _timestamptz_encoder(timezone), _timestamptz_decoder(timezone)),
        Codec(1186, "interval", _encode_interval, _decode_interval),
        Codec(1266, "timetz", _encode_timetz, _decode_timetz),
    )
    return [codec._replace(encode=_parts_or(codec.encode)) for codec in codecs]


def _parts_or(encode: Callable[[Any], Parts]) -> Callable[[Any], Parts]:
    """Return an encoder that also sends back values that Python's types can't hold."""
    return lambda value: value.parts if isinstance(value, ForeignMoment) else encode(value)


def _encode_date(value: Any) -> Parts:
    _require(value, dt.date)
    return (value.toordinal() - _DAY,)


def _decode_date(parts: Parts) -> dt.date | str:
    ordinal = parts[0] + _DAY
    if 0 < ordinal <= _LAST_DAY:
        return dt.date.fromordinal(ordinal)
    day, era = _written_day(parts[0])
    return ForeignMoment(day + era, parts)


def _encode_time(value: Any) -> Parts:
    _require(value, dt.time)
    return (_microseconds_of(value),)


def _decode_time(parts: Parts) -> dt.time | str:
    return ForeignMoment("24:00:00", parts) if parts[0] >= _DAY_MICROSECONDS else _time(parts[0])


def _encode_timetz(value: Any) -> Parts:
    _require(value, dt.time)
    offset = value.utcoffset() or dt.timedelta(0)
    return _microseconds_of(value), -offset // dt.timedelta(seconds=1)


def _decode_timetz(parts: Parts) -> dt.time | str:
    microseconds, west = parts
    zone = dt.timezone(dt.timedelta(seconds=-west))
    if microseconds >= _DAY_MICROSECONDS:
        return ForeignMoment("24:00:00" + dt.time(tzinfo=zone).isoformat()[8:], parts)
    return _time(microseconds).replace(tzinfo=zone)


def _timestamp_encoder(timezone: dt.tzinfo) -> Callable[[Any], Parts]:
    def encode(value: Any) -> Parts:
        moment = _moment_of(value)
        if moment.tzinfo is not None:
            moment = moment.astimezone(timezone).replace(tzinfo=None)
        return ((moment - _MOMENT) // _MICROSECOND,)

    return encode


def _decode_timestamp(parts: Parts) -> dt.datetime | str:
    microseconds = parts[0]
    if _FIRST <= microseconds <= _LAST:
        return _MOMENT + dt.timedelta(0, 0, microseconds)
    return ForeignMoment(_written_moment(microseconds), parts)


def _timestamptz_encoder(timezone: dt.tzinfo) -> Callable[[Any], Parts]:
    def encode(value: Any) -> Parts:
        moment = _moment_of(value)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=timezone)
        return ((moment - _UTC_MOMENT) // _MICROSECOND,)

    return encode


def _timestamptz_decoder(timezone: dt.tzinfo) -> Callable[[Parts], Any]:
    # With one offset since 1970, the moment can be computed in the zone, which is faster.
    modern = modern_offset(timezone) is not None
    local_moment = _UTC_MOMENT.astimezone(timezone)
    if modern:
        fixed = dt.timezone(local_moment.utcoffset() or dt.timedelta(0))
        local_moment = _UTC_MOMENT.astimezone(fixed)

    def decode(parts: Parts) -> dt.datetime | str:
        microseconds = parts[0]
        if modern and _MODERN <= microseconds <= _LAST - _MARGIN:
            return local_moment + dt.timedelta(0, 0, microseconds)
        if _FIRST + _MARGIN <= microseconds <= _LAST - _MARGIN:
            return (_UTC_MOMENT + dt.timedelta(0, 0, microseconds)).astimezone(timezone)
        return ForeignMoment(_written_moment(microseconds, "+00"), parts)

    return decode


def _encode_interval(value: Any) -> Parts:
    _require(value, dt.timedelta)
    return 0, value.days, value.seconds * 1_000_000 + value.microseconds


def _decode_interval(parts: Parts) -> dt.timedelta | str:
    months, days, microseconds = parts
    years, months = int(months / 12), months - int(months / 12) * 12
    try:
        return dt.timedelta(days + months * 30 + years * 365, 0, microseconds)
    except OverflowError:
        return ForeignMoment(f"{years} years {months} mons {days} days", parts)


def _require(value: object, kind: type) -> None:
    if not isinstance(value, kind):
        raise TypeError(f"expected {kind.__name__}, got {type(value).__name__}")


def _moment_of(value: Any) -> dt.datetime:
    if isinstance(value, dt.datetime):
        return value
    _require(value, dt.date)
    return dt.datetime.combine(value, dt.time.min)


def _time(microseconds: int) -> dt.time:
    return (_MOMENT + dt.timedelta(0, 0, microseconds)).time()


def _microseconds_of(time: dt.time) -> int:
    seconds = (time.hour * 60 + time.minute) * 60 + time.second
    return seconds * 1_000_000 + time.microsecond


def _written_moment(microseconds: int, zone: str = "") -> str:
    if microseconds in _INFINITY:
        return _INFINITY[microseconds]
    days, rest = divmod(microseconds, _DAY_MICROSECONDS)
    day, era = _written_day(days)
    return f"{day} {_time(rest).isoformat()}{zone}{era}"


def _written_day(days: int) -> tuple[str, str]:
    """Return a day as PostgreSQL writes it, and ` BC` if it is before the year 1."""
    if days in _INFINITY:
        return _INFINITY[days], ""
    cycles, rest = divmod(days + _DAY - 1, _CYCLE_DAYS)
    day = dt.date.fromordinal(rest + 1)
    year = day.year + cycles * _CYCLE_YEARS
    shown, era = (year, "") if year > 0 else (1 - year, " BC")
    return f"{shown:04d}-{day:%m-%d}", era
