"""`hub chaos --soak`: random faults for many minutes. Checks that the hub leaks no resources."""

import random
import time
from collections.abc import Iterator, Sequence
from statistics import median

import uvloop
from rich.console import Console

from mocks.lab.chaos import runner
from mocks.lab.chaos.experiments import Experiment, choose_experiments
from mocks.lab.chaos.process_monitor import ResourceReading
from mocks.lab.chaos.session import (
    SEED,
    ChaosOptions,
    prepare_session,
    progress,
    report,
    run_experiments,
)

MEMORY_GROWTH = 1.10
MEMORY_MB = 10.0
ALLOWED_GROWTH = {"files": 20, "connections": 20, "threads": 4, "tasks": 50}
"""How much the median of the last quarter may exceed that of the second quarter. Smaller growth is
noise: connections stay open for a while, a thread pool grows on demand, and each running operation
has some tasks."""


def run_soak(minutes: float, options: ChaosOptions, out: Console, err: Console) -> int:
    """Run experiments in random order for this many minutes.

    Returns:
        The exit code: 1 if there is a problem, or the hub's resources grow.
    """
    with prepare_session(options, err) as session:
        experiments = choose_experiments(
            session.testbed.supported(), options.departments, options.faults, quick=False
        )
        endless = shuffled(experiments, time.monotonic() + minutes * 60)
        with progress(err, None) as on_progress:
            record = uvloop.run(
                run_experiments(session, endless, runner.FULL, options.rate, on_progress)
            )
    return report(record, options, "chaos-soak", out, err, growth(record.readings))


def shuffled(experiments: Sequence[Experiment], until: float) -> Iterator[Experiment]:
    """Yield experiments in an order that is the same in every soak.

    Args:
        experiments: each is yielded once in every round.
        until: time of the monotonic clock at which to end.
    """
    dice = random.Random(SEED)
    while True:
        for experiment in dice.sample(experiments, len(experiments)):
            if time.monotonic() >= until:
                return
            yield experiment


def growth(readings: Sequence[ResourceReading]) -> list[str]:
    """Return one sentence for each resource that grew from the second to the last quarter."""
    quarter = len(readings) // 4
    if not quarter:
        return []
    early, late = readings[quarter : 2 * quarter], readings[-quarter:]

    def medians(name: str) -> tuple[float, float]:
        before, after = (median(getattr(each, name) for each in some) for some in (early, late))
        return before, after

    found = []
    before, after = medians("rss_mb")
    if after > before * MEMORY_GROWTH + MEMORY_MB:
        found.append(f"the hub's memory grew from {before:.0f} to {after:.0f} MiB")
    for name, allowed in ALLOWED_GROWTH.items():
        before, after = medians(name)
        if after > before + allowed:
            found.append(f"the number of {name} in the hub grew from {before:.0f} to {after:.0f}")
    return found
