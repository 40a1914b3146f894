"""One run of `hub chaos`: the stage, the load, what is played on it, and what is left behind."""

import asyncio
import contextlib
import os
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import uvloop
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from hub.cli.chaos import conducting
from hub.cli.chaos.cases import Case, choose_cases, departments_on_stage
from hub.cli.chaos.conducting import Conductor, Span, Timing
from hub.cli.chaos.judging import Judge
from hub.cli.chaos.load import Asker
from hub.cli.chaos.picture import draw
from hub.cli.chaos.preparing import Population, prepare
from hub.cli.chaos.questions import Question, QuestionMix
from hub.cli.chaos.report import (
    case_entry,
    hub_entry,
    machine_entry,
    print_cases,
    print_departments,
    print_hub,
    write_figures,
)
from hub.cli.chaos.stage import Stage
from hub.cli.chaos.watching import Reading
from hub.cli.child_processes import ChildProcesses
from hub.cli.serving import tame_garbage_collection

CITIZENS = 300
QUESTIONS_OF_A_KIND = 30
SEED = 4
BUSY = 0.5
"""Load average from which on something else asks for the processors."""
MORE_PLAYS = 2
ROUNDS = 2
MOST_AGAIN = 40
"""More cases in which the others are slow are no noise."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line asked for.

    Attributes:
        departments: only these; all when empty.
        faults: only these; all when empty.
        quick: a few typical cases, shorter.
        rate: questions a second.
        folder: where figures and picture are written.
    """

    departments: tuple[str, ...]
    faults: tuple[str, ...]
    quick: bool
    rate: float
    folder: Path


@dataclass(frozen=True, slots=True)
class Rehearsed:
    """A stage on which the true answers are known.

    Attributes:
        stage: what was started.
        questions: with their true answers.
        load: load average before anything was started.
    """

    stage: Stage
    questions: list[Question]
    load: float

    def mix(self) -> QuestionMix:
        return QuestionMix(self.questions, SEED)


@dataclass(frozen=True, slots=True)
class Played:
    """What a run came to; `load` is the load average before it."""

    asker: Asker
    spans: list[Span]
    readings: list[Reading]
    load: float


@contextmanager
def rehearse(options: Options, err: Console) -> Iterator[Rehearsed]:
    """Starts everything on free ports and learns the true answers; stops it all in the end."""
    options.folder.mkdir(parents=True, exist_ok=True)
    departments = departments_on_stage(options.departments, options.faults, quick=options.quick)
    load = os.getloadavg()[0]
    if load > BUSY:
        err.print(f"  [yellow]![/] The machine is busy (load {load:.1f}): latencies tell little.")
    with ChildProcesses() as children:
        log = options.folder / "chaos-hub.log"
        stage = Stage(children, departments, CITIZENS, log, err)
        with err.status("Comparing the calm hub with the population…"):
            population = Population(stage.mocks["population"].url, CITIZENS, departments)
            questions = prepare(stage.hub_url, population, QUESTIONS_OF_A_KIND)
        err.print(
            f"  [green]✓[/] {len(questions)} questions are answered as the population says.",
            highlight=False,
        )
        tame_garbage_collection()
        yield Rehearsed(stage, questions, load)


