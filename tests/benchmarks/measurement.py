"""Measures a workload with both servers, which take turns. Figures are medians of the rounds."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from tests.benchmarks.load import LoadJob
from tests.benchmarks.machine import SERVER_PROCESSOR, seconds_worked
from tests.benchmarks.manifests import write_departments
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.testbed import Server, Testbed
from tests.benchmarks.workloads import EVENTS, Workload

CONNECTIONS = 16
BUSY = 0.9
"""If a server was busy for a smaller share of the time, something else limited its figures."""
FOREIGN = 0.05
"""Figures are doubtful if other processes had a larger share of the server's processor."""
SAME_CALLS = 0.02
"""Allowed difference in upstream calls per request: some requests are cut off at the end."""

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Effort:
    """How long a workload is measured.

    Attributes:
        rounds: turns of each server.
        warm_up: seconds at the start of each turn that are not measured.
        seconds: seconds of each turn that are measured.
    """

    rounds: int
    warm_up: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one server.

    Attributes:
        rps: requests per second.
        p50_ms: median latency in milliseconds.
        p99_ms: latency in milliseconds that one request in a hundred exceeds.
        rss_mb: resident memory at the end of a round, in MiB; the maximum over the rounds.
        busy: share of the time that it used its processor.
        foreign: share of the time that other processes used its processor.
        calls: HTTP calls to the upstream per request.
    """

    rps: float
    p50_ms: float
    p99_ms: float
    rss_mb: float
    busy: float
    foreign: float
    calls: float

    def entry(self) -> dict[str, float]:
        """Return the entry for `build/bench.json`."""
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
        """Requests per second of the hub divided by those of the plain server."""
        return self.hub.rps / self.plain.rps

    def entry(self) -> dict[str, Any]:
        """Return the entry for `build/bench.json`."""
        return {
            "hub": self.hub.entry(),
            "plain": self.plain.entry(),
            "ratio": round(self.ratio, 2),
        }

    def remarks(self) -> list[str]:
        """Return the reasons to doubt the comparison."""
        found: list[str] = []
        for name, figures in (("hub", self.hub), ("plain", self.plain)):
            if figures.foreign > FOREIGN:
                share = f"{figures.foreign:.0%} of the {name}'s processor"
                found.append(f"other processes used {share}: measure again on a quiet machine")
            elif figures.busy < BUSY:
                share = f"{1 - figures.busy:.0%} of the time"
                found.append(f"the {name} was idle {share}: something else limits it")
        if abs(self.hub.calls - self.plain.calls) > SAME_CALLS * max(1.0, self.plain.calls):
            found.append(
                f"the hub makes {self.hub.calls:.2f} upstream calls per request, "
                f"the plain server {self.plain.calls:.2f}: they do different work"
            )
        return found


@dataclass(frozen=True, slots=True)
class AccessComparison:
    """The figures of the hub for one workload, with access on and with access off."""

    on: Figures
    off: Figures

    @property
    def share(self) -> float:
        """Requests per second with access on, divided by those with access off."""
        return self.on.rps / self.off.rps

    def entry(self) -> dict[str, Any]:
        """Return the entry for `build/bench.json`."""
        return {
            "on": self.on.entry(),
            "off": self.off.entry(),
            "share": round(self.share, 3),
        }


def compare(
    testbed: Testbed,
    workload: Workload,
    effort: Effort,
    progress: Progress,
    connections: int = CONNECTIONS,
) -> Comparison:
    """Start both servers, check that their responses are equal, and measure them."""
    progress("starting the servers")
    if workload.needs_database:
        testbed.start_database()
    departments = write_departments(testbed.new_folder("departments") / "all", [EVENTS])
    with testbed.both(departments) as servers:
        require_equal_data(servers, workload.documents)
        turns = _take_turns(testbed, servers, workload, effort, progress, connections)
    return Comparison(*map(_medians, turns))


def compare_access(
    testbed: Testbed, workload: Workload, effort: Effort, progress: Progress
) -> AccessComparison:
    """Measure the hub with sign-in, policy, access log and limits, and without them."""
    progress("starting the hubs")
    departments = write_departments(testbed.new_folder("departments") / "all")
    with testbed.with_and_without_access(departments) as servers:
        require_equal_data(servers, workload.documents)
        turns = _take_turns(testbed, servers, workload, effort, progress)
    return AccessComparison(*map(_medians, turns))


def _take_turns(
    testbed: Testbed,
    servers: Sequence[Server],
    workload: Workload,
    effort: Effort,
    progress: Progress,
    connections: int = CONNECTIONS,
) -> list[list[Figures]]:
    """Return the figures of each server, in the order of `servers`."""
    turns: list[list[Figures]] = [[] for _ in servers]
    for turn in range(effort.rounds):
        for server, figures in zip(servers, turns, strict=True):
            progress(f"{server.name}, round {turn + 1} of {effort.rounds}")
            figures.append(measure(testbed, server, workload.documents, effort, connections))
    return turns


def measure(
    testbed: Testbed,
    server: Server,
    documents: Sequence[str],
    effort: Effort,
    connections: int = CONNECTIONS,
) -> Figures:
    """Measure one turn of one server."""
    job = LoadJob(server.port, documents, connections, effort.warm_up, effort.seconds)
    calls, own = testbed.upstream_calls(), server.process.processor_seconds()
    everything, started = seconds_worked(SERVER_PROCESSOR), time.monotonic()
    result = testbed.load(job)
    elapsed = time.monotonic() - started
    own = server.process.processor_seconds() - own
    everything = seconds_worked(SERVER_PROCESSOR) - everything
    return Figures(
        rps=result.rps,
        p50_ms=result.p50_ms,
        p99_ms=result.p99_ms,
        rss_mb=server.process.rss_mb(),
        busy=min(1.0, own / elapsed),
        foreign=max(0.0, everything - own) / elapsed,
        calls=(testbed.upstream_calls() - calls) / (result.requests + result.other_requests),
    )


def require_equal_data(servers: Sequence[Server], documents: Sequence[str]) -> None:
    """Check that all servers return the same data for each document.

    Raises:
        BenchmarkError: two responses differ, or there is no data.
    """
    for document in documents:
        data = [server.query(document) for server in servers]
        for server, other in zip(servers[1:], data[1:], strict=True):
            if other != data[0]:
                raise BenchmarkError(
                    f"{servers[0].name} and {server.name} differ {_difference(data[0], other)}"
                )
        if any(value is None for value in data[0].values()):
            raise BenchmarkError(f"there is no data: {data[0]}")


def _difference(one: Any, other: Any, path: str = "data") -> str:
    """Return the path of the first difference, and both values."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{path}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{path}[{n}]", *pair) for n, pair in enumerate(zip(one, other, strict=True))]
    else:
        pairs = []
    for deeper, mine, theirs in pairs:
        if mine != theirs:
            return _difference(mine, theirs, deeper)
    return f"at {path}: {str(one)[:300]} / {str(other)[:300]}"


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
