"""What a run leaves behind: a table on the terminal, `chaos.json`, `chaos.svg`."""

import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from hub.cli.chaos.judging import Latency, Verdict
from hub.cli.chaos.watching import Reading


def case_entry(verdict: Verdict) -> dict[str, Any]:
    """One case for `chaos.json`; times in seconds since the load began."""
    span, tally = verdict.span, verdict.tally
    calls = span.calls or {}
    return {
        "department": span.case.department,
        "fault": span.case.name,
        "start": span.start,
        "end": span.end,
        "until": span.until,
        "department_answers": {
            "whole": tally.whole,
            "told": dict(tally.told),
            "mistold": dict(tally.mistold),
            "calm": asdict(verdict.faulty_calm),
            "fault": asdict(verdict.faulty),
        },
        "other_answers": {
            "whole": sum(not each.flaws and not each.failure for each in tally.others),
            "calm": asdict(verdict.others_calm),
            "fault": asdict(verdict.others),
        },
        "other_parts_lost": tally.lost,
        "unanswered": dict(tally.unanswered),
        "rows_wrong": tally.wrong,
        "examples": tally.sentences,
        "calls": calls.get("total"),
        "calls_at_once": calls.get("most_in_flight"),
        "back_seconds": verdict.back_seconds,
        "complaints": list(verdict.complaints),
    }


def hub_entry(readings: Sequence[Reading]) -> dict[str, Any]:
    """First, highest and last reading of the hub's process; empty where nothing could be read."""
    return {
        name: {
            "first": getattr(readings[0], name),
            "most": max(getattr(each, name) for each in readings),
            "last": getattr(readings[-1], name),
        }
        for name in ("rss_mb", "files", "connections", "threads")
        if readings
    }


def machine_entry() -> dict[str, Any]:
    return {
        "processors": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
    }


def print_cases(out: Console, verdicts: Sequence[Verdict]) -> None:
    table = Table(
        title="Answers that need the faulty department, and the others (p50 / p95 / p99 in ms)",
        title_justify="left",
    )
    table.add_column("department\nfault")
    table.add_column("whole", justify="right")
    table.add_column("missing part\ntold as")
    table.add_column("latency in calm\nand now")
    table.add_column("others\nwhole", justify="right")
    table.add_column("latency in calm\nand now")
    table.add_column("calls\nat once", justify="right")
    table.add_column("wrong", justify="right")
    table.add_column("back\nafter", justify="right")
    table.add_column("")
    for verdict in verdicts:
        table.add_row(*_cells(verdict), "[red]✗[/]" if verdict.complaints else "[green]✓[/]")
    out.print(table)
    for verdict in verdicts:
        case = verdict.span.case
        for sentence in (*verdict.complaints, *verdict.tally.sentences):
            out.print(f"[red]{case.department} {case.name}:[/] {sentence}", highlight=False)


def _cells(verdict: Verdict) -> list[str]:
    span, tally = verdict.span, verdict.tally
    calls = span.calls
    whole = sum(not each.flaws and not each.failure for each in tally.others)
    back = verdict.back_seconds
    return [
        f"[bold]{span.case.department}[/]\n{span.case.name}",
        _share(tally.whole, len(tally.touching)),
        "\n".join([*tally.told, *(f"[red]{state}[/]" for state in tally.mistold)]) or "-",
        f"{_quantiles(verdict.faulty_calm)}\n{_quantiles(verdict.faulty)}",
        _share(whole, len(tally.others)),
        f"{_quantiles(verdict.others_calm)}\n{_quantiles(verdict.others)}",
        "-" if calls is None else f"{calls['total']:,}\n{calls['most_in_flight']}",
        f"[red]{tally.wrong:,}[/]" if tally.wrong else "0",
        "[yellow]never[/]" if back is None else f"{back:.1f} s",
    ]


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%}\nof {whole:,}" if whole else "-"


def _quantiles(latency: Latency) -> str:
    if not latency.count:
        return "-"
    return f"{latency.p50_ms:,.0f} / {latency.p95_ms:,.0f} / {latency.p99_ms:,.0f}"


def print_hub(out: Console, readings: Sequence[Reading]) -> None:
    """What the hub held."""
    names = {"rss_mb": "MiB of memory", "files": "files", "connections": "connections"}
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
