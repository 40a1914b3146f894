"""Measures how fast the hub accepts submissions, and how much that slows down reading."""

import contextlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks.load import LoadJob, LoadResult
from tests.benchmarks.machine import ROOT
from tests.benchmarks.manifests import write_with_office
from tests.benchmarks.measurement import CONNECTIONS, Effort, Progress
from tests.benchmarks.postgres import Postgres
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.testbed import LoadGenerator, Server, Testbed
from tests.benchmarks.upstream.records import APPLICANTS
from tests.benchmarks.workloads import JOIN
from tests.support.sign_in import bearer

TARGETS = {"sqlite": 50.0, "postgresql": 100.0}
"""Required submissions per second."""
SUBMITTERS = 144
"""Connections that submit as fast as receipts come."""
STEADY = 20.0
"""Submissions per second while reads are measured."""
READ_SHARE = 0.5
"""Reads per second at the fixed rate, as a share of the maximum without submissions."""
TOKEN_SECONDS = 6 * 3600
DELIVERY_SECONDS = 120.0
POLL_SECONDS = 0.2
POLICY = ROOT / "hub" / "access" / "policy.yaml"

_RESULT = (
    "submission { receiptNumber submissionState applicationReferenceNumber } problems { code }"
)
APPLY = f"""mutation ($member: String!, $key: String!) {{
  submitApplication(input: {{
    citizen: {{memberIdentifier: $member}}, service: "BEN-OFF", confirmDuplicate: true,
    attributes: [
      {{code: "applicant_name", value: "Sunita Devi"}}, {{code: "birth_date", value: "1961-04-12"}},
      {{code: "income", value: "84000"}},
      {{code: "reason_for_applying", value: "Fees of two daughters in the senior secondary school"}}
    ],
    idempotencyKey: $key
  }}) {{ {_RESULT} }}
}}"""
COMPLAIN = f"""mutation ($member: String!, $key: String!) {{
  fileGrievance(input: {{
    citizen: {{memberIdentifier: $member}}, department: "bench-office", category: "DELAY",
    text: "The scholarship has not come for three months, and the office does not answer.",
    idempotencyKey: $key
  }}) {{ {_RESULT} }}
}}"""
RECEIPT = '"receiptNumber":"CH'
ACKNOWLEDGED = '"submissionState":"ACKNOWLEDGED"'


@dataclass(frozen=True, slots=True)
class Accepting:
    """The hub accepts submissions as fast as it can.

    Attributes:
        per_second: accepted submissions per second.
        p50_ms: median time until the receipt, in milliseconds.
        p95_ms: time until the receipt that one request in twenty exceeds, in milliseconds.
        answered: share of receipts with the department's reference.
        refused: submissions that the hub refused because it was overloaded, per second.
        cpu_ms: processor time of the hub for a submission and its delivery, in milliseconds.
        delivered_per_second: submissions that arrived at the department, per second of the whole
            time until the last one arrived.
    """

    per_second: float
    p50_ms: float
    p95_ms: float
    answered: float
    refused: float
    cpu_ms: float
    delivered_per_second: float


@dataclass(frozen=True, slots=True)
class Reads:
    """Reads at a fixed rate, and as many as possible.

    Attributes:
        rate: reads per second at the fixed rate.
        p50_ms: their median time in milliseconds.
        p95_ms: their time in milliseconds that one in twenty exceeds.
        max_per_second: reads per second with 16 connections.
    """

    rate: float
    p50_ms: float
    p95_ms: float
    max_per_second: float


@dataclass(frozen=True, slots=True)
class SubmissionFigures:
    """The figures of one database.

    Attributes:
        accepting: submissions as fast as possible.
        alone: reads without submissions.
        submitting: reads with `STEADY` submissions per second.
        idle: share of one processor that a hub uses that has nothing to do.
    """

    accepting: Accepting
    alone: Reads
    submitting: Reads
    idle: float

    def slower(self) -> dict[str, float]:
        """Return the ratios of reads with submissions to reads without: times, and throughput."""
        one, other = self.alone, self.submitting
        return {
            "p50": other.p50_ms / one.p50_ms,
            "p95": other.p95_ms / one.p95_ms,
            "max_per_second": other.max_per_second / one.max_per_second,
        }

    def entry(self) -> dict[str, Any]:
        """Return the entry for `build/submissions.json`."""
        return {
            "accepting": _rounded(self.accepting),
            "reads": {"alone": _rounded(self.alone), "submitting": _rounded(self.submitting)},
            "ratios": {name: round(value, 3) for name, value in self.slower().items()},
            "idle_cpu_percent": round(self.idle * 100, 2),
        }


