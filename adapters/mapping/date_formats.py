"""Date formats taken apart; days that are remembered, and moments as code."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import TypeVar

_TOKENS = re.compile(r"dd|mm|yyyy|HH|MM|SS")
_ISO_ORDER = (("yyyy", ""), ("mm", "-"), ("dd", "-"), ("HH", " "), ("MM", ":"), ("SS", ":"))
MODERN = 1970
DAYS_REMEMBERED = 4096

ParseDateTime = Callable[[str], dt.datetime]


class UnknownDateFormatError(ValueError):
    """A format without a day, a month or a year, or with letters that are no token."""


class DateFormat:
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


class Days(dict[str, Day]):
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


class OldDayError(Exception):
    """A day before `MODERN`: its offset has to be looked up in the zone."""


class Moment:
    """A day and a time of day in one format, as code: the day is remembered, the time is read.

    Args:
        form: the format, with `day_ends`.
        timezone: whose local times they are.
    """

    def __init__(self, form: DateFormat, timezone: dt.tzinfo | None) -> None:
        self._form = form
        self._timezone = timezone
        self._offset = modern_offset(timezone)
        self._days = Days(self._read_day)

    def _read_day(self, text: str) -> str:
        iso_day = self._form.iso_day(text)
        if dt.date.fromisoformat(iso_day).year < MODERN and self._offset is not None:
            raise OldDayError
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


@cache
def modern_offset(timezone: dt.tzinfo | None) -> str | None:
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
