"""The simulated clock of a mock: it stands still until a test or a demo advances it."""

import re
from datetime import datetime, timedelta

from mocks.population.clock import NOW

_DURATION = re.compile(r"(?P<amount>\d{1,6}(\.\d{1,6})?)\s*(?P<unit>s|min|h|d)")
_UNITS = {
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}


class SimulatedClock:
    """A clock that begins at the fixed date of the mocks.

    Attributes:
        advanced: how far it was advanced.
    """

    def __init__(self) -> None:
        self.advanced = timedelta(0)

    def now(self) -> datetime:
        """Return the simulated local time, without a zone."""
        return NOW + self.advanced


def duration(text: object) -> timedelta:
    """Parse a duration such as `3d`, `12h`, `30min` or `5s`.

    Raises:
        ValueError: the text is not such a duration.
    """
    found = _DURATION.fullmatch(text.strip()) if isinstance(text, str) else None
    if found is None:
        raise ValueError(f"{text!r} is not a duration such as 3d, 12h, 30min or 5s.")
    return float(found["amount"]) * _UNITS[found["unit"]]
