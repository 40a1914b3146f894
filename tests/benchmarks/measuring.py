"""Measures a workload: both servers in the same run, by turns, medians of the rounds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.load import LoadJob
from tests.benchmarks.machine import SERVER_PROCESSOR, seconds_worked
from tests.benchmarks.manifests import write_departments
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.stage import Server, Stage
from tests.benchmarks.workloads import EVENTS, Workload

CONNECTIONS = 16
BUSY = 0.9
"""A server that worked for less of the time was not what limited its figure."""
FOREIGN = 0.05
"""A figure is doubtful when others had more of the server's processor."""
SAME_CALLS = 0.02
"""By how much the servers' numbers of upstream calls may differ: requests cut off at the end."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long one measures.

    Attributes:
        rounds: turns of each server.
        warm_up: seconds of each turn that don't count.
        seconds: seconds that do.
    """

    rounds: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """What a server reached.

    Attributes:
        rps: requests per second.
        p50_ms: median latency in milliseconds.
        p99_ms: latency in milliseconds that one request in a hundred exceeds.
        rss_mb: most memory held at the end of a round, in MiB.
        busy: share of the time that it worked.
        foreign: share of the time that its processor worked for other processes.
        calls: HTTP calls to the upstream for each request.
    """

    rps: float
    p50_ms: float
    p99_ms: float
    rss_mb: float
    busy: float
    foreign: float
    calls: float

    def entry(self) -> dict[str, float]:
        """As in `build/bench.json`."""
        return {
            "rps": round(self.rps, 1),
            "p50_ms": round(self.p50_ms, 3),
            "p99_ms": round(self.p99_ms, 3),
            "rss_mb": round(self.rss_mb, 1),
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of both servers for one workload."""

    hub: Figures
    plain: Figures

    @property
    def ratio(self) -> float:
        """Requests per second of the hub over those of the plain server."""
        return self.hub.rps / self.plain.rps

    def entry(self) -> dict[str, Any]:
        """As in `build/bench.json`."""
        return {
            "hub": self.hub.entry(),
            "plain": self.plain.entry(),
            "ratio": round(self.ratio, 2),
        }

    def remarks(self) -> list[str]:
        """What makes the comparison doubtful."""
        found: list[str] = []
        for name, figures in (("hub", self.hub), ("plain", self.plain)):
            if figures.foreign > FOREIGN:
                share = f"{figures.foreign:.0%} of the {name}'s processor"
                found.append(f"other processes took {share}: measure again on a quiet machine")
            elif figures.busy < BUSY:
                share = f"{1 - figures.busy:.0%} of the time"
                found.append(f"the {name} was idle {share}: something else limits it")
        if abs(self.hub.calls - self.plain.calls) > SAME_CALLS * max(1.0, self.plain.calls):
            found.append(
                f"the hub makes {self.hub.calls:.2f} upstream calls a request, "
                f"the plain server {self.plain.calls:.2f}: they don't do the same work"
            )
        return found


def compare(
    stage: Stage,
    workload: Workload,
    effort: Effort,
    progress: Progress,
    connections: int = CONNECTIONS,
) -> Comparison:
    """Starts both servers afresh, checks that their answers are the same, and measures them."""
    progress("starting the servers")
    if workload.needs_database:
        stage.start_database()
    departments = write_departments(stage.new_folder("departments") / "all", [EVENTS])
    with stage.both(departments) as servers:
        require_equal_data(servers, workload.documents)
        turns: dict[str, list[Figures]] = {server.name: [] for server in servers}
        for turn in range(effort.rounds):
            for server in servers:
                progress(f"{server.name}, round {turn + 1} of {effort.rounds}")
                figures = measure(stage, server, workload.documents, effort, connections)
                turns[server.name].append(figures)
    return Comparison(_medians(turns["hub"]), _medians(turns["plain"]))


def measure(
    stage: Stage,
    server: Server,
    documents: Sequence[str],
    effort: Effort,
    connections: int = CONNECTIONS,
) -> Figures:
    """One turn of one server."""
    job = LoadJob(server.port, documents, connections, effort.warm_up, effort.seconds)
    calls, own = stage.upstream_calls(), server.child.processor_seconds()
    everybody, started = seconds_worked(SERVER_PROCESSOR), time.monotonic()
    result = stage.load(job)
    elapsed = time.monotonic() - started
    own = server.child.processor_seconds() - own
    everybody = seconds_worked(SERVER_PROCESSOR) - everybody
    return Figures(
        rps=result.rps,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        rss_mb=server.child.rss_mb(),
        busy=min(1.0, own / elapsed),
        foreign=max(0.0, everybody - own) / elapsed,
        calls=(stage.upstream_calls() - calls) / (result.requests + result.other_requests),
    )


def require_equal_data(servers: Sequence[Server], documents: Sequence[str]) -> None:
    """Ends the run when two servers answer a document differently, or with nothing."""
    for document in documents:
        answers = [server.ask(document) for server in servers]
        for server, answer in zip(servers[1:], answers[1:], strict=True):
            if answer != answers[0]:
                raise BenchmarkError(
                    f"{servers[0].name} and {server.name} differ {_difference(answers[0], answer)}"
                )
        if any(value is None for value in answers[0].values()):
            raise BenchmarkError(f"there is no data: {answers[0]}")


def _difference(one: Any, other: Any, place: str = "data") -> str:
    """Where two answers differ first."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{place}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{place}[{n}]", *pair) for n, pair in enumerate(zip(one, other, strict=True))]
    else:
        pairs = []
    for deeper, mine, theirs in pairs:
        if mine != theirs:
            return _difference(mine, theirs, deeper)
    return f"at {place}: {str(one)[:300]} / {str(other)[:300]}"


def _medians(turns: Sequence[Figures]) -> Figures:
    return Figures(
        rps=median(turn.rps for turn in turns),
        p50_ms=median(turn.p50_ms for turn in turns),
        p99_ms=median(turn.p99_ms for turn in turns),
        rss_mb=max(turn.rss_mb for turn in turns),
        busy=median(turn.busy for turn in turns),
        foreign=median(turn.foreign for turn in turns),
        calls=median(turn.calls for turn in turns),
    )
