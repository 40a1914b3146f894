"""The fixed "today" of the made-up world, and how its moments are written.

Every mock lives on the same day, so that a test written today gives the same answer next year.
"""

from datetime import date, datetime, time, timedelta, timezone

TODAY = date(2026, 11, 24)
NOW = datetime.combine(TODAY, time(9))
INDIA = timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")


def iso_instant(local: datetime) -> str:
    """ISO 8601 with +05:30, from the naive local time that the departments keep."""
    return local.replace(tzinfo=INDIA).isoformat()


def iso_midnight(day: date) -> str:
    """The instant that stands for a source which knows only the day."""
    return f"{day.isoformat()}T00:00:00+05:30"


def parse_day(text: str, pattern: str) -> date:
    """A day in one department's own form, as `%d/%m/%Y`; raises ValueError."""
    return datetime.strptime(text, pattern).date()