@contextmanager
def progress(err: Console, steps: int | None) -> Iterator[Callable[[str], None]]:
    """Calls with what comes next; a bar on a terminal, lines elsewhere."""
    if not err.is_terminal:
        yield lambda what: err.print(f"  {what}", highlight=False)
        return
    columns = (TextColumn("{task.description:<36}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=err, transient=True) as bar:
        task = bar.add_task("", total=steps)
        begun = False

        def next_step(what: str) -> None:
            nonlocal begun
            bar.update(task, description=what, advance=1 if begun else 0)
            begun = True

        yield next_step


@asynccontextmanager
async def watched(rehearsed: Rehearsed, readings: list[Reading]) -> AsyncIterator[Asker]:
    """Somebody who asks the hub, while the hub's process is read."""
    async with Asker(rehearsed.stage.hub_url) as asker:
        watching = asyncio.create_task(
            rehearsed.stage.hub_watch.watch(asker.now, readings, asker.count_tasks)
        )
        try:
            yield asker
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching


@asynccontextmanager
async def steady_load(rehearsed: Rehearsed, rate: float, asker: Asker) -> AsyncIterator[None]:
    """A steady load while the block runs; on its way out everything asked is answered."""
    going = True
    asking = asyncio.create_task(asker.ask_steadily(rehearsed.mix(), rate, lambda: going))
    try:
        yield
    finally:
        going = False
        await asking
        await asker.all_answered()


async def play_cases(
    rehearsed: Rehearsed,
    cases: Iterable[Case],
    timing: Timing,
    rate: float,
    on_progress: Callable[[str], None],
) -> Played:
    """Every case; then again those in which the others seemed slow, to tell them from noise."""
    readings: list[Reading] = []
    async with watched(rehearsed, readings) as asker:
        conductor = Conductor(rehearsed.stage, asker, rehearsed.questions, on_progress)
        async with steady_load(rehearsed, rate, asker):
            spans = await conductor.play(cases, timing)
        again = replace(timing, back_at_least=timing.calm_again)
        for _ in range(ROUNDS):
            # What is played again adds calm, and a case beside it may look otherwise by that.
            played = [span.case for span in spans]
            doubtful = [
                case
                for case in Judge(asker.observations, spans).doubtful()
                if played.count(case) <= MORE_PLAYS
            ]
            if not doubtful:
                break
            async with steady_load(rehearsed, rate, asker):
                cases = doubtful[:MOST_AGAIN] * MORE_PLAYS
                spans += await conductor.play(cases, again)
    return Played(asker, spans, readings, rehearsed.load)


def run_chaos(options: Options, out: Console, err: Console) -> int:
    """Every case in turn. Exit code: 1 when one of them should not have gone as it went."""
    timing = conducting.QUICK if options.quick else conducting.FULL
    with rehearse(options, err) as rehearsed:
        cases = choose_cases(
            rehearsed.stage.supported(), options.departments, options.faults, quick=options.quick
        )
        with progress(err, len(cases) + 1) as on_progress:
            played = uvloop.run(play_cases(rehearsed, cases, timing, options.rate, on_progress))
    return report(played, timing, options, "chaos", out, err, [])


def report(
    played: Played,
    timing: Timing,
    options: Options,
    name: str,
    out: Console,
    err: Console,
    complaints: list[str],
) -> int:
    """Prints and writes what was seen; exit code 1 when there is a complaint.

    Args:
        name: of the files, without ending.
        complaints: what the run itself has to complain of.
    """
    judge = Judge(played.asker.observations, played.spans)
    verdicts = judge.verdicts()
    found = [*complaints, *judge.calm_complaints(), *(c for v in verdicts for c in v.complaints)]
    content = {
        "good": not found,
        "seconds": played.asker.now(),
        "rate": options.rate,
        "cases": [case_entry(verdict) for verdict in verdicts],
        "calm_complaints": judge.calm_complaints(),
        "complaints": complaints,
        "hub": hub_entry(played.readings),
        "machine": machine_entry(played.load),
    }
    figures = write_figures(options.folder / f"{name}.json", content)
    picture = options.folder / f"{name}.svg"
    picture.write_text(draw(played.asker.observations, played.spans), encoding="utf-8")
    print_departments(out, verdicts)
    print_cases(out, verdicts)
    print_hub(out, played.readings)
    for sentence in (*complaints, *judge.calm_complaints()):
        out.print(f"[red]✗[/] {sentence}", highlight=False)
    err.print(f"Wrote {figures} and {picture}.", highlight=False)
    return 1 if found else 0
