"""A chaos session: starts the testbed and the load, runs experiments, and reports the results."""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from mocks.lab.chaos import runner
from mocks.lab.chaos.evaluation import Evaluator
from mocks.lab.chaos.experiments import Experiment, choose_experiments, departments_to_start
from mocks.lab.chaos.ground_truth import GroundTruth, prepare_queries
from mocks.lab.chaos.load import LoadClient
from mocks.lab.chaos.process_monitor import ResourceReading
from mocks.lab.chaos.queries import LoadQuery, QueryMix
from mocks.lab.chaos.report import (
    experiment_entry,
    hub_entry,
    machine_entry,
    print_departments,
    print_experiments,
    print_hub,
    write_figures,
)
from mocks.lab.chaos.runner import ExperimentRun, ExperimentRunner, Timing
from mocks.lab.chaos.testbed import Testbed
from mocks.lab.chaos.timeline import draw
from mocks.lab.child_processes import ChildProcesses

CITIZENS = 300
QUERIES_PER_KIND = 30
SEED = 4
BUSY_LOAD = 0.5
"""Load average above which another program uses the processors."""
REPEATS = 2
REPEAT_ROUNDS = 2
MOST_REPEATED = 40
"""Repeat at most this many experiments. If more slow other queries, that is not noise."""


@dataclass(frozen=True, slots=True)
class ChaosOptions:
    """Options of the command line.

    Attributes:
        departments: only these departments; all if empty.
        faults: only these faults; all if empty.
        quick: run a few short experiments.
        rate: queries per second.
        folder: folder for figures, picture and log.
    """

    departments: tuple[str, ...]
    faults: tuple[str, ...]
    quick: bool
    rate: float
    folder: Path


@dataclass(frozen=True, slots=True)
class PreparedSession:
    """A running testbed, and queries with their expected responses.

    Attributes:
        testbed: the mocks and the hub.
        queries: the queries of the load.
        load: load average before the session.
    """

    testbed: Testbed
    queries: list[LoadQuery]
    load: float

    def mix(self) -> QueryMix:
        """Return the mix of queries, from its beginning."""
        return QueryMix(self.queries, SEED)


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """Everything that was observed in a session.

    Attributes:
        client: has the observations of the load.
        runs: the runs of experiments, in the order of time.
        readings: resources of the hub.
        load: load average before the session.
    """

    client: LoadClient
    runs: list[ExperimentRun]
    readings: list[ResourceReading]
    load: float


@contextmanager
def prepare_session(options: ChaosOptions, err: Console) -> Iterator[PreparedSession]:
    """Start mocks and hub, and find the expected responses. Stop all at the end of the block.

    Raises:
        LabError: if a process does not start, or a response without any fault is wrong.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    departments = departments_to_start(options.departments, options.faults, quick=options.quick)
    load = os.getloadavg()[0]
    if load > BUSY_LOAD:
        err.print(
            f"  [yellow]![/] The machine is busy (load {load:.1f}): latencies are unreliable."
        )
    with ChildProcesses() as children:
        testbed = Testbed(children, departments, CITIZENS, options.folder / "chaos-hub.log")
        with err.status("Comparing the hub with the population…"):
            truth = GroundTruth(testbed.mocks["population"].url, CITIZENS, departments)
            queries = prepare_queries(testbed.hub_url, truth, QUERIES_PER_KIND)
        err.print(
            f"  [green]✓[/] The responses to {len(queries)} queries match the population.",
            highlight=False,
        )
        # A full garbage collection would delay the load and look like latency of the hub.
        gc.collect()
        gc.freeze()
        gc.set_threshold(5_000, 50, 100)
        yield PreparedSession(testbed, queries, load)


@contextmanager
def progress(err: Console, steps: int | None) -> Iterator[Callable[[str], None]]:
    """Show a progress bar on a terminal, or a line for each step elsewhere.

    Args:
        err: console.
        steps: number of steps; None if unknown.

    Yields:
        A function to call with the name of the next step.
    """
    if not err.is_terminal:
        yield lambda step: err.print(f"  {step}", highlight=False)
        return
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("", total=steps)
        begun = False

        def next_step(step: str) -> None:
            nonlocal begun
            bar.update(task, description=step, advance=1 if begun else 0)
            begun = True

        yield next_step


@asynccontextmanager
async def monitored_client(
    session: PreparedSession, readings: list[ResourceReading]
) -> AsyncIterator[LoadClient]:
    """Yield a client for the load, and append the hub's resources to `readings` meanwhile."""
    async with LoadClient(session.testbed.hub_url) as client:
        monitor = asyncio.create_task(
            session.testbed.hub_monitor.watch(client.now, readings, client.count_tasks)
        )
        try:
            yield client
        finally:
            monitor.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await monitor


