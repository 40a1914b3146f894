"""Reads the hub's Prometheus metrics: totals, labels and quantiles."""

import math
from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families


class MetricsSnapshot:
    """The values of all metrics at one moment.

    Args:
        text: response of `/metrics`.

    Raises:
        ValueError: if the text is not in the Prometheus format.
    """

    def __init__(self, text: str) -> None:
        self._by_name: dict[str, list[tuple[Mapping[str, str], float]]] = {}
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                self._by_name.setdefault(sample.name, []).append((sample.labels, sample.value))

    def total(self, name: str, **labels: str) -> float | None:
        """Return the sum of the values with these labels; None if there are none."""
        values = [value for each, value in self._by_name.get(name, ()) if _has(each, labels)]
        return math.fsum(values) if values else None

    def label_of_one(self, name: str, label: str, **labels: str) -> str | None:
        """Return the `label` of the value that is 1; None if no value is 1."""
        for each, value in self._by_name.get(name, ()):
            if value == 1 and _has(each, labels):
                return each[label]
        return None

    def buckets(self, name: str) -> dict[float, float]:
        """Return the cumulative counts of a histogram by upper bound."""
        found = self._by_name.get(f"{name}_bucket", ())
        return {float(labels["le"]): count for labels, count in found}


def _has(labels: Mapping[str, str], wanted: Mapping[str, str]) -> bool:
    return wanted.items() <= labels.items()


def quantile(share: float, buckets: Mapping[float, float]) -> float | None:
    """Return a quantile of a histogram; None if it has no observations.

    Observations are assumed to be spread evenly within a bucket. Above the last finite bound, the
    result is that bound.

    Args:
        share: which quantile: 0.95 for the 95th percentile.
        buckets: cumulative counts by upper bound.
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
    """Return the counts of the observations between two snapshots, by upper bound."""
    return {bound: count - before.get(bound, 0.0) for bound, count in after.items()}
