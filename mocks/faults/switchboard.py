"""Which faults are switched on, for how long, and how the dice fall."""

import math
import random
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from mocks.faults.catalogue import FAULTS, Takes

FOR = "for"
"""Stands among the switches and says for how many seconds they are on."""
Z_OF_P95 = 1.6449


class UnknownFaultError(ValueError):
    """A switch that this mock does not have, or a setting that makes no sense for it."""


class Switchboard:
    """The switches of one mock; off until somebody sets them.

    Args:
        supported: names of the switches that the mock has.
        seed: of the dice.
        clock: seconds, for switches that go off by themselves.
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
        """Sets these switches and no others; `for` says for how many seconds.

        A hyphen in a name is as good as an underscore.
        """
        named = {name.replace("-", "_"): value for name, value in settings.items() if name != FOR}
        active = {name: self._setting(name, value) for name, value in named.items()}
        seconds = settings.get(FOR)
        if seconds is not None and not (_is_number(seconds) and 0 < seconds < math.inf):
            raise UnknownFaultError(f"{FOR!r} wants seconds above 0, not {seconds!r}.")
        self._active = {name: value for name, value in active.items() if value}
        self._until = math.inf if seconds is None else self._clock() + seconds

    def _setting(self, name: str, value: Any) -> float:
        if name not in self.supported:
            known = ", ".join(self.supported) or "none"
            raise UnknownFaultError(f"Unknown fault {name!r}. Known faults: {known}.")
        takes = FAULTS[name].takes
        highest = 1.0 if takes is Takes.PROBABILITY else math.inf
        if not (_is_number(value) and 0 <= value <= highest and value < math.inf):
            wanted = "from 0 to 1" if takes is Takes.PROBABILITY else "from 0"
            raise UnknownFaultError(f"Fault {name!r} wants a {takes} {wanted}, not {value!r}.")
        return float(value)

    def clear(self) -> None:
        """All switches off."""
        self._active = {}
        self._until = math.inf

    def any_active(self) -> bool:
        """Whether anything is switched on at all."""
        if self._active and self._clock() >= self._until:
            self.clear()
        return bool(self._active)

    def amount(self, name: str) -> float:
        """The setting of an amount; 0 when off."""
        return self._active.get(name, 0.0) if self.any_active() else 0.0

    def strikes(self, name: str) -> bool:
        """Throws the dice for one fault."""
        probability = self.amount(name)
        return probability > 0 and self._dice.random() < probability

    def wait(self) -> float:
        """Seconds until the first byte: `latency`, or drawn around it when `latency_p95` is set."""
        median, p95 = self.amount("latency"), self.amount("latency_p95")
        if p95 <= median or not median:
            return max(median, p95)
        return self._dice.lognormvariate(math.log(median), math.log(p95 / median) / Z_OF_P95)

    def coin(self) -> bool:
        """One of two ways for a fault that has two."""
        return self._dice.random() < 0.5

    def summary(self) -> dict[str, Any]:
        """What is on, for how long still (None: until cleared), and what can be switched on."""
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
