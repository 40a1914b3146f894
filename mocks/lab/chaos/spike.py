"""`hub chaos --spike`: ten times the sustainable load, and how soon the hub recovers."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from mocks.lab.chaos.latency import Latency, latency_of
from mocks.lab.chaos.load import LoadClient, Observation
from mocks.lab.chaos.process_monitor import ResourceReading
from mocks.lab.chaos.report import hub_entry, machine_entry, print_hub, write_figures
from mocks.lab.chaos.responses import GOOD_STATES
from mocks.lab.chaos.session import (
    ChaosOptions,
    PreparedSession,
    monitored_client,
    prepare_session,
    progress,
)

CLIENTS = 16
CAPACITY_SECONDS = 6.0
SUSTAINABLE_SHARE = 0.4
"""Share of the measured capacity that is called sustainable. A steady load costs more per query
than clients that wait for each response: at half of the capacity the processor is 85 % busy, and
the 95th percentile varies from second to second by more than this test allows."""
SPIKE_FACTOR = 10
BEFORE_SECONDS, SPIKE_SECONDS, AFTER_SECONDS = 10.0, 30.0, 60.0
MAX_GROWTH = 1.5
NOISE_MS = 10.0
"""Smaller growth of the 95th percentile is ignored: in one second it depends on few queries."""
RECOVERY_SECONDS = 10.0
STEADY_SECONDS = 3
"""The hub has recovered when this many seconds in a row are as good as before the spike."""


@dataclass(frozen=True, slots=True)
class LoadPhase:
    """A period of constant load.

    Attributes:
        name: "before", "spike" or "after".
        rate: queries per second.
        start: in seconds since the load began.
        end: in seconds since the load began.
    """

    name: str
    rate: float
    start: float
    end: float

    def of(self, observations: Sequence[Observation]) -> list[Observation]:
        """Return the queries sent in this phase."""
        return [each for each in observations if self.start <= each.started < self.end]


def run_spike(options: ChaosOptions, out: Console, err: Console) -> int:
    """Run the phases.

    Returns:
        The exit code: 1 if a row is wrong, or the hub recovers too late.
    """
    readings: list[ResourceReading] = []
    with prepare_session(options, err) as session, progress(err, 4) as on_progress:
        observations, phases = uvloop.run(_run_phases(session, readings, on_progress))
        ended = session.testbed.hub_has_ended()
    before, _, after = (phase.of(observations) for phase in phases)
    calm = latency_of(each.seconds for each in before)
    recovered = recovery_seconds(after, phases[2].start, calm)
    problems = _problems(observations, recovered, ended=ended)
    rows = [_entry(phase, observations) for phase in phases]
    content = {
        "good": not problems,
        "sustainable_rate": phases[0].rate,
        "phases": rows,
        "recovery_seconds": recovered,
        "problems": problems,
        "hub": hub_entry(readings),
        "machine": machine_entry(session.load),
    }
    figures = write_figures(options.folder / "chaos-spike.json", content)
    out.print(_table(rows))
    result = "did not recover" if recovered is None else f"recovered in {recovered:.0f} s"
    out.print(f"After the spike the hub {result}.", highlight=False)
    print_hub(out, readings)
    for sentence in problems:
        out.print(f"[red]✗[/] {sentence}", highlight=False)
    err.print(f"Wrote {figures}.", highlight=False)
    return 1 if problems else 0


async def _run_phases(
    session: PreparedSession, readings: list[ResourceReading], on_progress: Callable[[str], None]
) -> tuple[list[Observation], list[LoadPhase]]:
    mix = session.mix()
    async with monitored_client(session, readings) as client:
        on_progress("measuring the capacity")
        rate = SUSTAINABLE_SHARE * await _capacity(client, session)
        phases: list[LoadPhase] = []
        for name, factor, seconds in (
            ("before", 1, BEFORE_SECONDS),
            ("spike", SPIKE_FACTOR, SPIKE_SECONDS),
            ("after", 1, AFTER_SECONDS),
        ):
            on_progress(f"{name}: {rate * factor:,.0f} queries per second")
            start = client.now()
            end = start + seconds
            await client.send_steadily(mix, rate * factor, client.until(end))
            phases.append(LoadPhase(name, rate * factor, start, end))
        await client.wait_until_idle()
    return client.observations, phases


async def _capacity(client: LoadClient, session: PreparedSession) -> float:
    """Return the queries per second of clients that wait for each response."""
    mix = session.mix()
    wanted = client.until(client.now() + CAPACITY_SECONDS)
    await asyncio.gather(*(client.send_in_turn(mix, wanted) for _ in range(CLIENTS)))
    return len(client.observations) / CAPACITY_SECONDS


def recovery_seconds(after: Sequence[Observation], start: float, calm: Latency) -> float | None:
    """Return the seconds until the responses are as fast and complete as before the spike.

    Args:
        after: queries sent after the spike.
        start: end of the spike, in seconds since the load began.
        calm: latency before the spike.

    Returns:
        A whole number of seconds; None if the hub did not recover.
    """
    allowed_ms = max(calm.p95_ms * MAX_GROWTH, calm.p95_ms + NOISE_MS)
    seconds: dict[int, list[Observation]] = {}
    for each in after:
        seconds.setdefault(int(each.started - start), []).append(each)
    good = 0
    for second in sorted(seconds):
        some = seconds[second]
        complete = all(not each.flaws and each.failure is None for each in some)
        fast = latency_of(each.seconds for each in some).p95_ms <= allowed_ms
        good = good + 1 if complete and fast else 0
        if good == STEADY_SECONDS:
            return float(second - STEADY_SECONDS + 1)
    return None


def _problems(
    observations: Sequence[Observation], recovered: float | None, *, ended: bool
) -> list[str]:
    found = ["the hub has ended"] if ended else []
    flaws = [flaw for each in observations for flaw in each.flaws]
    wrong = sum(len(flaw.wrong) for flaw in flaws)
    if wrong:
        found.append(f"{wrong:,} rows are wrong")
    unreported = sum(not flaw.wrong and not flaw.states - GOOD_STATES for flaw in flaws)
    if unreported:
        found.append(f"{unreported:,} parts are missing, and the response does not say so")
    if recovered is None or recovered > RECOVERY_SECONDS:
        when = "did not recover" if recovered is None else f"recovered after {recovered:.0f} s"
        found.append(f"the hub {when}; the limit is {RECOVERY_SECONDS:.0f} s")
    return found


def _entry(phase: LoadPhase, observations: Sequence[Observation]) -> dict[str, Any]:
    sent = phase.of(observations)
    answered = [each for each in sent if each.failure is None]
    return {
        "name": phase.name,
        "rate": phase.rate,
        "sent": len(sent),
        "answered": len(answered),
        "complete": sum(not each.flaws for each in answered),
        "unanswered": dict(Counter(each.failure for each in sent if each.failure)),
        "latency": asdict(latency_of(each.seconds for each in answered)),
    }


def _table(rows: Sequence[dict[str, Any]]) -> Table:
    table = Table("phase", title="Ten times the sustainable load", title_justify="left")
    for heading in ("per second", "sent", "answered", "complete", "p50 ms", "p95 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    table.add_column("not answered")
    for row in rows:
        latency = row["latency"]
        table.add_row(
            row["name"],
            *(f"{row[name]:,.0f}" for name in ("rate", "sent", "answered", "complete")),
            *(f"{latency[name]:,.0f}" for name in ("p50_ms", "p95_ms", "p99_ms")),
            ", ".join(f"{why} {count:,}×" for why, count in row["unanswered"].items()) or "-",
        )
    return table
