"""Working days: Monday to Friday, except holidays. Days are those of India's time zone."""

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable
from zoneinfo import ZoneInfo

IST = ZoneInfo("Asia/Kolkata")


def day_in_india(moment: dt.datetime) -> dt.date:
    """Return the day of a moment in India."""
    return moment.astimezone(IST).date()


def today_in_india() -> dt.date:
    """Return the current day in India, by the hub's clock."""
    return dt.datetime.now(IST).date()


class WorkingDays:
    """The state's working days.

    Args:
        holidays: days on which government offices are closed, besides Saturdays and Sundays.
    """

    def __init__(self, holidays: Iterable[dt.date] = ()) -> None:
        self._holidays = sorted({day.toordinal() for day in holidays if day.weekday() < 5})

    def after(self, day: dt.date, count: int) -> dt.date:
        """Return the `count`-th working day after `day`."""
        wanted = self._number_to(day.toordinal()) + count
        # Two days less, because the count may begin on a weekend. Holidays make the result later.
        found = day.toordinal() + count // 5 * 7 - 2
        while self._number_to(found) < wanted:
            found += 1
        return dt.date.fromordinal(found)

    def between(self, day: dt.date, other: dt.date) -> int:
        """Return the number of working days after `day` until `other`, inclusive.

        It is negative if `other` is before `day`.
        """
        return self._number_to(other.toordinal()) - self._number_to(day.toordinal())

    def _number_to(self, ordinal: int) -> int:
        """Return the number of working days from the day with the ordinal 1, a Monday."""
        weekdays = ordinal // 7 * 5 + min(ordinal % 7, 5)
        return weekdays - bisect_right(self._holidays, ordinal)
