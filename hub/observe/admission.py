"""Metrics of admission: operations that run, wait or are refused, and the event loop's lag."""

import asyncio
from functools import cache
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class WatchedAdmission(Protocol):
    """The values that `/metrics` reads from the admission."""

    @property
    def running(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def limit(self) -> int: ...


class AdmissionMetrics:
    """Counters, gauges and histograms of admission.

    Args:
        registry: registry of the hub's metrics.
    """

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