@asynccontextmanager
async def steady_load(
    session: PreparedSession, rate: float, client: LoadClient
) -> AsyncIterator[None]:
    """Send a steady load during the block. Then wait for the last responses."""
    wanted = True
    load = asyncio.create_task(client.send_steadily(session.mix(), rate, lambda: wanted))
    try:
        yield
    finally:
        wanted = False
        await load
        await client.wait_until_idle()


async def run_experiments(
    session: PreparedSession,
    experiments: Iterable[Experiment],
    timing: Timing,
    rate: float,
    on_progress: Callable[[str], None],
) -> SessionRecord:
    """Run the experiments. Repeat those that seem to slow other queries, to rule out noise.

    Args:
        session: the testbed and the queries.
        experiments: experiments in their order.
        timing: durations of each experiment.
        rate: queries per second.
        on_progress: called with the name of each experiment.
    """
    readings: list[ResourceReading] = []
    async with monitored_client(session, readings) as client:
        experiment_runner = ExperimentRunner(session.testbed, client, session.queries, on_progress)
        async with steady_load(session, rate, client):
            runs = await experiment_runner.run(experiments, timing)
        repeat_timing = replace(timing, back_at_least=timing.repeat_calm)
        for _ in range(REPEAT_ROUNDS):
            # A repeat adds measurements of calm, which can make another experiment look slow.
            done = [run.experiment for run in runs]
            slow = [
                experiment
                for experiment in Evaluator(client.observations, runs).slow_experiments()
                if done.count(experiment) <= REPEATS
            ]
            if not slow:
                break
            async with steady_load(session, rate, client):
                runs += await experiment_runner.run(slow[:MOST_REPEATED] * REPEATS, repeat_timing)
    return SessionRecord(client, runs, readings, session.load)


def run_chaos(options: ChaosOptions, out: Console, err: Console) -> int:
    """Run every experiment once. Return the exit code: 1 if there is a problem."""
    timing = runner.QUICK if options.quick else runner.FULL
    with prepare_session(options, err) as session:
        experiments = choose_experiments(
            session.testbed.supported(), options.departments, options.faults, quick=options.quick
        )
        with progress(err, len(experiments) + 1) as on_progress:
            record = uvloop.run(
                run_experiments(session, experiments, timing, options.rate, on_progress)
            )
    return report(record, options, "chaos", out, err, [])


def report(
    record: SessionRecord,
    options: ChaosOptions,
    name: str,
    out: Console,
    err: Console,
    problems: list[str],
) -> int:
    """Print and write the results.

    Args:
        record: the observations.
        options: options of the command line.
        name: name of the files, without suffix.
        out: shows the tables.
        err: shows the names of the files.
        problems: problems of the session itself, one sentence each.

    Returns:
        The exit code: 1 if there is a problem.
    """
    evaluator = Evaluator(record.client.observations, record.runs)
    results = evaluator.results()
    calm_problems = evaluator.calm_problems()
    good = not (problems or calm_problems or any(each.problems for each in results))
    content = {
        "good": good,
        "seconds": record.client.now(),
        "rate": options.rate,
        "experiments": [experiment_entry(each) for each in results],
        "calm_problems": calm_problems,
        "problems": problems,
        "hub": hub_entry(record.readings),
        "machine": machine_entry(record.load),
    }
    figures = write_figures(options.folder / f"{name}.json", content)
    picture = options.folder / f"{name}.svg"
    picture.write_text(draw(record.client.observations, record.runs), encoding="utf-8")
    print_departments(out, results)
    print_experiments(out, results)
    print_hub(out, record.readings)
    for sentence in (*problems, *calm_problems):
        out.print(f"[red]✗[/] {sentence}", highlight=False)
    err.print(f"Wrote {figures} and {picture}.", highlight=False)
    return 0 if good else 1
