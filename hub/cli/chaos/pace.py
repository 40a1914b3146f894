"""How quick answers are, and whether a fault elsewhere has made them slower."""

from collections.abc import Iterable
from dataclasses import dataclass

SLOWER = 1.3
"""How much the others' p95 may grow while a department is faulty."""
GRAIN_MS = 2.0
"""Growth that is never held against the hub: less than a processor's turn."""


@dataclass(frozen=True, slots=True)
class Latency:
    """Of so many answers, in milliseconds."""

    count: int = 0
    p50_ms: float = 0.0
    p95_ms: float = 0.0
    p99_ms: float = 0.0


def latency_of(seconds: Iterable[float]) -> Latency:
    ordered = sorted(seconds)
    if not ordered:
        return Latency()
    last = len(ordered) - 1
    p50, p95, p99 = (
        ordered[min(last, int(len(ordered) * share))] * 1000 for share in (0.50, 0.95, 0.99)
    )
    return Latency(len(ordered), p50, p95, p99)


@dataclass(frozen=True, slots=True)
class Pace:
    """How quick those were that did not need a faulty department, in all plays of a case.

    Attributes:
        calm: in the calm around them.
        fault: while it was faulty.
    """

    calm: Latency
    fault: Latency

    @property
    def growth(self) -> float:
        """The 95th percentile, as a multiple of that in calm; 1 where there is nothing to tell."""
        if not self.calm.count or not self.fault.count:
            return 1.0
        return self.fault.p95_ms / self.calm.p95_ms

    @property
    def is_slow(self) -> bool:
        return self.growth > SLOWER and self.fault.p95_ms > self.calm.p95_ms + GRAIN_MS


def slowness(pace: Pace) -> list[str]:
    if not pace.is_slow:
        return []
    return [f"the others' p95 rose from {pace.calm.p95_ms:.0f} to {pace.fault.p95_ms:.0f} ms"]
