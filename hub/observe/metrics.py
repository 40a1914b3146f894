"""All metrics of one hub.

Names follow the Prometheus conventions (base units, `_total`). Label values are department names
and fixed words. They never come from a client, who could create any number of them.
"""

import asyncio
from collections.abc import Callable
from functools import cache, partial
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.gc_collector import GCCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector

from hub.observe.consents import ConsentMetrics
from hub.observe.demand import DemandMetrics
from hub.observe.sign_in import SignInMetrics
from hub.observe.submissions import SubmissionMetrics

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BREAKER_STATES = ("closed", "open", "half-open")


class WatchedAdmission(Protocol):
    """The values that `/metrics` reads from the admission."""

    @property
    def running(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def limit(self) -> int: ...


class AdmissionMetrics:
    """Counters, gauges and histograms of admission."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=registry)

        self._running = gauge("hub_operations_in_flight", "GraphQL operations that are running.")
        self._waiting = gauge("hub_operations_waiting", "GraphQL operations that wait for a slot.")
        self._limit = gauge("hub_operations_limit", "Ordinary operations that may run at once now.")
        refused = Counter(
            "hub_refused",
            "Requests refused because of overload, by reason. Reason `gone`: client disconnected.",
            ["reason"],
            registry=registry,
        )
        self._refused = cache(refused.labels)
        tasks = gauge("hub_event_loop_tasks", "Unfinished tasks of the event loop.")
        tasks.set_function(_count_tasks)
        self._lag = Histogram(
            "hub_event_loop_lag_seconds",
            "Seconds by which the event loop is late, measured every 50 ms.",
            registry=registry,
            buckets=LAG_SECONDS,
        )

    def watch(self, admission: WatchedAdmission) -> None:
        """Read the gauges from `admission` whenever the metrics are shown."""
        self._running.set_function(lambda: admission.running)
        self._waiting.set_function(lambda: admission.waiting)
        self._limit.set_function(lambda: admission.limit)

    def refused(self, reason: str) -> None:
        """Count a refused request. The reason `gone` means that the client disconnected before."""
        self._refused(reason).inc()

    def loop_lag(self, seconds: float) -> None:
        self._lag.observe(seconds)


def _count_tasks() -> float:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        # No event loop runs in this thread.
        return 0


class AccessLogMetrics:
    """Counts the entries of the access log."""

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()

        def counter(name: str, text: str) -> Counter:
            return Counter(name, text, registry=registry)

        self._entries = counter("hub_access_log_entries", "Entries written to the access log.")
        self._failures = counter("hub_access_log_failures", "Failed writes of the access log.")
        self._spilled = counter(
            "hub_access_log_spilled_entries", "Entries moved to the spill file of the access log."
        )
        self._lost = counter(
            "hub_access_log_lost_entries", "Entries that neither the database nor the file took."
        )
        self._seconds = Histogram(
            "hub_access_log_commit_seconds",
            "Seconds for which responses waited for the access log.",
            registry=registry,
            buckets=LAG_SECONDS,
        )
        self._waiting = Gauge(
            "hub_access_log_waiting_entries",
            "Entries that wait in memory for the access log.",
            registry=registry,
        )

    def watch(self, count_waiting: Callable[[], int]) -> None:
        """Read the gauge from `count_waiting` whenever the metrics are shown."""
        self._waiting.set_function(count_waiting)

    def entries(self, count: int) -> None:
        self._entries.inc(count)

    def committed(self, seconds: float) -> None:
        """Count a response that waited for its entries."""
        self._seconds.observe(seconds)

    def failed(self) -> None:
        self._failures.inc()

    def spilled(self, count: int) -> None:
        self._spilled.inc(count)

    def lost(self, count: int) -> None:
        self._lost.inc(count)


class WatchedLink(Protocol):
    """The values that `/metrics` reads from a department's link."""

    @property
    def in_flight(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def breaker(self) -> str:
        """One of `BREAKER_STATES`."""


class DepartmentFamilies:
    """The metric families, with the label `department`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, ["department", *labels], registry=registry)

        def gauge(name: str, text: str, *labels: str) -> Gauge:
            return Gauge(name, text, ["department", *labels], registry=registry)

        self.calls = counter(
            "hub_department_calls", "Calls, by outcome: ok or the error code.", "outcome"
        )
        self.seconds = Histogram(
            "hub_department_call_seconds",
            "Duration of calls in seconds.",
            ["department"],
            registry=registry,
            buckets=SECONDS,
        )
        self.retries = counter("hub_department_retries", "Additional attempts: retries and hedges.")
        self.coalesced = counter(
            "hub_department_coalesced_keys", "Keys that joined a call in flight."
        )
        self.copies = counter(
            "hub_department_cached_keys",
            "Cache lookups, by result: hit, miss, refresh, stale.",
            "result",
        )
        self.in_flight = gauge("hub_department_in_flight", "Calls in flight.")
        self.waiting = gauge(
            "hub_department_waiting", "Calls that wait for a slot of the department."
        )
        self.breaker = gauge(
            "hub_department_breaker", "1 for the current state of the circuit breaker.", "state"
        )


class DepartmentMetrics:
    """Counts the calls to one department."""

    def __init__(self, families: DepartmentFamilies, department: str) -> None:
        self._families = families
        self._department = department
        self._calls = cache(lambda outcome: families.calls.labels(department, outcome))
        self._copies = cache(lambda result: families.copies.labels(department, result))
        self._seconds = families.seconds.labels(department)
        self._retries = families.retries.labels(department)
        self._coalesced = families.coalesced.labels(department)

    def call(self, outcome: str, seconds: float) -> None:
        """Count a call. Its outcome is `ok` or the error code."""
        self._calls(outcome).inc()
        self._seconds.observe(seconds)

    def second_attempt(self) -> None:
        """Count a retry or a hedge."""
        self._retries.inc()

    def coalesced(self, keys: int) -> None:
        """Count keys that joined a running look-up."""
        self._coalesced.inc(keys)

    def copies(self, result: str, keys: int) -> None:
        """Count keys by the result of their lookup: `hit`, `miss`, `refresh` or `stale`."""
        if keys:
            self._copies(result).inc(keys)

    def watch(self, link: WatchedLink) -> None:
        """Read the gauges from `link` whenever the metrics are shown."""
        families, department = self._families, self._department
        families.in_flight.labels(department).set_function(lambda: link.in_flight)
        families.waiting.labels(department).set_function(lambda: link.waiting)
        for state in BREAKER_STATES:
            gauge = families.breaker.labels(department, state)
            gauge.set_function(partial(_is_in_state, link, state))


def _is_in_state(link: WatchedLink, state: str) -> float:
    return float(link.breaker == state)


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
        documents = Counter(
            "hub_documents",
            "Requests, by kind of document: trusted, untrusted, unknown (id) or refused.",
            ["kind"],
            registry=self.registry,
        )
        self._documents = cache(documents.labels)
        self.admission = AdmissionMetrics(self.registry)
        self.demand = DemandMetrics(self.registry)
        self.access_log = AccessLogMetrics(self.registry)
        self.sign_in = SignInMetrics(self.registry)
        self.consents = ConsentMetrics(self.registry)
        self.submissions = SubmissionMetrics(self.registry)
        self._departments = DepartmentFamilies(self.registry)

    def department(self, department: str) -> DepartmentMetrics:
        """Return the metrics of one department."""
        return DepartmentMetrics(self._departments, department)

    def operation(self, executor: str, seconds: float) -> None:
        """Count a GraphQL operation that was answered after these seconds.

        Its executor is `plan`, `graphql-core`, or `refused` if the document cannot run.
        """
        self._operations(executor).inc()
        self._operation_seconds.observe(seconds)

    def documents(self, kind: str) -> None:
        """Count a request by the kind of its document, if the hub has trusted documents."""
        self._documents(kind).inc()

    def text(self) -> bytes:
        """Return all metrics in the Prometheus text format."""
        return generate_latest(self.registry)
