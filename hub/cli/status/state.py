"""The state of a hub and its departments. A value is None if the hub does not expose it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.cli.status.metrics import MetricsSnapshot, increase, quantile

START = "process_start_time_seconds"
SECONDS = "hub_operation_seconds"


@dataclass(frozen=True, slots=True)
class StatusSnapshot:
    """The hub's responses at one moment.

    Attributes:
        time: Unix time in seconds.
        response: response to the query for departments.
        metrics: metrics; None if the hub does not expose them.
    """

    time: float
    response: dict[str, Any]
    metrics: MetricsSnapshot | None


@dataclass(frozen=True, slots=True)
class HubState:
    """State of the hub.

    Attributes:
        problem: error message if the hub returned no departments.
        uptime_seconds: time since its start.
        period_seconds: length of the period for `requests_per_second`, `p50_ms` and `p95_ms`.
        in_flight: number of running operations.
        waiting: number of operations in the queue.
        refused: operations refused since the start because the hub was overloaded.
        memory_bytes: resident memory.
    """

    problem: str | None
    uptime_seconds: float | None = None
    period_seconds: float | None = None
    requests_per_second: float | None = None
    p50_ms: float | None = None
    p95_ms: float | None = None
    in_flight: int | None = None
    waiting: int | None = None
    refused: int | None = None
    memory_bytes: int | None = None


@dataclass(frozen=True, slots=True)
class DepartmentState:
    """State of one department.

    Attributes:
        state: a `SourceState`; None if it has not been called yet.
        as_of: age of its data, as an ISO 8601 time.
        latency_ms: mean duration of its calls since the hub's start.
        calls: number of calls since the hub's start.
        failures: number of failed calls since the hub's start.
        in_flight: number of running calls.
        waiting: number of calls in the queue.
        breaker: "closed", "open" or "half-open".
        retries: number of repeated attempts since the hub's start.
    """

    identifier: str
    label: str
    state: str | None
    as_of: str | None
    message: str | None
    latency_ms: int | None = None
    calls: int | None = None
    failures: int | None = None
    in_flight: int | None = None
    waiting: int | None = None
    breaker: str | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class HubStatus:
    """State of the hub and of all departments."""

    hub: HubState
    departments: list[DepartmentState]


def status_of(now: StatusSnapshot, before: StatusSnapshot | None) -> HubStatus:
    """Return the status at `now`.

    Rates and latencies are for the period since `before`, or since the hub's start if there is no
    earlier snapshot or the hub has restarted.
    """
    departments = (now.response.get("data") or {}).get("departments") or []
    return HubStatus(
        _hub(now, before), [_department(department, now.metrics) for department in departments]
    )


def _hub(now: StatusSnapshot, before: StatusSnapshot | None) -> HubState:
    problem = _problem(now.response)
    metrics = now.metrics
    if metrics is None:
        return HubState(problem)
    started = metrics.total(START)
    earlier = before.metrics if before else None
    if before is None or earlier is None or earlier.total(START) != started:
        earlier, since = None, started
    else:
        since = before.time
    period = None if since is None else now.time - since
    buckets = increase(earlier.buckets(SECONDS) if earlier else {}, metrics.buckets(SECONDS))
    return HubState(
        problem,
        uptime_seconds=None if started is None else now.time - started,
        period_seconds=period,
        requests_per_second=_rate(buckets, period),
        p50_ms=_milliseconds(quantile(0.50, buckets)),
        p95_ms=_milliseconds(quantile(0.95, buckets)),
        in_flight=_whole(metrics.total("hub_operations_in_flight")),
        waiting=_whole(metrics.total("hub_operations_waiting")),
        refused=_refused(metrics),
        memory_bytes=_whole(metrics.total("process_resident_memory_bytes")),
    )


def _problem(response: dict[str, Any]) -> str | None:
    if response.get("data"):
        return None
    errors = response.get("errors") or [{}]
    return str(errors[0].get("message", "The hub returned neither data nor an error message."))


def _rate(buckets: Mapping[float, float], period: float | None) -> float | None:
    return buckets.get(math.inf, 0.0) / period if period else None


def _refused(metrics: MetricsSnapshot) -> int | None:
    """Return the number of refused operations, without those given up by their clients."""
    if metrics.total("hub_operations_in_flight") is None:
        return None
    refused = metrics.total("hub_refused_total") or 0.0
    return int(refused - (metrics.total("hub_refused_total", reason="gone") or 0.0))


def _department(department: dict[str, Any], metrics: MetricsSnapshot | None) -> DepartmentState:
    source = department["sourceStatus"] or {}
    return DepartmentState(
        identifier=department["identifier"],
        label=department["name"],
        state=source.get("state"),
        as_of=source.get("asOf"),
        message=source.get("message"),
        **(_calls(metrics, department["identifier"]) if metrics else {}),
    )


def _calls(metrics: MetricsSnapshot, department: str) -> dict[str, Any]:
    """Return the fields of `DepartmentState` that come from metrics."""

    def whole(name: str, **labels: str) -> int | None:
        return _whole(metrics.total(f"hub_department_{name}", department=department, **labels))

    calls = whole("calls_total")
    labels = {"department": department}
    seconds = metrics.total("hub_department_call_seconds_sum", **labels)
    measured = metrics.total("hub_department_call_seconds_count", **labels)
    # The hub gave up a cancelled call: the department did not fail.
    succeeded = sum(whole("calls_total", outcome=outcome) or 0 for outcome in ("ok", "cancelled"))
    return {
        "latency_ms": round(1000 * seconds / measured) if seconds and measured else None,
        "calls": calls,
        "failures": None if calls is None else calls - succeeded,
        "in_flight": whole("in_flight"),
        "waiting": whole("waiting"),
        "retries": whole("retries_total"),
        "breaker": metrics.label_of_one("hub_department_breaker", "state", department=department),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