def _rounded(figures: Any) -> dict[str, float]:
    return {name: round(getattr(figures, name), 3) for name in figures.__slots__}


def print_submissions(console: Console, found: Mapping[str, SubmissionFigures]) -> None:
    """Print the tables of submissions and of reads."""
    accepting = Table(
        "database", "per second", "target", "p50", "p95", "answered", "CPU ms", "idle CPU",
        title="Submissions as fast as possible: time until the receipt (ms)",
    )  # fmt: skip
    reads = Table(
        "database", "submissions", "reads/s", "p50", "p95", "most reads/s",
        title="rest-join at a fixed rate (ms), and as fast as possible",
    )  # fmt: skip
    for name, figures in found.items():
        each, target = figures.accepting, TARGETS[name]
        colour = "green" if each.per_second >= target else "red"
        accepting.add_row(
            name,
            f"[{colour}]{each.per_second:.0f}",
            f"{target:.0f}",
            f"{each.p50_ms:.0f}",
            f"{each.p95_ms:.0f}",
            f"{each.answered:.0%}",
            f"{each.cpu_ms:.1f}",
            f"{figures.idle:.1%}",
        )
        for submitted, row in (("0/s", figures.alone), (f"{STEADY:.0f}/s", figures.submitting)):
            cells = (row.rate, row.p50_ms, row.p95_ms, row.max_per_second)
            reads.add_row(name, submitted, *(f"{cell:.1f}" for cell in cells))
        reads.add_row("", "ratio", "", *(f"{ratio:.2f}" for ratio in figures.slower().values()))
    console.print(accepting, reads)


def write_submissions(found: Mapping[str, SubmissionFigures], machine: Mapping[str, Any]) -> Path:
    """Write `build/submissions.json` and return its path."""
    path = ROOT / "build" / "submissions.json"
    path.parent.mkdir(exist_ok=True)
    entries = {name: figures.entry() for name, figures in found.items()}
    content = {**entries, "machine": machine}
    path.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return path


def measure_submissions(
    testbed: Testbed, database: str, effort: Effort, progress: Progress
) -> SubmissionFigures:
    """Measure with one database.

    Args:
        database: `sqlite` or `postgresql`.
    """
    departments = write_with_office(testbed.new_folder("departments") / "all")
    senders = [
        (member, bearer(member_id=member, exp=int(time.time()) + TOKEN_SECONDS)["Authorization"])
        for member in APPLICANTS
    ]
    turns = Turns(testbed, database, departments, senders, effort, progress)
    with _database(testbed, database) as url:
        accepting = turns.accepting({"HUB_DATABASE_URL": url, "HUB_POLICY": str(POLICY)})
    with _database(testbed, database) as url, testbed.second_load() as submitter:
        settings = {"HUB_DATABASE_URL": url}
        alone, submitting, idle = turns.reading(settings, submitter)
    return SubmissionFigures(accepting, alone, submitting, idle)


@contextlib.contextmanager
def _database(testbed: Testbed, name: str) -> Iterator[str]:
    """Yield the address of a new database."""
    if name == "sqlite":
        yield f"sqlite+aiosqlite:///{testbed.new_folder('database')}/hub.db"
        return
    with Postgres(is_durable=True) as postgres:
        yield postgres.hub_url


