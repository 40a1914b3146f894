"""The fixed date of the mocks, and formats of dates and times.

All mocks use the same date, so that a test gives the same result next year.
"""

from datetime import date, datetime, time, timedelta, timezone

TODAY = date(2026, 11, 24)
NOW = datetime.combine(TODAY, time(9))
INDIA = timezone(timedelta(hours=5, minutes=30), "Asia/Kolkata")


def iso_instant(local: datetime) -> str:
    """Return a local time without a zone as ISO 8601 with +05:30."""
    return local.replace(tzinfo=INDIA).isoformat()


def iso_midnight(day: date) -> str:
    """Return midnight of a day as ISO 8601, for sources that store the day only."""
    return f"{day.isoformat()}T00:00:00+05:30"


def parse_day(text: str, pattern: str) -> date:
    """Parse a day.

    Args:
        pattern: format of `strptime`, for instance `%d/%m/%Y`.

    Raises:
        ValueError: the text does not match the pattern.
    """
    return datetime.strptime(text, pattern).date()
