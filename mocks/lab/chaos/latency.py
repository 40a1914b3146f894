"""Latency percentiles, and how a fault changes them."""

from collections.abc import Iterable
from dataclasses import dataclass

MAX_GROWTH = 1.3
"""How much the 95th percentile of unaffected queries may grow during a fault."""
NOISE_MS = 2.0
"""Smaller growth is ignored: it is less than a processor time slice."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Number of responses, and percentiles of their latency in milliseconds."""

    count: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0


def latency_of(seconds: Iterable[float]) -> Latency:
    """Return the percentiles of latencies in seconds."""
    ordered = sorted(seconds)
    if not ordered:
        return Latency()
    last = len(ordered) - 1
    p50, p95, p99 = (
        ordered[min(last, int(len(ordered) * share))] * 1000 for share in (0.50, 0.95, 0.99)
    )
    return Latency(len(ordered), p50, p95, p99)


@dataclass(frozen=True, slots=True)
class LatencyChange:
    """Latency of queries in calm and during a fault.

    Attributes:
        calm: latency in the calm before and after the fault.
        fault: latency during the fault, in all runs of an experiment.
    """

    calm: Latency
    fault: Latency

    @property
    def growth(self) -> float:
        """The 95th percentile during the fault, divided by that in calm; 1 without data."""
        if not self.calm.count or not self.fault.count:
            return 1.0
        return self.fault.p95_ms / self.calm.p95_ms

    @property
    def is_slow(self) -> bool:
        """True if the growth exceeds both limits."""
        return self.growth > MAX_GROWTH and self.fault.p95_ms > self.calm.p95_ms + NOISE_MS
