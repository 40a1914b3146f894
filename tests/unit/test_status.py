"""The status that `hub status` derives from the hub's response and metrics."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Histogram, generate_latest

from hub.cli.status.metrics import MetricsSnapshot, increase, quantile
from hub.cli.status.state import StatusSnapshot, status_of

ANSWER = {
    "data": {
        "departments": [
            {"identifier": "forest", "name": "Forest", "sourceStatus": None},
        ]
    }
}
REFUSED = {"errors": [{"message": "The hub is overloaded. Retry in 2 s."}]}


def metrics(operations: int, started: float = 1000.0) -> MetricsSnapshot:
    return MetricsSnapshot(
        f"""# TYPE process_start_time_seconds gauge
process_start_time_seconds {started}
# TYPE hub_operations_in_flight gauge
hub_operations_in_flight 3
# TYPE hub_refused counter
hub_refused_total{{reason="full"}} 5
hub_refused_total{{reason="gone"}} 2
# TYPE hub_operation_seconds histogram
hub_operation_seconds_bucket{{le="0.1"}} {operations}
hub_operation_seconds_bucket{{le="+Inf"}} {operations}
# TYPE hub_department_calls counter
hub_department_calls_total{{department="forest",outcome="ok"}} 7
hub_department_calls_total{{department="forest",outcome="DEPARTMENT_TIMEOUT"}} 2
hub_department_calls_total{{department="other",outcome="ok"}} 100
# TYPE hub_department_breaker gauge
hub_department_breaker{{department="forest",state="closed"}} 0
hub_department_breaker{{department="forest",state="open"}} 1
"""
    )


def snapshot(
    time: float, metrics: MetricsSnapshot | None, response: dict[str, Any] | None = None
) -> StatusSnapshot:
    return StatusSnapshot(time, response or ANSWER, metrics)


def test_rates_are_for_the_period_between_two_snapshots() -> None:
    hub = status_of(snapshot(1110.0, metrics(700)), snapshot(1100.0, metrics(500))).hub
    assert (hub.requests_per_second, hub.period_seconds, hub.uptime_seconds) == (20.0, 10.0, 110.0)


def test_the_first_snapshot_has_rates_since_the_start() -> None:
    hub = status_of(snapshot(1100.0, metrics(500)), None).hub
    assert (hub.requests_per_second, hub.period_seconds) == (5.0, 100.0)


def test_rates_start_again_after_a_restart() -> None:
    hub = status_of(snapshot(1110.0, metrics(30, 1105.0)), snapshot(1100.0, metrics(500))).hub
    assert (hub.requests_per_second, hub.period_seconds) == (6.0, 5.0)


def test_refusals_and_failures_are_counted() -> None:
    status = status_of(snapshot(1100.0, metrics(1)), None)
    assert (status.hub.in_flight, status.hub.refused) == (3, 5)
    (forest,) = status.departments
    assert (forest.calls, forest.failures, forest.breaker) == (9, 2, "open")
    assert (forest.state, forest.retries, forest.waiting) == (None, None, None)


def test_missing_metrics_are_none() -> None:
    status = status_of(snapshot(1100.0, None), None)
    assert (status.hub.uptime_seconds, status.hub.refused) == (None, None)
    assert status.departments[0].calls is None


def test_the_error_of_a_refusing_hub_is_shown() -> None:
    status = status_of(snapshot(1100.0, metrics(1), REFUSED), None)
    assert status.hub.problem == REFUSED["errors"][0]["message"]
    assert status.departments == []


def test_a_quantile_is_interpolated_in_its_bucket() -> None:
    buckets = {0.1: 0.0, 0.5: 50.0, 1.0: 100.0, math.inf: 100.0}
    assert quantile(0.25, buckets) == pytest.approx(0.3)
    assert quantile(0.75, buckets) == pytest.approx(0.75)
    assert quantile(0.5, {0.1: 0.0, math.inf: 4.0}) == 0.1
    assert quantile(0.5, {0.1: 0.0, math.inf: 0.0}) is None


@given(
    st.lists(st.floats(0, 0.9), min_size=1, max_size=40),
    st.lists(st.floats(0, 0.9), max_size=40),
    st.floats(0.01, 1),
)
def test_a_quantile_covers_only_new_observations(
    new: list[float], old: list[float], share: float
) -> None:
    registry = CollectorRegistry()
    histogram = Histogram("x", "x", registry=registry, buckets=(0.25, 0.5, 0.75, 1))

    def observe(values: list[float]) -> dict[float, float]:
        for value in values:
            histogram.observe(value)
        return MetricsSnapshot(generate_latest(registry).decode()).buckets("x")

    before = observe(old)
    found = quantile(share, increase(before, observe(new)))
    assert found is not None
    exact = sorted(new)[math.ceil(share * len(new) - 1e-9) - 1]
    assert abs(found - exact) <= 0.25
