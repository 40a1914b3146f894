"""Metrics of calls to departments. All departments share the same metric families."""

from functools import cache, partial
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
BREAKER_STATES = ("closed", "open", "half-open")


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
        """Count a call.

        Args:
            outcome: `ok` or the error code.
            seconds: duration of the call.
        """
        self._calls(outcome).inc()
        self._seconds.observe(seconds)

    def second_attempt(self) -> None:
        """Count a retry or a hedge."""
        self._retries.inc()

    def coalesced(self, keys: int) -> None:
        """Count keys that joined a running look-up."""
        self._coalesced.inc(keys)

    def copies(self, result: str, keys: int) -> None:
        """Count cache lookups.

        Args:
            result: `hit`, `miss`, `refresh` or `stale`.
            keys: number of keys with this result.
        """
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
