"""How the hub and its departments do, as plain values; None is what the hub does not tell."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hub.cli.status.samples import Samples, increase, quantile

START = "process_start_time_seconds"
SECONDS = "hub_operation_seconds"


@dataclass(frozen=True, slots=True)
class Look:
    """What the hub told at one moment.

    Attributes:
        time: when, in seconds of the wall clock.
        response: its answer to the query for departments.
        samples: its metrics; None when it does not show them.
    """

    time: float
    response: dict[str, Any]
    samples: Samples | None


@dataclass(frozen=True, slots=True)
class HubState:
    """The hub itself.

    Attributes:
        problem: why it tells nothing about departments.
        uptime_seconds: since its start.
        period_seconds: the time that rate and latencies are about.
        in_flight: operations that run.
        waiting: operations that wait to run.
        refused: requests refused at overload since the hub's start.
        memory_bytes: memory that it keeps in use.
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
    """One department.

    Attributes:
        state: a `SourceState`; None when it has not been asked yet.
        as_of: when its rows were true, ISO 8601.
        calls: calls made since the hub's start.
        failures: those of them that failed.
        in_flight: calls under way.
        waiting: calls that wait for their turn.
        breaker: closed, open or half-open.
        retries: second attempts.
    """

    identifier: str
    label: str
    state: str | None
    as_of: str | None
    latency_ms: int | None
    message: str | None
    calls: int | None = None
    failures: int | None = None
    in_flight: int | None = None
    waiting: int | None = None
    breaker: str | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All of it."""

    hub: HubState
    departments: list[DepartmentState]


def status_of(now: Look, before: Look | None) -> Status:
    """Rate and latencies are those since `before`, or since the hub's start without one."""
    departments = (now.response.get("data") or {}).get("departments") or []
    return Status(
        _hub(now, before), [_department(department, now.samples) for department in departments]
    )


def _hub(now: Look, before: Look | None) -> HubState:
    problem = _problem(now.response)
    samples = now.samples
    if samples is None:
        return HubState(problem)
    started = samples.total(START)
    earlier = before.samples if before else None
    if before is None or earlier is None or earlier.total(START) != started:
        earlier, since = None, started
    else:
        since = before.time
    period = None if since is None else now.time - since
    buckets = increase(earlier.buckets(SECONDS) if earlier else {}, samples.buckets(SECONDS))
    return HubState(
        problem,
        uptime_seconds=None if started is None else now.time - started,
        period_seconds=period,
        requests_per_second=_rate(buckets, period),
        p50_ms=_milliseconds(quantile(0.50, buckets)),
        p95_ms=_milliseconds(quantile(0.95, buckets)),
        in_flight=_whole(samples.total("hub_operations_in_flight")),
        waiting=_whole(samples.total("hub_operations_waiting")),
        refused=_refused(samples),
        memory_bytes=_whole(samples.total("process_resident_memory_bytes")),
    )


def _problem(response: dict[str, Any]) -> str | None:
    if response.get("data"):
        return None
    errors = response.get("errors") or [{}]
    return str(errors[0].get("message", "The hub did not say why it tells nothing."))


def _rate(buckets: Mapping[float, float], period: float | None) -> float | None:
    return buckets.get(math.inf, 0.0) / period if period else None


def _refused(samples: Samples) -> int | None:
    """Without those whose clients had gone; 0 when the hub counts but has refused nothing."""
    if samples.total("hub_operations_in_flight") is None:
        return None
    refused = samples.total("hub_refused_total") or 0.0
    return int(refused - (samples.total("hub_refused_total", reason="gone") or 0.0))


def _department(told: dict[str, Any], samples: Samples | None) -> DepartmentState:
    source = told["sourceStatus"] or {}
    return DepartmentState(
        identifier=told["identifier"],
        label=told["preferredLabel"],
        state=source.get("state"),
        as_of=source.get("asOf"),
        latency_ms=source.get("latencyMs"),
        message=source.get("message"),
        **(_line(samples, told["identifier"]) if samples else {}),
    )


def _line(samples: Samples, department: str) -> dict[str, Any]:
    """What the metrics tell of a department's line."""

    def whole(name: str, **labels: str) -> int | None:
        return _whole(samples.total(f"hub_department_{name}", department=department, **labels))

    calls = whole("calls_total")
    # Who stopped waiting for a call says nothing of how the department did.
    well = sum(whole("calls_total", outcome=outcome) or 0 for outcome in ("ok", "cancelled"))
    return {
        "calls": calls,
        "failures": None if calls is None else calls - well,
        "in_flight": whole("in_flight"),
        "waiting": whole("waiting"),
        "retries": whole("retries_total"),
        "breaker": samples.label_of_one("hub_department_breaker", "state", department=department),
    }


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else seconds * 1000
