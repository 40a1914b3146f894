"""Date formats with parts of a fixed length, a cache of days, and generated code for datetimes."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

_TOKENS = re.compile(r"dd|mm|yyyy|HH|MM|SS")
_ISO_ORDER = (("yyyy", ""), ("mm", "-"), ("dd", "-"), ("HH", " "), ("MM", ":"), ("SS", ":"))
MODERN = 1970
"""Since this year, most zones have had one offset; `modern_offset` verifies it."""
DAYS_REMEMBERED = 4096
"""Maximum number of days in a cache."""

NO_DAYS: frozenset[dt.date] = frozenset()

ParseDateTime = Callable[[str], dt.datetime]


class UnknownDateFormatError(ValueError):
    """A date format lacks day, month or year, or contains unknown letters."""


class DateFormat:
    """A parsed date format.

    Attributes:
        length: length of a text in this format, in characters.
        literals: position and character of each separator.
        has_time: whether the format contains a time of day.
        day_ends: index after the day, if a time of day in ISO order follows; otherwise None.
        time_starts: index of that time; otherwise None.

    Raises:
        UnknownDateFormatError: the format is not valid.
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
        """Return the text in ISO order. The C parser then checks that its parts are numbers."""
        return _joined(self._iso_pieces, text)

    def iso_day(self, text: str) -> str:
        """Return the day at the beginning of the text, in ISO order.

        Raises:
            ValueError: a separator is wrong.
        """
        if any(text[n] != letter for n, letter in self.literals if n < len(text)):
            raise ValueError(text)
        return _joined(self._iso_pieces[:6], text)

    def guard(self, parse: ParseDateTime) -> ParseDateTime:
        """Return a parser that first checks the length and the separators of a text."""

        def guarded(text: str) -> dt.datetime:
            if len(text) != self.length or any(text[n] != letter for n, letter in self.literals):
                raise ValueError(text)
            return parse(text)

        return guarded


def _joined(pieces: Sequence[slice | str], text: str) -> str:
    return "".join(each if isinstance(each, str) else text[each] for each in pieces)


Day = TypeVar("Day")


class Days(dict[str, Day]):
    """Cache of parsed days: there are few days, and many rows have the same one.

    `read` parses a text that is not in the cache; a ValueError is not cached.
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


class OldDayError(Exception):
    """The generated code can't read the day: it is before `MODERN`, so its offset must be looked up
    in the zone, or it means "no value"."""


class Moment:
    """Writes code that reads a date with time in one format. Days are cached.

    Args:
        form: the format; `day_ends` is not None.
        timezone: zone of the local times; None gives naive datetimes.
        absent_days: days that mean "no value".
    """

    def __init__(
        self,
        form: DateFormat,
        timezone: dt.tzinfo | None,
        absent_days: frozenset[dt.date] = NO_DAYS,
    ) -> None:
        self._form = form
        self._absent_days = absent_days
        self._timezone = timezone
        self._offset = modern_offset(timezone)
        self._days = Days(self._read_day)

    def _read_day(self, text: str) -> str:
        iso_day = self._form.iso_day(text)
        day = dt.date.fromisoformat(iso_day)
        if (day.year < MODERN and self._offset is not None) or day in self._absent_days:
            raise OldDayError
        return iso_day

    def condition(self, text: str) -> str:
        """Return an expression: does the text in this variable match the format?"""
        literals = [
            f"{text}[{n}] == {letter!r}"
            for n, letter in self._form.literals
            if n >= (self._form.day_ends or 0)
        ]
        conditions = [f"len({text}) == {self._form.length}", *literals]
        if not any(letter == ":" for _, letter in self._form.literals):
            # `fromisoformat` would read `10.5` as half a second after ten.
            conditions.append(f"{text}[{self._form.time_starts}:].isdigit()")
        return " and ".join(conditions)

    def expression(self, text: str, named: Callable[[str, object], str]) -> str:
        """Return an expression of the datetime in the text of a variable.

        It raises an error for a text that must be read without generated code. `named` is
        `FunctionSource.named`.
        """
        days, read = named("days", self._days), named("fromisoformat", dt.datetime.fromisoformat)
        day, time = f"{days}[{text}[:{self._form.day_ends}]]", f"{text}[{self._form.time_starts}:]"
        # An offset in the text takes a third of the time of setting the zone afterwards.
        moment = f'{read}(f"{{{day}}} {{{time}}}{self._offset or ""}")'
        if self._offset:
            return moment
        return f"{moment}.replace(tzinfo={named('zone', self._timezone)})"


@cache
def modern_offset(timezone: dt.tzinfo | None) -> str | None:
    """Return the zone's only offset since `MODERN`, for example `+05:30`; None if it changes."""
    if timezone is None:
        return None
    months = (
        dt.datetime(year, month, 1, tzinfo=timezone)
        for year in range(MODERN, MODERN + 100)
        for month in range(1, 13)
    )
    offsets = {moment.isoformat()[19:] for moment in months}
    return offsets.pop() if len(offsets) == 1 else None
