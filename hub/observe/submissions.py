"""Metrics of submissions and their delivery."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge


class SubmissionMetrics:
    """Counts submissions, attempts to deliver them, and tasks of operators.

    The gauges show the whole database, so all processes show the same values.
    """

    def __init__(self, registry: CollectorRegistry | None = None) -> None:
        registry = registry or CollectorRegistry()
        accepted = Counter(
            "hub_submissions_accepted",
            "Submissions that this process accepted.",
            ["department"],
            registry=registry,
        )
        attempts = Counter(
            "hub_submission_attempts",
            "Attempts to deliver a submission, by outcome: received, unclear, hold, later, "
            "hopeless or broken.",
            ["department", "outcome"],
            registry=registry,
        )
        self._accepted = cache(accepted.labels)
        self._attempts = cache(attempts.labels)
        self._unfinished = Gauge(
            "hub_submissions_unfinished",
            "Submissions that wait for something, by state: not_sent, sent or maybe_sent.",
            ["department", "state"],
            registry=registry,
        )
        self._oldest = Gauge(
            "hub_submissions_oldest_seconds",
            "Seconds for which the oldest submission has waited to be sent.",
            ["department"],
            registry=registry,
        )
        self._tasks = Gauge(
            "hub_submission_tasks",
            "Open tasks of operators.",
            ["department", "kind"],
            registry=registry,
        )
        self._held = Gauge(
            "hub_submissions_held",
            "1 for departments to which nothing is delivered for now.",
            ["department"],
            registry=registry,
        )

    def accepted(self, department: str) -> None:
        """Count a submission that was stored."""
        self._accepted(department).inc()

    def attempt(self, department: str, outcome: str) -> None:
        """Count the end of an attempt."""
        self._attempts(department, outcome).inc()

    def unfinished(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Show the number of unfinished submissions by department and state."""
        _show(self._unfinished, counts)

    def oldest(self, seconds: Mapping[tuple[str], float]) -> None:
        """Show the age of the oldest submission that was not sent, by department."""
        _show(self._oldest, seconds)

    def tasks(self, counts: Mapping[tuple[str, str], int]) -> None:
        """Show the number of open tasks by department and kind."""
        _show(self._tasks, counts)

    def held(self, departments: Mapping[tuple[str], float]) -> None:
        """Show which departments are held."""
        _show(self._held, departments)


def _show(gauge: Gauge, values: Mapping[Any, float]) -> None:
    """Replace all values of a gauge. The keys are its labels."""
    gauge.clear()
    for labels, value in values.items():
        gauge.labels(*labels).set(value)
