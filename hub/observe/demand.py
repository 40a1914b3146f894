"""Metrics of demand control."""

from collections.abc import Iterable, Sequence

from prometheus_client import CollectorRegistry, Counter
from prometheus_client.metrics_core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector


class DemandMetrics(Collector):
    """Counts the cost of operations, and refused operations.

    Costs are plain sums that the registry reads, because a counter of prometheus-client takes
    longer than the calculation of the cost.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        self._estimated = 0
        self._actual = 0
        self._refused = Counter(
            "hub_demand_refused",
            "Operations refused by demand control, by reason: limit, budget or tries.",
            ["reason"],
            registry=registry,
        )
        if registry is not None:
            registry.register(self)

    def cost(self, estimated: int, actual: int) -> None:
        """Count the cost of an operation."""
        self._estimated += estimated
        self._actual += actual

    def refused(self, reason: str) -> None:
        """Count a refused operation. The reason is `limit`, `budget` or `tries`."""
        self._refused.labels(reason).inc()

    def refused_document(self, errors: Sequence[object]) -> None:
        """Count a refused document, if it is refused because of a limit."""
        if any(hasattr(getattr(each, "original_error", None), "code") for each in errors):
            self.refused("limit")

    def collect(self) -> Iterable[Metric]:
        yield CounterMetricFamily(
            "hub_cost_estimated", "Estimated cost of operations.", value=self._estimated
        )
        yield CounterMetricFamily(
            "hub_cost_actual", "Actual cost of operations.", value=self._actual
        )
