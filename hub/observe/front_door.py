"""Metrics of the front door: operations that run, wait or are refused; the event loop."""

import asyncio
from functools import cache
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class WatchedDoor(Protocol):
    """What is read off the admission whenever somebody looks at the metrics."""

    @property
    def running(self) -> int: ...
    @property
    def waiting(self) -> int: ...
    @property
    def limit(self) -> int: ...


class FrontDoorMetrics:
    """Counts and times of the front door."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, registry=registry)

        self._running = gauge("hub_operations_in_flight", "GraphQL operations that run.")
        self._waiting = gauge("hub_operations_waiting", "GraphQL operations that wait to run.")
        self._limit = gauge(
            "hub_operations_limit", "Ordinary operations that may run at once at this moment."
        )
        refused = Counter(
            "hub_refused",
            "Requests refused at overload: full, displaced, waited, connections; or gone.",
            ["reason"],
            registry=registry,
        )
        self._refused = cache(refused.labels)
        tasks = gauge("hub_event_loop_tasks", "Tasks of the event loop that have not ended.")
        tasks.set_function(_count_tasks)
        self._lag = Histogram(
            "hub_event_loop_lag_seconds",
            "Seconds by which the event loop is late, looked at every 50 ms.",
            registry=registry,
            buckets=LAG_SECONDS,
        )

    def watch(self, door: WatchedDoor) -> None:
        """Reads the door's gauges whenever the metrics are shown."""
        self._running.set_function(lambda: door.running)
        self._waiting.set_function(lambda: door.waiting)
        self._limit.set_function(lambda: door.limit)

    def refused(self, reason: str) -> None:
        """One request refused, or dropped because its client has gone."""
        self._refused(reason).inc()

    def loop_lag(self, seconds: float) -> None:
        self._lag.observe(seconds)


def _count_tasks() -> float:
    try:
        return len(asyncio.all_tasks())
    except RuntimeError:
        # Looked at from outside the event loop.
        return 0
