"""Runs the crash plan: citizens submit, hubs are killed, and every submission is counted."""

import asyncio
import json
import random
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from mocks.lab.chaos.crash.evaluation import DepartmentResult, evaluate
from mocks.lab.chaos.crash.load import SERVICES, CrashLoad
from mocks.lab.chaos.crash.testbed import CrashTestbed, described
from mocks.lab.chaos.session import progress
from mocks.lab.child_processes import ChildProcesses

CITIZENS = 300
APPLICANTS = 40
CLIENTS = 10
SHORTEST_LIFE = 0.2
MEAN_LIFE = 1.5
"""Seconds that a hub lives after it is ready: the shortest time, and the mean of the rest."""
SETTLE_SECONDS = 600.0
SEED = 19


@dataclass(frozen=True, slots=True)
class CrashOptions:
    """Options of the command line.

    Attributes:
        kills: how often a hub is killed.
        hubs: number of hubs.
        folder: folder for the figures and the log.
        seed: decides when hubs are killed and what is submitted.
    """

    kills: int
    hubs: int
    folder: Path
    seed: int = SEED


@dataclass(frozen=True, slots=True)
class CrashRecord:
    """What was observed.

    Attributes:
        results: one for each department.
        problems: sentences about submissions that were refused or had no answer.
        seconds: time of the kills, and time until everything was settled after the last.
        repeated: number of submissions that needed more than one request.
    """

    results: list[DepartmentResult]
    problems: list[str]
    seconds: tuple[float, float]
    repeated: int

    @property
    def is_good(self) -> bool:
        return not self.problems and all(each.is_good for each in self.results)


def run_crash(options: CrashOptions, out: Console, err: Console) -> int:
    """Run the plan; print and write the results. Return the exit code: 1 if there is a problem.

    Raises:
        LabError: a process does not start, or a command of the hub fails.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    with ChildProcesses() as children:
        testbed = CrashTestbed(
            children, options.hubs, CITIZENS, options.folder / "chaos-crash-hub.log"
        )
        try:
            with progress(err, options.kills + 1) as on_progress:
                record = asyncio.run(_run(testbed, options, on_progress))
        finally:
            testbed.close()
    figures = options.folder / "chaos-crash.json"
    figures.write_text(json.dumps(_content(record, options), indent=2), encoding="utf-8")
    _print(record, options, out)
    err.print(f"Wrote {figures}.", highlight=False)
    return 0 if record.is_good else 1


async def _run(testbed: CrashTestbed, options: CrashOptions, on_progress: Any) -> CrashRecord:
    load = CrashLoad(
        testbed.urls,
        testbed.tokens,
        await asyncio.to_thread(testbed.members, APPLICANTS),
        options.seed,
    )
    await load.prepare()
    await asyncio.to_thread(testbed.begin_faults)
    started, wanted = time.monotonic(), True
    submitting = asyncio.create_task(load.run(CLIENTS, lambda: wanted))
    try:
        await _kill(testbed, options, on_progress)
    finally:
        wanted = False
        await submitting
    killed = time.monotonic()
    on_progress("waiting until all is delivered")
    await asyncio.to_thread(testbed.end_faults)
    states, tasks = await _settled(testbed, {each.receipt for each in load.accepted})
    arrivals = {name: await asyncio.to_thread(testbed.arrivals, name) for name in SERVICES}
    return CrashRecord(
        evaluate(load.accepted, states, tasks, arrivals),
        load.problems,
        (killed - started, time.monotonic() - killed),
        sum(each.requests > 1 for each in load.accepted),
    )


async def _kill(testbed: CrashTestbed, options: CrashOptions, on_progress: Any) -> None:
    chance = random.Random(options.seed)
    for number in range(options.kills):
        await asyncio.sleep(SHORTEST_LIFE + chance.expovariate(1 / MEAN_LIFE))
        on_progress(f"kill {number + 1}")
        await asyncio.to_thread(testbed.kill, number % options.hubs)


async def _settled(testbed: CrashTestbed, receipts: set[str]) -> tuple[dict[str, str], set[str]]:
    """Wait until each submission is delivered or a task; return the states and the tasks."""
    until = time.monotonic() + SETTLE_SECONDS
    while True:
        listed = await asyncio.to_thread(testbed.hub_command, "submissions", "list", "--limit", "0")
        open_tasks = await asyncio.to_thread(testbed.hub_command, "tasks", "list", "--limit", "0")
        states = {each["receipt"]: each["state"] for each in listed}
        tasks = {each["receipt"] for each in open_tasks}
        waiting = [
            each for each in receipts if states.get(each) != "ACKNOWLEDGED" and each not in tasks
        ]
        if not waiting or time.monotonic() > until:
            return states, tasks
        await asyncio.sleep(1.0)


def _content(record: CrashRecord, options: CrashOptions) -> dict[str, Any]:
    return {
        "good": record.is_good,
        "kills": options.kills,
        "hubs": options.hubs,
        "seed": options.seed,
        "faults": described(),
        "seconds_of_kills": round(record.seconds[0], 1),
        "seconds_until_settled": round(record.seconds[1], 1),
        "repeated_requests": record.repeated,
        "departments": [asdict(each) for each in record.results],
        "problems": record.problems,
    }


def _print(record: CrashRecord, options: CrashOptions, out: Console) -> None:
    table = Table(
        "department", "accepted", "arrived once", "operator tasks", "lost", "doubled",
        "not confirmed", "unknown",
        title=f"{options.kills} kills of {options.hubs} hub(s); faults: {described()}",
        title_justify="left",
    )  # fmt: skip
    for each in record.results:
        figures = (
            each.accepted, each.once, each.tasks, len(each.lost), len(each.doubled),
            len(each.unfinished), len(each.unknown),
        )  # fmt: skip
        table.add_row(each.department, *(f"{figure:,}" for figure in figures))
    out.print(table)
    out.print(
        f"Kills: {record.seconds[0]:.0f} s. Everything settled {record.seconds[1]:.0f} s after the "
        f"last. {record.repeated:,} submissions needed more than one request.",
        highlight=False,
    )
    for each in record.results:
        for what in ("lost", "doubled", "unfinished", "unknown"):
            for receipt in getattr(each, what):
                out.print(f"[red]✗[/] {each.department}: {receipt} is {what}", highlight=False)
    for sentence in record.problems:
        out.print(f"[red]✗[/] {sentence}", highlight=False)
