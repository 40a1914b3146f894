"""All metrics of one hub.

Names follow the Prometheus conventions (base units, `_total`). Label values are department names
and fixed words. They never come from a client, who could create any number of them.
"""

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from hub.observe.admission import AdmissionMetrics
from hub.observe.departments import SECONDS, DepartmentFamilies, DepartmentMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The metrics of one hub, in a registry of their own."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        operations = Counter(
            "hub_operations",
            "GraphQL operations answered, by executor: plan, graphql-core or refused.",
            ["executor"],
            registry=self.registry,
        )
        self._operations = cache(operations.labels)
        self._operation_seconds = Histogram(
            "hub_operation_seconds",
            "Seconds from request to response of an operation.",
            registry=self.registry,
            buckets=SECONDS,
        )
        self.admission = AdmissionMetrics(self.registry)
        self._departments = DepartmentFamilies(self.registry)

    def department(self, department: str) -> DepartmentMetrics:
        """Return the metrics of one department."""
        return DepartmentMetrics(self._departments, department)

    def operation(self, executor: str, seconds: float) -> None:
        """Count an answered GraphQL operation.

        Args:
            executor: `plan`, `graphql-core`, or `refused` if the document cannot run.
            seconds: time from request to response.
        """
        self._operations(executor).inc()
        self._operation_seconds.observe(seconds)

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)
