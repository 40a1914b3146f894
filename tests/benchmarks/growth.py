"""Measures how time and memory grow with records, departments and requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.load import LoadJob
from tests.benchmarks.manifests import write_departments, write_many_departments
from tests.benchmarks.measurement import (
    CONNECTIONS,
    FOREIGN,
    Comparison,
    Effort,
    Figures,
    Progress,
    compare,
    measure,
    require_equal_data,
)
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.testbed import Server, Testbed
from tests.benchmarks.upstream.records import GROWTH_CITIZEN
from tests.benchmarks.workloads import JOIN, WORKLOADS, with_timeline

RECORDS = ((10, 0), (100, 0), (100, 1), (100, 10), (100, 100))
"""Pairs: number of applications, number of steps in each."""
DEPARTMENTS = (5, 20, 50, 200)
FEW_DEPARTMENTS = DEPARTMENTS[:3]
"""For quick runs: a hub with 200 departments takes long to start."""
MORE_CONNECTIONS = 64
MAX_TRIES = 3

MANY_DEPARTMENTS = f"""{{
  citizen(by: {{memberIdentifier: "{GROWTH_CITIZEN}"}}) {{
    applications(first: 100) {{
      nodes {{ applicationReferenceNumber applicationStatus requestedDatetime }}
      sources {{ department {{ identifier }} state }}
    }}
  }}
}}"""


@dataclass(frozen=True, slots=True)
class Endurance:
    """How long memory is measured: until the number of requests or seconds is reached.

    Attributes:
        requests: number of requests.
        seconds: number of seconds.
        step: seconds between two readings.
    """

    requests: int
    seconds: float
    step: float


def measure_one_by_one(testbed: Testbed, server: Server, document: str, effort: Effort) -> Figures:
    """Measure with one connection; repeat if other processes used the processor."""
    tries: list[Figures] = []
    while not tries or (tries[-1].foreign > FOREIGN and len(tries) < MAX_TRIES):
        tries.append(measure(testbed, server, [document], effort, connections=1))
    return min(tries, key=lambda each: each.foreign)


def with_records(testbed: Testbed, effort: Effort, progress: Progress) -> list[dict[str, Any]]:
    """Return the milliseconds of a request and the peak memory, by records in the response."""
    events = sorted({count for _, count in RECORDS} - {0})
    departments = write_departments(testbed.new_folder("departments") / "all", events)
    points: list[dict[str, Any]] = []
    with testbed.both(departments) as servers:
        for rows, steps in RECORDS:
            department = f"bench-rest-{steps}" if steps else "bench-rest"
            document = with_timeline(department).replace("first: 100", f"first: {rows}")
            require_equal_data(servers, [document])
            point: dict[str, Any] = {"records": rows * (1 + steps)}
            for server in servers:
                progress(f"{server.name}, {point['records']:,} records")
                figures = measure_one_by_one(testbed, server, document, effort)
                point[server.name] = {
                    "ms": round(figures.p50_ms, 3),
                    "peak_rss_mb": round(server.process.peak_rss_mb(), 1),
                }
            points.append(point)
    return points


def with_departments(
    testbed: Testbed, effort: Effort, progress: Progress, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Return the milliseconds of a request for one citizen, by number of departments."""
    points: list[dict[str, Any]] = []
    for count in numbers:
        progress(f"hub, {count} departments")
        folder = write_many_departments(testbed.new_folder("departments") / "all", count)
        with testbed.hub(folder) as hub:
            sources = hub.query(MANY_DEPARTMENTS)["citizen"]["applications"]["sources"]
            if [each["state"] for each in sources].count("LIVE") != count:
                raise BenchmarkError(f"not all of {count} departments replied: {sources}")
            figures = measure_one_by_one(testbed, hub, MANY_DEPARTMENTS, effort)
            rss_mb = round(figures.rss_mb, 1)
            point = {"ms": round(figures.p50_ms, 3), "rss_mb": rss_mb}
            points.append({"departments": count, "hub": point})
    return points


def with_requests(testbed: Testbed, endurance: Endurance, progress: Progress) -> dict[str, Any]:
    """Return the hub's memory under `rest-join`, as a list of readings."""
    readings: list[dict[str, float]] = []
    requests, seconds = 0, 0.0
    with testbed.hub(write_departments(testbed.new_folder("departments") / "all")) as hub:
        job = LoadJob(hub.port, [JOIN], CONNECTIONS, 0, endurance.step)
        while requests < endurance.requests and seconds < endurance.seconds:
            result = testbed.load(job)
            requests += result.requests + result.other_requests
            seconds += endurance.step
            readings.append({"requests": requests, "rss_mb": round(hub.process.rss_mb(), 1)})
            progress(f"hub, {requests:,} of {endurance.requests:,} requests")
        return {"hub": {"readings": readings, "peak_rss_mb": round(hub.process.peak_rss_mb(), 1)}}


def with_connections(
    testbed: Testbed,
    effort: Effort,
    progress: Progress,
    known: Comparison | None,
) -> dict[str, Any]:
    """Return the latencies of `rest-join` by number of connections.

    Args:
        known: the comparison with the usual number of connections, if already measured.
    """
    workload = WORKLOADS["rest-join"]
    usual = known or compare(testbed, workload, effort, progress)
    more = compare(testbed, workload, effort, progress, MORE_CONNECTIONS)
    return {
        str(count): {
            name: {
                "rps": round(figures.rps, 1),
                "p50_ms": round(figures.p50_ms, 3),
                "p99_ms": round(figures.p99_ms, 3),
                "p99_over_p50": round(figures.p99_ms / figures.p50_ms, 2),
            }
            for name, figures in (("hub", comparison.hub), ("plain", comparison.plain))
        }
        for count, comparison in ((CONNECTIONS, usual), (MORE_CONNECTIONS, more))
    }
