"""What a run leaves behind: a table on the terminal, `chaos.json`, `chaos.svg`."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from hub.cli.chaos.judging import Tally, Verdict
from hub.cli.chaos.pace import Latency, latency_of
from hub.cli.chaos.watching import Reading

WIDTH = 150
"""Columns that the tables need."""


def case_entry(verdict: Verdict) -> dict[str, Any]:
    """One case for `chaos.json`; times in seconds since the load began."""
    tally = verdict.tally
    return {
        "department": verdict.case.department,
        "fault": verdict.case.name,
        "plays": [
            {"start": span.start, "end": span.end, "until": span.until} for span in verdict.plays
        ],
        "department_answers": {
            "whole": tally.whole,
            "told": dict(tally.told),
            "mistold": dict(tally.mistold),
            "calm": asdict(verdict.faulty_calm),
            "fault": asdict(verdict.faulty),
        },
        "other_answers": {
            "whole": wholly_answered(tally),
            "calm": asdict(verdict.others.calm),
            "fault": asdict(verdict.others.fault),
        },
        "other_parts_lost": tally.lost,
        "unanswered": dict(tally.unanswered),
        "rows_wrong": tally.wrong,
        "examples": tally.sentences,
        "calls": calls_made(verdict),
        "calls_at_once": calls_at_once(verdict),
        "back_seconds": verdict.back_seconds,
        "complaints": list(verdict.complaints),
    }


def calls_made(verdict: Verdict) -> int | None:
    """In all plays; None where a mock was killed and its counts with it."""
    counts = [span.calls["total"] for span in verdict.plays if span.calls is not None]
    return sum(counts) if counts else None


def calls_at_once(verdict: Verdict) -> int | None:
    """At most, in any play."""
    counts = [span.calls["most_in_flight"] for span in verdict.plays if span.calls is not None]
    return max(counts, default=None)


def hub_entry(readings: Sequence[Reading]) -> dict[str, Any]:
    """First, highest and last reading of the hub's process; empty where nothing could be read."""
    return {
        name: {
            "first": getattr(readings[0], name),
            "most": max(getattr(each, name) for each in readings),
            "last": getattr(readings[-1], name),
        }
        for name in ("rss_mb", "files", "connections", "threads", "tasks")
        if readings
    }


def machine_entry(load: float) -> dict[str, Any]:
    """The machine, and how busy it was before the run."""
    return {
        "load": load,
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def print_cases(out: Console, verdicts: Sequence[Verdict]) -> None:
    """Every case in a line, and beneath them what each has to complain of."""
    table = Table(
        title="Each fault: 95th percentile of latency in calm → now, in ms",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("", "department", "fault"):
        table.add_column(heading, no_wrap=True)
    for heading in ("whole", "its p95", "others whole", "their p95", "calls", "at once", "wrong"):
        table.add_column(heading, justify="right", no_wrap=" p95" in heading)
    table.add_column("back", justify="right", no_wrap=True)
    table.add_column("told as")
    for verdict in verdicts:
        table.add_row(*_case_cells(verdict))
    out.print(table)
    for verdict in verdicts:
        case = verdict.case
        for sentence in (*verdict.complaints, *verdict.tally.sentences):
            out.print(f"[red]{case.department} {case.name}:[/] {sentence}", highlight=False)


def _case_cells(verdict: Verdict) -> list[str]:
    tally, back = verdict.tally, verdict.back_seconds
    made, at_once = calls_made(verdict), calls_at_once(verdict)
    again = f" {len(verdict.plays)}×" if len(verdict.plays) > 1 else ""
    return [
        "[red]✗[/]" if verdict.complaints else "[green]✓[/]",
        verdict.case.department,
        f"{verdict.case.name}{again}",
        _share(tally.whole, len(tally.touching)),
        f"{verdict.faulty_calm.p95_ms:,.0f} → {verdict.faulty.p95_ms:,.0f}",
        _share(wholly_answered(tally), len(tally.others)),
        f"{verdict.others.calm.p95_ms:,.0f} → {verdict.others.fault.p95_ms:,.0f}",
        "-" if made is None else f"{made:,}",
        "-" if at_once is None else str(at_once),
        f"[red]{tally.wrong:,}[/]" if tally.wrong else "0",
        "[yellow]never[/]" if back is None else f"{back:.1f} s",
        ", ".join([*tally.told, *(f"[red]{state}[/]" for state in tally.mistold)]) or "-",
    ]


def print_departments(out: Console, verdicts: Sequence[Verdict]) -> None:
    """All faults of a department together: whose answers were whole, and how quick they were."""
    table = Table(
        title="Each department, all its faults together: p50 / p95 / p99 in ms",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("department")
    table.add_column("answers that")
    table.add_column("asked", justify="right")
    table.add_column("whole", justify="right")
    table.add_column("in calm", justify="right")
    table.add_column("under faults", justify="right")
    table.add_column("calls", justify="right")
    table.add_column("wrong", justify="right")
    for department in dict.fromkeys(verdict.case.department for verdict in verdicts):
        own = [each for each in verdicts if each.case.department == department]
        touching = [each for verdict in own for each in verdict.tally.touching]
        others = [each for verdict in own for each in verdict.tally.others]
        calls = sum(calls_made(each) or 0 for each in own)
        wrong = sum(each.tally.wrong for each in own)
        table.add_row(
            department,
            "need it",
            f"{len(touching):,}",
            _share(sum(each.tally.whole for each in own), len(touching)),
            _quantiles(own[0].faulty_calm),
            _quantiles(latency_of(each.seconds for each in touching)),
            f"{calls:,}",
            f"{wrong:,}",
        )
        table.add_row(
            "",
            "do not",
            f"{len(others):,}",
            _share(sum(wholly_answered(each.tally) for each in own), len(others)),
            _quantiles(own[0].others.calm),
            _quantiles(latency_of(each.seconds for each in others)),
        )
    out.print(table)


def wholly_answered(tally: Tally) -> int:
    """Of the answers that did not need the faulty department."""
    return sum(not each.flaws and each.failure is None for each in tally.others)


def widen(out: Console) -> None:
    """A file or a pipe has no width of its own, so that it gets as much as the tables need."""
    if not out.is_terminal:
        out.width = WIDTH


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _quantiles(latency: Latency) -> str:
    if not latency.count:
        return "-"
    return f"{latency.p50_ms:,.0f} / {latency.p95_ms:,.0f} / {latency.p99_ms:,.0f}"


def print_hub(out: Console, readings: Sequence[Reading]) -> None:
    """What the hub held."""
    names = {
        "rss_mb": "MiB of memory",
        "files": "files",
        "connections": "connections to departments",
        "tasks": "tasks",
    }
    held = hub_entry(readings)
    if not held:
        return
    told = "; ".join(
        f"{held[name]['first']:.0f} {label} at first, {held[name]['most']:.0f} at most, "
        f"{held[name]['last']:.0f} at last"
        for name, label in names.items()
    )
    out.print(f"The hub held {told}.", highlight=False, soft_wrap=True)


def write_figures(file: Path, content: Mapping[str, Any]) -> Path:
    file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return file
