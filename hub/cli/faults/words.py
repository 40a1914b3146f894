"""Fault settings as people write them: `latency=6s error=30% drip=64B/s for=10s`."""

import difflib
import re
from collections.abc import Iterable, Mapping
from typing import Any

from hub.cli.failures import CliError

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
    SECONDS: "a time, as 6s or 200ms",
    BYTES_PER_SECOND: "a speed, as 64B/s or 2KiB/s",
    PROBABILITY: "a probability, as 0.3 or 30%",
}
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?|\.\d+)\s*([A-Za-z/%]*)")


def read_settings(
    words: Iterable[str], supported: Mapping[str, Mapping[str, Any]], mock: str
) -> dict[str, float]:
    """`{"latency": 6.0, "error": 0.3}`; raises `CliError` naming the word that is wrong.

    Args:
        words: as `latency=6s`; a hyphen in a name is as good as an underscore.
        supported: the mock's switches, each with what it `takes`.
        mock: the mock's name, for messages.
    """
    settings: dict[str, float] = {}
    for word in words:
        written, equals, amount = word.partition("=")
        name = written.replace("-", "_")
        if name != FOR and name not in supported:
            raise CliError(_unknown(written, supported, mock))
        takes = SECONDS if name == FOR else str(supported[name]["takes"])
        if not equals:
            raise CliError(f"{written} takes {EXAMPLES[takes]}; write {written}=….")
        settings[name] = read_amount(written, amount, takes)
    return settings


def read_amount(name: str, written: str, takes: str) -> float:
    """The amount in seconds, in bytes per second, or from 0 to 1."""
    found = _AMOUNT.fullmatch(written.strip())
    unit, factor = UNITS.get(found[2], ("unknown", 0.0)) if found else ("unknown", 0.0)
    amount = float(found[1]) * factor if found else 0.0
    if unit not in (None, takes) or (takes == PROBABILITY and amount > 1):
        raise CliError(f"{name} takes {EXAMPLES[takes]}, not {written!r}.")
    return amount


def write_setting(name: str, amount: float, takes: str) -> str:
    """The other way round: `latency=6s`."""
    shown = {
        SECONDS: f"{amount:g}s" if amount >= 1 else f"{amount * 1000:g}ms",
        BYTES_PER_SECOND: f"{amount:g}B/s",
        PROBABILITY: f"{amount:.4g}",
    }
    return f"{name}={shown[takes]}"


def _unknown(written: str, supported: Mapping[str, Any], mock: str) -> str:
    if not supported:
        return f"{mock} has no switches: without PostgreSQL its mock is a SQLite file."
    close = difflib.get_close_matches(written.replace("-", "_"), supported, 1)
    hint = f" (did you mean {close[0]}?)" if close else ""
    return f"{mock} has no fault {written!r}{hint}; it has {', '.join(supported)}."
