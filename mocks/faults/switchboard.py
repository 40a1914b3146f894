"""The switchboard: which faults are on, for how long, and to which requests they apply."""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mocks.faults.catalogue import FAULTS, Takes

FOR = "for"
"""Key in the settings: for how many seconds the switches stay on."""
Z_OF_P95 = 1.6449


class UnknownFaultError(ValueError):
    """A mock has no such switch, or the value does not fit it."""


class Switchboard:
    """The fault switches of one mock, all off at first.

    Args:
        supported: names of the switches that the mock has.
        seed: seed of the random draws.
        clock: monotonic clock in seconds, for switches that turn off by themselves.
    """

    def __init__(
        self, supported: Sequence[str], seed: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.supported = tuple(supported)
        self._active: dict[str, float] = {}
        self._until = math.inf
        self._dice = random.Random(seed)
        self._clock = clock

    def replace(self, settings: Mapping[str, Any]) -> None:
        """Set these switches and turn off all others.

        Args:
            settings: value by switch name, `-` being read as `_`; `for` is a number of seconds.

        Raises:
            UnknownFaultError: a name or a value is not allowed; no switch is changed.
        """
        named = {name.replace("-", "_"): value for name, value in settings.items() if name != FOR}
        active = {name: self._setting(name, value) for name, value in named.items()}
        seconds = settings.get(FOR)
        if seconds is not None and not (_is_number(seconds) and 0 < seconds < math.inf):
            raise UnknownFaultError(
                f"{FOR!r} must be a number of seconds above 0, not {seconds!r}."
            )
        self._active = {name: value for name, value in active.items() if value}
        self._until = math.inf if seconds is None else self._clock() + seconds

    def _setting(self, name: str, value: Any) -> float:
        if name not in self.supported:
            known = ", ".join(self.supported) or "none"
            raise UnknownFaultError(f"Unknown fault {name!r}. Known faults: {known}.")
        takes = FAULTS[name].takes
        highest = 1.0 if takes is Takes.PROBABILITY else math.inf
        if not (_is_number(value) and 0 <= value <= highest and value < math.inf):
            bounds = "from 0 to 1" if takes is Takes.PROBABILITY else "of at least 0"
            raise UnknownFaultError(f"Fault {name!r} must be a {takes} {bounds}, not {value!r}.")
        return float(value)

    def clear(self) -> None:
        """Turn all switches off."""
        self._active = {}
        self._until = math.inf

    def any_active(self) -> bool:
        """Return True if any switch is on."""
        if self._active and self._clock() >= self._until:
            self.clear()
        return bool(self._active)

    def amount(self, name: str) -> float:
        """Return the value of a switch; 0 if it is off."""
        return self._active.get(name, 0.0) if self.any_active() else 0.0

    def strikes(self, name: str) -> bool:
        """Draw at random, by its probability, whether a fault applies now."""
        probability = self.amount(name)
        return probability > 0 and self._dice.random() < probability

    def wait(self) -> float:
        """Return the wait before the first byte in seconds.

        It is `latency`, or random around it if `latency_p95` is set (a log-normal distribution).
        """
        median, p95 = self.amount("latency"), self.amount("latency_p95")
        if p95 <= median or not median:
            return max(median, p95)
        return self._dice.lognormvariate(math.log(median), math.log(p95 / median) / Z_OF_P95)

    def coin(self) -> bool:
        """Return True or False at random, for a fault that has two forms."""
        return self._dice.random() < 0.5

    def summary(self) -> dict[str, Any]:
        """Return the state as JSON.

        Returns:
            `active` (value by name), `seconds_left` (None: until cleared), and `supported` (by
            name, `takes` and `does`).
        """
        lasting = not self.any_active() or self._until == math.inf
        return {
            "active": dict(self._active),
            "seconds_left": None if lasting else round(self._until - self._clock(), 1),
            "supported": {
                name: {"takes": FAULTS[name].takes.value, "does": FAULTS[name].does}
                for name in self.supported
            },
        }


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
