"""Which faults are switched on, and how the dice fall."""

import random
from collections.abc import Mapping, Sequence
from typing import Any

AMOUNTS = frozenset({"latency", "drip"})
"""Faults given as an amount (seconds, bytes per second); all others are probabilities."""

HTTP_FAULTS = (
    "latency",
    "error",
    "hang",
    "truncate",
    "garbage",
    "fault200",
    "maintenance",
    "drip",
    "oversize",
    "redirect_loop",
    "reset_after_write",
    "expired_session",
    "unknown_code",
)


class UnknownFaultError(ValueError):
    """A switch that this mock does not have, or a setting that makes no sense for it."""


class Switchboard:
    """The switches of one mock; off until somebody sets them."""

    def __init__(self, supported: Sequence[str], seed: int) -> None:
        self.supported = tuple(supported)
        self._active: dict[str, float] = {}
        self._dice = random.Random(seed)

    def replace(self, settings: Mapping[str, Any]) -> None:
        """Sets these switches and no others."""
        active: dict[str, float] = {}
        for name, value in settings.items():
            if name not in self.supported:
                known = ", ".join(self.supported)
                raise UnknownFaultError(f"Unknown fault {name!r}. Known faults: {known}.")
            number = isinstance(value, int | float) and not isinstance(value, bool)
            highest = float("inf") if name in AMOUNTS else 1.0
            if not number or not 0 <= value <= highest:
                wanted = "a number from 0" if name in AMOUNTS else "a probability from 0 to 1"
                raise UnknownFaultError(f"Fault {name!r} wants {wanted}, not {value!r}.")
            if value:
                active[name] = float(value)
        self._active = active

    def clear(self) -> None:
        """All switches off."""
        self._active = {}

    def any_active(self) -> bool:
        """Whether anything is switched on at all."""
        return bool(self._active)

    def amount(self, name: str) -> float:
        """The setting of an amount; 0 when off."""
        return self._active.get(name, 0.0)

    def strikes(self, name: str) -> bool:
        """Throws the dice for one fault."""
        probability = self._active.get(name, 0.0)
        return probability > 0 and self._dice.random() < probability

    def coin(self) -> bool:
        """One of two ways for a fault that has two."""
        return self._dice.random() < 0.5

    def summary(self) -> dict[str, Any]:
        """`{"active": {...}, "supported": [...]}`."""
        return {"active": dict(self._active), "supported": list(self.supported)}
