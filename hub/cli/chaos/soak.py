"""`hub chaos --soak`: faults without end for many minutes, and what the hub keeps of them."""

import random
import time
from collections.abc import Iterator, Sequence
from statistics import median

import uvloop
from rich.console import Console

from hub.cli.chaos import conducting
from hub.cli.chaos.cases import Case, choose_cases
from hub.cli.chaos.running import SEED, Options, play_cases, progress, rehearse, report
from hub.cli.chaos.watching import Reading

MEMORY_GROWS = 1.10
MEMORY_MB = 10.0
FILES = 20
"""What the hub may hold more in the last quarter than in the second: less is not told from noise,
since connections are kept open for a while and memory is taken in steps."""
THREADS = 4
"""The same for threads: a pool takes one more whenever two things have to be done at once."""
TASKS = 50
"""The same for tasks: an operation that runs has some."""


def run_soak(minutes: float, options: Options, out: Console, err: Console) -> int:
    """Exit code: 1 as `hub chaos`, or when memory, files or threads grow."""
    with rehearse(options, err) as rehearsed:
        cases = choose_cases(
            rehearsed.stage.supported(), options.departments, options.faults, quick=False
        )
        until = time.monotonic() + minutes * 60
        with progress(err, None) as on_progress:
            played = uvloop.run(
                play_cases(
                    rehearsed, drawn(cases, until), conducting.FULL, options.rate, on_progress
                )
            )
    complaints = growth(played.readings)
    return report(played, conducting.FULL, options, "chaos-soak", out, err, complaints)


def drawn(cases: Sequence[Case], until: float) -> Iterator[Case]:
    """Cases in an order that is the same each time, until the time is up."""
    dice = random.Random(SEED)  # noqa: S311 (the order is to be the same each time)
    while True:
        for case in dice.sample(cases, len(cases)):
            if time.monotonic() >= until:
                return
            yield case


def growth(readings: Sequence[Reading]) -> list[str]:
    """One sentence for each thing that the hub holds more and more of."""
    quarter = len(readings) // 4
    if not quarter:
        return []
    early, late = readings[quarter : 2 * quarter], readings[-quarter:]
    memory = [median(each.rss_mb for each in some) for some in (early, late)]
    found = []
    if memory[1] > memory[0] * MEMORY_GROWS + MEMORY_MB:
        found.append(f"the hub's memory grew from {memory[0]:.0f} to {memory[1]:.0f} MiB")
    for name, allowed in (
        ("files", FILES),
        ("connections", FILES),
        ("threads", THREADS),
        ("tasks", TASKS),
    ):
        counts = [median(getattr(each, name) for each in some) for some in (early, late)]
        if counts[1] > counts[0] + allowed:
            found.append(f"the hub's {name} grew from {counts[0]:.0f} to {counts[1]:.0f}")
    return found
