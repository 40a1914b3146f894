"""`python -m tests.benchmarks`: the command line of the benchmarks."""

import argparse
import os
import signal
import sys
import time
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tests.benchmarks import growth
from tests.benchmarks.growth import Endurance
from tests.benchmarks.machine import OTHER_PROCESSOR, describe, pin
from tests.benchmarks.measurement import (
    AccessComparison,
    Comparison,
    Effort,
    compare,
    compare_access,
)
from tests.benchmarks.postgres import is_installed
from tests.benchmarks.processes import BenchmarkError
from tests.benchmarks.report import (
    print_access,
    print_comparisons,
    print_connections,
    print_growth,
    write_files,
)
from tests.benchmarks.submissions import (
    SubmissionFigures,
    measure_submissions,
    print_submissions,
    write_submissions,
)
from tests.benchmarks.testbed import Testbed
from tests.benchmarks.workloads import WORKLOADS
from tests.support.processes import ProcessError

QUICK = Effort(rounds=2, warm_up=0.25, seconds=1)
FULL = Effort(rounds=3, warm_up=2, seconds=10)
QUICK_GROWTH = Effort(rounds=1, warm_up=0.1, seconds=0.4)
FULL_GROWTH = Effort(rounds=1, warm_up=1, seconds=5)
QUICK_ENDURANCE = Endurance(requests=5_000, seconds=4, step=1)
FULL_ENDURANCE = Endurance(requests=100_000, seconds=300, step=10)
SUBMISSIONS = "submissions"
QUICK_SUBMISSIONS = Effort(rounds=1, warm_up=3, seconds=6)
"""An answer can wait two seconds for the department, so shorter measurements see only the start."""


class Run:
    """One run of the benchmarks, with its progress on the terminal."""

    def __init__(self, testbed: Testbed, bar: Progress, *, quick: bool) -> None:
        self._testbed = testbed
        self._bar = bar
        self._effort, self._growth_effort = (QUICK, QUICK_GROWTH) if quick else (FULL, FULL_GROWTH)
        self._submission_effort = QUICK_SUBMISSIONS if quick else FULL
        self._endurance = QUICK_ENDURANCE if quick else FULL_ENDURANCE
        self._numbers = growth.FEW_DEPARTMENTS if quick else growth.DEPARTMENTS
        self._task = bar.add_task("")
        self._what = ""

    def plan(self, steps: int) -> None:
        self._bar.update(self._task, total=steps)

    def _begin(self, what: str) -> None:
        self._what = what
        self._show("")

    def _show(self, progress: str) -> None:
        self._bar.update(self._task, description=f"{self._what}: {progress}")

    def _end(self, outcome: str) -> None:
        self._bar.advance(self._task)
        self._bar.console.print(f"{self._what}: {outcome}", highlight=False)

    def workload(self, name: str) -> Comparison:
        self._begin(name)
        comparison = compare(self._testbed, WORKLOADS[name], self._effort, self._show)
        self._end(f"{comparison.ratio:.1f}×")
        return comparison

    def submissions(self) -> dict[str, SubmissionFigures]:
        databases = ["sqlite", "postgresql"] if is_installed() else ["sqlite"]
        self._begin(SUBMISSIONS)
        found = {
            database: measure_submissions(
                self._testbed, database, self._submission_effort, self._show
            )
            for database in databases
        }
        self._end("done")
        return found

    def access(self) -> AccessComparison:
        self._begin("access")
        workload = WORKLOADS["rest-join"]
        found = compare_access(self._testbed, workload, self._effort, self._show)
        self._end(f"{found.share:.0%}")
        return found

    def connections(self, known: Comparison | None) -> dict[str, Any]:
        self._begin("connections")
        found = growth.with_connections(self._testbed, self._effort, self._show, known)
        self._end("done")
        return found

    def growth(self) -> dict[str, Any]:
        self._begin("records")
        records = growth.with_records(self._testbed, self._growth_effort, self._show)
        self._end("done")
        self._begin("departments")
        departments = growth.with_departments(
            self._testbed, self._growth_effort, self._show, self._numbers
        )
        self._end("done")
        self._begin("memory")
        memory = growth.with_requests(self._testbed, self._endurance, self._show)
        self._end("done")
        return {"records": records, "departments": departments, "memory": memory}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "--quick", action="store_true", help="take less than two minutes (`submissions`: three)"
    )
    parser.add_argument(
        "--workload",
        nargs="+",
        action="extend",
        choices=[*WORKLOADS, SUBMISSIONS],
        help="run only these workloads; `submissions` runs only if it is named here",
    )
    given = parser.parse_args()
    console = Console()
    chosen = given.workload or list(WORKLOADS)
    names = [name for name in chosen if name != SUBMISSIONS]
    submits = SUBMISSIONS in chosen
    if not is_installed():
        skipped = [name for name in names if WORKLOADS[name].needs_database]
        names = [name for name in names if name not in skipped]
        console.print(f"[yellow]PostgreSQL is not installed. Skipped: {', '.join(skipped)}.")
    # SystemExit lets the testbed stop its processes.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    pin(os.getpid(), OTHER_PROCESSOR)
    started = time.monotonic()
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    try:
        with Progress(*columns, console=console, transient=True) as bar, Testbed() as testbed:
            run = Run(testbed, bar, quick=given.quick)
            has_access = "rest-join" in names
            run.plan(len(names) + has_access + submits + (0 if given.workload else 4))
            comparisons = {name: run.workload(name) for name in names}
            access = run.access() if has_access else None
            submissions = run.submissions() if submits else None
            rest: tuple[dict[str, Any], dict[str, Any]] | None = None
            if not given.workload:
                rest = run.growth(), run.connections(comparisons.get("rest-join"))
    except (BenchmarkError, ProcessError) as error:
        console.print(f"[red]bench:[/] {error}", soft_wrap=True, highlight=False)
        return 1
    if submissions is not None:
        print_submissions(console, submissions)
        console.print(f"Written: {write_submissions(submissions, describe(quick=given.quick))}")
    if comparisons:
        print_comparisons(console, comparisons)
    if access is not None:
        print_access(console, access)
    if rest is not None:
        print_growth(console, rest[0])
        print_connections(console, rest[1])
        for path in write_files(comparisons, *rest, access, describe(quick=given.quick)):
            console.print(f"Wrote {path}.", highlight=False)
    console.print(f"{time.monotonic() - started:.0f} s", highlight=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
