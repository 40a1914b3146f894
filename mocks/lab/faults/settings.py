"""Parses and formats fault settings such as `latency=6s error=30% drip=64B/s for=10s`."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from mocks.lab.console import LabError

FOR = "for"
SECONDS, BYTES_PER_SECOND, PROBABILITY = "seconds", "bytes per second", "probability"
UNITS = {
    "": (None, 1.0),
    "ms": (SECONDS, 0.001),
    "s": (SECONDS, 1.0),
    "min": (SECONDS, 60.0),
    "h": (SECONDS, 3600.0),
    "%": (PROBABILITY, 0.01),
    "B/s": (BYTES_PER_SECOND, 1.0),
    "kB/s": (BYTES_PER_SECOND, 1000.0),
    "KiB/s": (BYTES_PER_SECOND, 1024.0),
}
EXAMPLES = {
    SECONDS: "a time such as 6s or 200ms",
    BYTES_PER_SECOND: "a speed such as 64B/s or 2KiB/s",
    PROBABILITY: "a probability such as 0.3 or 30%",
}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z/%]*)")


def parse_settings(
    words: Iterable[str], supported: Mapping[str, Mapping[str, Any]], mock: str
) -> dict[str, float]:
    """Return the amount of each fault, such as `{"latency": 6.0, "error": 0.3}`.

    Args:
        words: settings such as `latency=6s`. Names may have hyphens instead of underscores.
        supported: the mock's faults, each with the type of its amount under `takes`.
        mock: name of the mock, for messages.

    Raises:
        LabError: if a fault is unknown or its amount is wrong.
    """
    settings: dict[str, float] = {}
    for word in words:
        written, equals, amount = word.partition("=")
        name = written.replace("-", "_")
        if name != FOR and name not in supported:
            raise LabError(_unknown(written, supported, mock))
        takes = SECONDS if name == FOR else str(supported[name]["takes"])
        if not equals:
            raise LabError(f"{written} takes {EXAMPLES[takes]}; write {written}=….")
        settings[name] = parse_amount(written, amount, takes)
    return settings


def parse_amount(name: str, written: str, takes: str) -> float:
    """Return an amount in seconds, in bytes per second, or as a probability from 0 to 1.

    Args:
        name: name of the setting, for messages.
        written: number with an optional unit.
        takes: "seconds", "bytes per second" or "probability".

    Raises:
        LabError: if it is not a number, or has the unit of another type.
    """
    found = _AMOUNT.fullmatch(written.strip())
    unit, factor = UNITS.get(found[2], ("unknown", 0.0)) if found else ("unknown", 0.0)
    amount = float(found[1]) * factor if found else 0.0
    if unit not in (None, takes) or (takes == PROBABILITY and amount > 1):
        raise LabError(f"{name} takes {EXAMPLES[takes]}, not {written!r}.")
    return amount


def format_setting(name: str, amount: float, takes: str) -> str:
    """Return a setting as `parse_settings` reads it: `latency=6s`."""
    shown = {
        SECONDS: f"{amount:g}s" if amount >= 1 else f"{amount * 1000:g}ms",
        BYTES_PER_SECOND: f"{amount:g}B/s",
        PROBABILITY: f"{amount:.4g}",
    }
    return f"{name}={shown[takes]}"


def _unknown(written: str, supported: Mapping[str, Any], mock: str) -> str:
    if not supported:
        return f"{mock} has no faults: without PostgreSQL, its mock is a SQLite file."
    close = difflib.get_close_matches(written.replace("-", "_"), supported, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"{mock} has no fault {written!r}{hint}. Its faults: {', '.join(supported)}."