@dataclass(frozen=True, slots=True)
class Turns:
    """The measurements with one database."""

    testbed: Testbed
    database: str
    departments: Path
    senders: list[tuple[str, str]]
    effort: Effort
    progress: Progress

    def accepting(self, settings: dict[str, str]) -> Accepting:
        """Submit as fast as receipts come, then wait until all are delivered."""
        found: list[Accepting] = []
        with self.testbed.hub(self.departments, settings) as hub:
            for turn in range(self.effort.rounds):
                self.progress(f"{self.database}, accepting, round {turn + 1}")
                found.append(self._accepting(hub))
        return Accepting(*(median(getattr(each, f) for each in found) for f in found[0].__slots__))

    def _accepting(self, hub: Server) -> Accepting:
        job = self._submissions(hub, self.effort.warm_up, self.effort.seconds)
        arrived, worked, started = self.testbed.arrived(), _worked(hub), time.monotonic()
        result = self.testbed.load(job)
        count = result.requests + result.other_requests
        self._wait_for(arrived + count)
        elapsed = time.monotonic() - started
        return Accepting(
            per_second=result.rps,
            p50_ms=result.p50_ms,
            p95_ms=result.p95_ms,
            answered=result.marked / result.requests,
            refused=result.refused / self.effort.seconds,
            cpu_ms=1000 * (_worked(hub) - worked) / count,
            delivered_per_second=count / elapsed,
        )

    def _wait_for(self, count: int) -> None:
        deadline = time.monotonic() + DELIVERY_SECONDS
        while (arrived := self.testbed.arrived()) < count:
            if time.monotonic() > deadline:
                raise BenchmarkError(f"{count - arrived} of {count} submissions never arrived")
            time.sleep(POLL_SECONDS)
        if arrived > count:
            raise BenchmarkError(f"{arrived} submissions arrived, but {count} were accepted")

    def reading(
        self, settings: dict[str, str], submitter: LoadGenerator
    ) -> tuple[Reads, Reads, float]:
        """Read without and with submissions, in turn; return both, and the idle share."""
        maxima: list[list[LoadResult]] = [[], []]
        paced: list[list[LoadResult]] = [[], []]
        with self.testbed.hub(self.departments, settings) as hub:
            self.progress(f"{self.database}, idle")
            self._read(hub, None)
            idle = self._idle_share(hub)
            rate = 0.0
            for turn in range(self.effort.rounds):
                for kind, results in (("maximum", maxima), ("fixed rate", paced)):
                    for submits in (False, True):
                        name = "with submissions" if submits else "alone"
                        self.progress(f"{self.database}, reads {name}, {kind}, round {turn + 1}")
                        given = submitter if submits else None
                        paces = kind != "maximum"
                        rate = rate or (paces and maxima[0][0].rps * READ_SHARE)
                        results[submits].append(self._read(hub, given, rate if paces else None))
        reads = [
            Reads(
                rate,
                median(each.p50_ms for each in paced[kind]),
                median(each.p95_ms for each in paced[kind]),
                median(each.rps for each in maxima[kind]),
            )
            for kind in (False, True)
        ]
        return reads[0], reads[1], idle

    def _read(
        self, hub: Server, submitter: LoadGenerator | None, rate: float | None = None
    ) -> LoadResult:
        warm_up, seconds = self.effort.warm_up, self.effort.seconds
        arrived = self.testbed.arrived()
        if submitter is not None:
            # It begins before the reads, and ends after them.
            job = self._submissions(hub, warm_up, seconds, STEADY)
            submitter.begin(job)
        result = self.testbed.load(LoadJob(hub.port, [JOIN], CONNECTIONS, warm_up, seconds, rate))
        if submitter is not None:
            submitted = submitter.end()
            self._wait_for(arrived + submitted.requests + submitted.other_requests)
        return result

    def _submissions(
        self, hub: Server, warm_up: float, seconds: float, rate: float | None = None
    ) -> LoadJob:
        return LoadJob(
            hub.port,
            [APPLY, COMPLAIN],
            SUBMITTERS,
            warm_up,
            seconds,
            rate,
            self.senders,
            RECEIPT,
            ACKNOWLEDGED,
        )

    def _idle_share(self, hub: Server) -> float:
        time.sleep(self.effort.warm_up)
        worked, started = _worked(hub), time.monotonic()
        time.sleep(self.effort.seconds)
        return (_worked(hub) - worked) / (time.monotonic() - started)


def _worked(hub: Server) -> float:
    return hub.process.processor_seconds()
