"""`hub chaos --spike`: ten times the load that the hub can bear, and how soon it recovers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from hub.cli.chaos.answers import GOOD_STATES
from hub.cli.chaos.load import Asker, Observation
from hub.cli.chaos.pace import Latency, latency_of
from hub.cli.chaos.report import hub_entry, machine_entry, print_hub, write_figures
from hub.cli.chaos.running import Options, Rehearsed, progress, rehearse
from hub.cli.chaos.watching import Reading

CLIENTS = 16
CAPACITY_SECONDS = 6.0
SUSTAINABLE = 0.4
"""Of what the clients get who ask again as soon as they are answered. A steady stream costs more
for each question than theirs: at half of it the processor is busy for 85 % of the time, and the p95
of one second differs from that of the next by more than what is judged here."""
TIMES = 10
BEFORE_SECONDS, SPIKE_SECONDS, AFTER_SECONDS = 10.0, 30.0, 60.0
SLOWER = 1.5
NOISE_MS = 10.0
"""Growth of a single second's p95 that is not told from noise: it is the fourth slowest or so."""
RECOVERY_SECONDS = 10.0
STEADY_SECONDS = 3
"""Recovered is from when on so many seconds in a row are as good as before."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of the run, in seconds since the load began; `rate` in questions a second."""

    name: str
    rate: float
    start: float
    end: float

    def of(self, observations: Sequence[Observation]) -> list[Observation]:
        """Those asked in it."""
        return [each for each in observations if self.start <= each.started < self.end]


def run_spike(options: Options, out: Console, err: Console) -> int:
    """Exit code: 1 when a row was wrong, or the hub took too long to recover."""
    readings: list[Reading] = []
    with rehearse(options, err) as rehearsed, progress(err, 4) as on_progress:
        asker, phases = uvloop.run(_play(rehearsed, readings, on_progress))
        ended = rehearsed.stage.hub_has_ended()
    before, _, after = (phase.of(asker.observations) for phase in phases)
    calm = latency_of(each.seconds for each in before)
    recovered = recovery_seconds(after, phases[2].start, calm)
    complaints = _complaints(asker.observations, recovered, ended=ended)
    rows = [_entry(phase, asker.observations) for phase in phases]
    content = {
        "good": not complaints,
        "sustainable_rate": phases[0].rate,
        "phases": rows,
        "recovery_seconds": recovered,
        "complaints": complaints,
        "hub": hub_entry(readings),
        "machine": machine_entry(rehearsed.load),
    }
    figures = write_figures(options.folder / "chaos-spike.json", content)
    out.print(_table(rows))
    took = "did not recover" if recovered is None else f"recovered in {recovered:.0f} s"
    out.print(f"After the spike the hub {took}.", highlight=False)
    print_hub(out, readings)
    for sentence in complaints:
        out.print(f"[red]✗[/] {sentence}", highlight=False)
    err.print(f"Wrote {figures}.", highlight=False)
    return 1 if complaints else 0


async def _play(
    rehearsed: Rehearsed, readings: list[Reading], on_progress: Callable[[str], None]
) -> tuple[Asker, list[Phase]]:
    mix = rehearsed.mix()
    async with Asker(rehearsed.stage.hub_url) as asker:
        watching = asyncio.create_task(
            rehearsed.stage.hub_watch.watch(asker.now, readings, asker.count_tasks)
        )
        on_progress("what the hub can bear")
        wanted = asker.until(asker.now() + CAPACITY_SECONDS)
        await asyncio.gather(*(asker.ask_in_turn(mix, wanted) for _ in range(CLIENTS)))
        rate = SUSTAINABLE * len(asker.observations) / CAPACITY_SECONDS
        phases: list[Phase] = []
        for name, times, seconds in (
            ("before", 1, BEFORE_SECONDS),
            ("spike", TIMES, SPIKE_SECONDS),
            ("after", 1, AFTER_SECONDS),
        ):
            on_progress(f"{name}: {rate * times:,.0f} questions a second")
            start = asker.now()
            end = start + seconds
            await asker.ask_steadily(mix, rate * times, asker.until(end))
            phases.append(Phase(name, rate * times, start, end))
        await asker.all_answered()
        watching.cancel()
    return asker, phases


def recovery_seconds(after: Sequence[Observation], start: float, calm: Latency) -> float | None:
    """Whole seconds until the answers are as quick and as whole as before; None if never."""
    allowed = max(calm.p95_ms * SLOWER, calm.p95_ms + NOISE_MS)
    seconds: dict[int, list[Observation]] = {}
    for each in after:
        seconds.setdefault(int(each.started - start), []).append(each)
    good = 0
    for second in sorted(seconds):
        some = seconds[second]
        whole = all(not each.flaws and each.failure is None for each in some)
        quick = latency_of(each.seconds for each in some).p95_ms <= allowed
        good = good + 1 if whole and quick else 0
        if good == STEADY_SECONDS:
            return float(second - STEADY_SECONDS + 1)
    return None


def _complaints(
    observations: Sequence[Observation], recovered: float | None, *, ended: bool
) -> list[str]:
    found = ["the hub has stopped by itself"] if ended else []
    flaws = [flaw for each in observations for flaw in each.flaws]
    wrong = sum(len(flaw.wrong) for flaw in flaws)
    if wrong:
        found.append(f"{wrong:,} rows are wrong")
    untold = sum(not flaw.wrong and not flaw.states - GOOD_STATES for flaw in flaws)
    if untold:
        found.append(f"{untold:,} parts are missing and nobody is told")
    if recovered is None or recovered > RECOVERY_SECONDS:
        took = "never" if recovered is None else f"after {recovered:.0f} s"
        found.append(f"the hub recovered {took}, not within {RECOVERY_SECONDS:.0f} s")
    return found


def _entry(phase: Phase, observations: Sequence[Observation]) -> dict[str, Any]:
    asked = phase.of(observations)
    answered = [each for each in asked if each.failure is None]
    return {
        "name": phase.name,
        "rate": phase.rate,
        "asked": len(asked),
        "answered": len(answered),
        "whole": sum(not each.flaws for each in answered),
        "unanswered": dict(Counter(each.failure for each in asked if each.failure)),
        "latency": asdict(latency_of(each.seconds for each in answered)),
    }


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("phase", title="Ten times the sustainable load", title_justify="left")
    for heading in ("asked a second", "asked", "answered", "whole", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    table.add_column("not answered")
    for row in rows:
        latency = row["latency"]
        table.add_row(
            row["name"],
            *(f"{row[name]:,.0f}" for name in ("rate", "asked", "answered", "whole")),
            *(f"{latency[name]:,.0f}" for name in ("p50_ms", "p95_ms", "p99_ms")),
            ", ".join(f"{why} {count:,}×" for why, count in row["unanswered"].items()) or "-",
        )
    return table
