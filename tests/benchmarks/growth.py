"""How time and memory grow: with records, with departments, with requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.load import LoadJob
from tests.benchmarks.manifests import write_departments, write_many_departments
from tests.benchmarks.measuring import (
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
from tests.benchmarks.stage import Server, Stage
from tests.benchmarks.upstream.records import GROWTH_CITIZEN
from tests.benchmarks.workloads import JOIN, WORKLOADS, with_timeline

RECORDS = ((10, 0), (100, 0), (100, 1), (100, 10), (100, 100))
"""Applications, and steps in each of them."""
DEPARTMENTS = (5, 20, 50, 200)
FEW_DEPARTMENTS = DEPARTMENTS[:3]
"""Where there is no time to start a hub of two hundred."""
MORE_CONNECTIONS = 64
MOST_TRIES = 3

MANY_DEPARTMENTS = f"""{{
  citizen(id: "{GROWTH_CITIZEN}") {{
    applications(first: 100) {{
      nodes {{ applicationReferenceNumber applicationStatus requestedDatetime }}
      sources {{ department state }}
    }}
  }}
}}"""


@dataclass(frozen=True, slots=True)
class Endurance:
    """How long memory is watched.

    Attributes:
        requests: enough of them.
        seconds: enough of these, even if there were fewer requests.
        step: seconds from one reading to the next.
    """

    requests: int
    seconds: float
    step: float


def measure_one_by_one(stage: Stage, server: Server, document: str, effort: Effort) -> Figures:
    """Figures of one connection; measured again when other processes took part of the time."""
    tries: list[Figures] = []
    while not tries or (tries[-1].foreign > FOREIGN and len(tries) < MOST_TRIES):
        tries.append(measure(stage, server, [document], effort, connections=1))
    return min(tries, key=lambda each: each.foreign)


def with_records(stage: Stage, effort: Effort, progress: Progress) -> list[dict[str, Any]]:
    """Milliseconds of a request, and most memory ever held, by the records in its answer."""
    events = sorted({count for _, count in RECORDS} - {0})
    departments = write_departments(stage.new_folder("departments") / "all", events)
    points: list[dict[str, Any]] = []
    with stage.both(departments) as servers:
        for rows, steps in RECORDS:
            department = f"bench-rest-{steps}" if steps else "bench-rest"
            document = with_timeline(department).replace("first: 100", f"first: {rows}")
            require_equal_data(servers, [document])
            point: dict[str, Any] = {"records": rows * (1 + steps)}
            for server in servers:
                progress(f"{server.name}, {point['records']:,} records")
                figures = measure_one_by_one(stage, server, document, effort)
                point[server.name] = {
                    "ms": round(figures.p50_ms, 3),
                    "peak_rss_mb": round(server.child.peak_rss_mb(), 1),
                }
            points.append(point)
    return points


def with_departments(
    stage: Stage, effort: Effort, progress: Progress, numbers: Sequence[int]
) -> list[dict[str, Any]]:
    """Milliseconds of a request about one citizen, by the departments that know the citizen."""
    points: list[dict[str, Any]] = []
    for count in numbers:
        progress(f"hub, {count} departments")
        folder = write_many_departments(stage.new_folder("departments") / "all", count)
        with stage.hub(folder) as hub:
            sources = hub.ask(MANY_DEPARTMENTS)["citizen"]["applications"]["sources"]
            if [each["state"] for each in sources].count("LIVE") != count:
                raise BenchmarkError(f"not all of {count} departments answered: {sources}")
            figures = measure_one_by_one(stage, hub, MANY_DEPARTMENTS, effort)
            rss_mb = round(figures.rss_mb, 1)
            point = {"ms": round(figures.p50_ms, 3), "rss_mb": rss_mb}
            points.append({"departments": count, "hub": point})
    return points


def with_requests(stage: Stage, endurance: Endurance, progress: Progress) -> dict[str, Any]:
    """Memory of the hub under `rest-join`, reading after reading."""
    readings: list[dict[str, float]] = []
    requests, seconds = 0, 0.0
    with stage.hub(write_departments(stage.new_folder("departments") / "all")) as hub:
        job = LoadJob(hub.port, [JOIN], CONNECTIONS, 0, endurance.step)
        while requests < endurance.requests and seconds < endurance.seconds:
            result = stage.load(job)
            requests += result.requests + result.other_requests
            seconds += endurance.step
            readings.append({"requests": requests, "rss_mb": round(hub.child.rss_mb(), 1)})
            progress(f"hub, {requests:,} of {endurance.requests:,} requests")
        return {"hub": {"readings": readings, "peak_rss_mb": round(hub.child.peak_rss_mb(), 1)}}


def with_connections(
    stage: Stage,
    effort: Effort,
    progress: Progress,
    known: Comparison | None,
) -> dict[str, Any]:
    """Latencies of `rest-join` by connections; `known` if the usual number was measured before."""
    workload = WORKLOADS["rest-join"]
    usual = known or compare(stage, workload, effort, progress)
    more = compare(stage, workload, effort, progress, MORE_CONNECTIONS)
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
