"""Counts what each key used in a moving window."""

import time
from collections.abc import Callable


class Windows:
    """Counts per key over a moving window, in constant time and memory per key.

    The count of the last full window is weighted by the part of it that the moving window still
    covers. This is exact if the use in the full window was even. Keys without use in two windows
    take no memory.

    Args:
        seconds: length of the window.
        clock: seconds since 1970, so that the windows of all replicas begin at the same time.

    Attributes:
        seconds: length of the window.
        shared: whether replicas share the counts.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.time) -> None:
        self.seconds = seconds
        self.shared = False
        self._changed: dict[str, int] = {}
        self._clock = clock
        self._number = 0
        self._current: dict[str, int] = {}
        self._previous: dict[str, int] = {}

    def used(self, key: str) -> float:
        """Return what the key used in the moving window."""
        elapsed = self._elapsed()
        current = self._current.get(key, 0)
        previous = self._previous.get(key)
        return current + previous * (1 - elapsed) if previous else current

    def take(self, key: str, amount: int, limit: int) -> bool:
        """Count use, unless the key would then have used more than `limit`; return if it did."""
        windows = self._clock() / self.seconds
        if int(windows) != self._number:
            self._elapsed()
        current = self._current.get(key, 0) + amount
        total: float = current
        if self._previous:
            total += self._previous.get(key, 0) * (1 - windows + self._number)
        if total > limit:
            return False
        self._current[key] = current
        if self.shared:
            self._changed[key] = self._changed.get(key, 0) + amount
        return True

    def add(self, key: str, amount: int) -> None:
        """Count use; a negative amount gives use back."""
        self._elapsed()
        self._current[key] = self._current.get(key, 0) + amount
        if self.shared:
            self._changed[key] = self._changed.get(key, 0) + amount

    def seconds_until(self, key: str, allowed: float) -> float:
        """Return after how many seconds the key has used no more than `allowed`, without new use.

        At most two windows.
        """
        elapsed = self._elapsed()
        current, previous = self._current.get(key, 0), self._previous.get(key, 0)
        if current <= allowed:
            # The previous window's part becomes smaller.
            part = (allowed - current) / previous if previous else 1.0
            return max(0.0, (1 - part) - elapsed) * self.seconds
        part = max(0.0, allowed) / current if current else 0.0
        return (1 - elapsed + 1 - part) * self.seconds

    def take_changes(self) -> tuple[int, dict[str, int]]:
        """Return the number of the current window and what each key used in it since the last call.

        For replicas that share their counts.
        """
        self._elapsed()
        changed, self._changed = self._changed, {}
        return self._number, changed

    def set_total(self, number: int, key: str, total: int) -> None:
        """Set what all replicas together used in the window with this number."""
        self._elapsed()
        if number == self._number:
            # Not less than before: an earlier exchange may have failed.
            self._current[key] = max(self._current.get(key, 0), total + self._changed.get(key, 0))

    def _elapsed(self) -> float:
        """Return which part of the current window has passed, and begin a new one if it is over."""
        windows = self._clock() / self.seconds
        number = int(windows)
        if number != self._number:
            self._previous = self._current if number == self._number + 1 else {}
            self._current = {}
            self._changed = {}
            self._number = number
        return windows - number
