"""Reports of a chaos run: tables on the terminal, and the entries of `chaos.json`."""

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

from mocks.lab.chaos.evaluation import ExperimentResult, ExperimentTally
from mocks.lab.chaos.latency import Latency, latency_of
from mocks.lab.chaos.process_monitor import ResourceReading

WIDTH = 165
"""Columns that the tables need."""


def experiment_entry(result: ExperimentResult) -> dict[str, Any]:
    """Return one experiment for `chaos.json`. Times are seconds since the load began."""
    tally = result.tally
    return {
        "department": result.experiment.department,
        "fault": result.experiment.fault_name,
        "runs": [{"start": run.start, "end": run.end, "until": run.until} for run in result.runs],
        "dependent": {
            "complete": tally.complete,
            "reported": dict(tally.reported),
            "misreported": dict(tally.misreported),
            **asdict(result.dependent),
        },
        "independent": {"complete": _complete(tally), **asdict(result.independent)},
        "other_parts_lost": tally.lost,
        "unanswered": dict(tally.unanswered),
        "rows_wrong": tally.wrong,
        "examples": tally.examples,
        "calls": _total_calls(result),
        "calls_at_once": _calls_at_once(result),
        "back_seconds": result.back_seconds,
        "problems": list(result.problems),
    }


def _total_calls(result: ExperimentResult) -> int | None:
    """Return the calls in all runs; None for a killed mock, which loses its counts."""
    counts = [run.calls["total"] for run in result.runs if run.calls is not None]
    return sum(counts) if counts else None


def _calls_at_once(result: ExperimentResult) -> int | None:
    counts = [run.calls["most_in_flight"] for run in result.runs if run.calls is not None]
    return max(counts, default=None)


def hub_entry(readings: Sequence[ResourceReading]) -> dict[str, Any]:
    """Return the first, highest and last value of each resource of the hub.

    The result is empty if there are no readings.
    """
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
    """Return a description of the machine. `load` is its load average before the run."""
    return {
        "load": load,
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def print_experiments(out: Console, results: Sequence[ExperimentResult]) -> None:
    """Print one line for each experiment, and its problems below."""
    table = Table(
        title="Each fault: 95th percentile of latency in calm → during the fault, in ms",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    for heading in ("", "department", "fault"):
        table.add_column(heading, no_wrap=True)
    for heading in ("complete", "p95", "others complete", "others' p95", "calls", "at once"):
        table.add_column(heading, justify="right", no_wrap="p95" in heading)
    table.add_column("wrong", justify="right")
    table.add_column("back", justify="right", no_wrap=True)
    table.add_column("reported as")
    for result in results:
        table.add_row(*_cells(result))
    out.print(table)
    for result in results:
        experiment = result.experiment
        for sentence in (*result.problems, *result.tally.examples):
            out.print(
                f"[red]{experiment.department} {experiment.fault_name}:[/] {sentence}",
                highlight=False,
            )


def _cells(result: ExperimentResult) -> list[str]:
    tally, back = result.tally, result.back_seconds
    calls, at_once = _total_calls(result), _calls_at_once(result)
    repeated = f" {len(result.runs)}×" if len(result.runs) > 1 else ""
    misreported = (f"[red]{state}[/]" for state in tally.misreported)
    return [
        "[red]✗[/]" if result.problems else "[green]✓[/]",
        result.experiment.department,
        f"{result.experiment.fault_name}{repeated}",
        _share(tally.complete, len(tally.dependent)),
        f"{result.dependent.calm.p95_ms:,.0f} → {result.dependent.fault.p95_ms:,.0f}",
        _share(_complete(tally), len(tally.independent)),
        f"{result.independent.calm.p95_ms:,.0f} → {result.independent.fault.p95_ms:,.0f}",
        "-" if calls is None else f"{calls:,}",
        "-" if at_once is None else str(at_once),
        f"[red]{tally.wrong:,}[/]" if tally.wrong else "0",
        "[yellow]never[/]" if back is None else f"{back:.1f} s",
        ", ".join([*tally.reported, *misreported]) or "-",
    ]


def print_departments(out: Console, results: Sequence[ExperimentResult]) -> None:
    """Print two lines for each department: queries that need it, and all others."""
    table = Table(
        title="Each department, all its faults together: p50 / p95 / p99 in ms",
        title_justify="left",
        box=SIMPLE_HEAD,
        pad_edge=False,
    )
    table.add_column("department")
    table.add_column("queries that")
    for heading in ("sent", "complete", "in calm", "under faults", "calls", "wrong"):
        table.add_column(heading, justify="right")
    for department in dict.fromkeys(result.experiment.department for result in results):
        own = [each for each in results if each.experiment.department == department]
        dependent = [each for result in own for each in result.tally.dependent]
        independent = [each for result in own for each in result.tally.independent]
        calls = sum(_total_calls(each) or 0 for each in own)
        wrong = sum(each.tally.wrong for each in own)
        table.add_row(
            department,
            "need it",
            f"{len(dependent):,}",
            _share(sum(each.tally.complete for each in own), len(dependent)),
            _percentiles(own[0].dependent.calm),
            _percentiles(latency_of(each.seconds for each in dependent)),
            f"{calls:,}",
            f"{wrong:,}",
        )
        table.add_row(
            "",
            "do not",
            f"{len(independent):,}",
            _share(sum(_complete(each.tally) for each in own), len(independent)),
            _percentiles(own[0].independent.calm),
            _percentiles(latency_of(each.seconds for each in independent)),
        )
    out.print(table)


def _complete(tally: ExperimentTally) -> int:
    """Return the number of independent queries with a complete response."""
    return sum(not each.flaws and each.failure is None for each in tally.independent)


def widen(out: Console) -> None:
    """Give the console the width of the tables, unless it is a terminal with its own width."""
    if not out.is_terminal:
        out.width = WIDTH


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}" if whole else "-"


def _percentiles(latency: Latency) -> str:
    if not latency.count:
        return "-"
    return f"{latency.p50_ms:,.0f} / {latency.p95_ms:,.0f} / {latency.p99_ms:,.0f}"


def print_hub(out: Console, readings: Sequence[ResourceReading]) -> None:
    """Print the resources of the hub."""
    names = {
        "rss_mb": "memory in MiB",
        "files": "open files",
        "connections": "connections to departments",
        "tasks": "tasks",
    }
    resources = hub_entry(readings)
    if not resources:
        return
    table = Table(title="The hub", title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("")
    for heading in ("first", "most", "last"):
        table.add_column(heading, justify="right")
    for name, label in names.items():
        table.add_row(label, *(f"{value:.0f}" for value in resources[name].values()))
    out.print(table)


def write_figures(file: Path, content: Mapping[str, Any]) -> Path:
    """Write `content` as indented JSON, and return the file."""
    file.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    return file
