"""Clocks that a test advances."""

import datetime as dt

BEGIN = dt.datetime(2026, 11, 2, 9, 0, tzinfo=dt.UTC)
"""A Monday."""


class StageClock:
    """Both clocks of a link: a monotonic clock in seconds, and the time of day."""

    def __init__(self, begin: dt.datetime = BEGIN) -> None:
        self.seconds = 1_000.0
        self._begin = begin - dt.timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> dt.datetime:
        return self._begin + dt.timedelta(seconds=self.seconds)

    def advance(self, seconds: float) -> None:
        self.seconds += seconds
