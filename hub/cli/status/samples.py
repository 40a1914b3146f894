"""What `/metrics` told at one moment, and what came in between two."""

import math
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families


class Samples:
    """The samples of one look at `/metrics`.

    Raises `ValueError` when the text is not in Prometheus' format.
    """

    def __init__(self, text: str) -> None:
        self._by_name: dict[str, list[tuple[Mapping[str, str], float]]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._by_name.setdefault(sample.name, []).append((sample.labels, sample.value))

    def total(self, name: str, **labels: str) -> float | None:
        """The sum of the samples with these labels; None when there are none."""
        values = [value for each, value in self._by_name.get(name, ()) if _has(each, labels)]
        return math.fsum(values) if values else None

    def label_of_one(self, name: str, label: str, **labels: str) -> str | None:
        """Where one of several samples is 1, the one's `label`; None when none is."""
        for each, value in self._by_name.get(name, ()):
            if value == 1 and _has(each, labels):
                return each[label]
        return None

    def buckets(self, name: str) -> dict[float, float]:
        """A histogram's counts by upper bound, each with those below it."""
        found = self._by_name.get(f"{name}_bucket", ())
        return {float(labels["le"]): count for labels, count in found}


def _has(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= labels.items()


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """The value that this share of the observations does not exceed, in the histogram's unit.

    Within a bucket they count as evenly spread; beyond the last bound the bound itself is told.
    None when nothing was observed.
    """
    total = buckets.get(math.inf, 0.0)
    if not total:
        return None
    wanted = share * total
    below, floor = 0.0, 0.0
    for bound in sorted(buckets):
        count = buckets[bound]
        if count >= wanted and count > below:
            if math.isinf(bound):
                return floor
            return floor + (bound - floor) * (wanted - below) / (count - below)
        below, floor = count, bound
    return None


def increase(before: Mapping[float, float], after: Mapping[float, float]) -> dict[float, float]:
    """What was observed in between, by upper bound."""
    return {bound: count - before.get(bound, 0.0) for bound, count in after.items()}
