"""Metrics, one registry for each hub; `/metrics` shows them in Prometheus' text format.

Names follow Prometheus' conventions (base units, `_total`). Labels are names of departments and
words of short lists, never anything that a caller sends.
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
    """Counts and times; `operation` is called where a GraphQL operation has been answered."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)
        operations = Counter(
            "hub_operations",
            "GraphQL operations answered, by what ran them (plan, graphql-core, refused).",
            ["executor"],
            registry=self.registry,
        )
        self._operations = cache(operations.labels)
        self._operation_seconds = Histogram(
            "hub_operation_seconds",
            "Seconds from an operation's request to its response.",
            registry=self.registry,
            buckets=SECONDS,
        )
        self.admission = AdmissionMetrics(self.registry)
        self._departments = DepartmentFamilies(self.registry)

    def department(self, department: str) -> DepartmentMetrics:
        """The metrics of one department."""
        return DepartmentMetrics(self._departments, department)

    def operation(self, executor: str, seconds: float) -> None:
        """One GraphQL operation, answered in so many seconds."""
        self._operations(executor).inc()
        self._operation_seconds.observe(seconds)

    def text(self) -> bytes:
        """All metrics in the text format."""
        return generate_latest(self.registry)
