"""Reports a run: tables on the terminal, `build/bench.json` and `build/bench.svg`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
from rich.console import Console
from rich.table import Table

from tests.benchmarks.chart import draw
from tests.benchmarks.machine import ROOT
from tests.benchmarks.measurement import AccessComparison, Comparison, Figures
from tests.benchmarks.workloads import WORKLOADS

BUILD = ROOT / "build"
ACCESS_TARGET = 0.9
"""Required share of `rest-join` with access on, of the same with access off."""


def print_comparisons(console: Console, comparisons: Mapping[str, Comparison]) -> None:
    """Print the table of workloads, and below it the reasons to doubt a figure."""
    table = Table(title="Requests per second, latency (ms), memory (MiB)")
    table.add_column("workload")
    table.add_column("server")
    for heading in ("rps", "p50", "p99", "rss", "ratio", "target"):
        table.add_column(heading, justify="right")
    for name, comparison in comparisons.items():
        target = WORKLOADS[name].target
        colour = "green" if comparison.ratio >= target else "red"
        table.add_row(
            name,
            "hub",
            *_cells(comparison.hub),
            f"[{colour}]{comparison.ratio:.1f}×",
            f"{target:g}×",
        )
        table.add_row("", "plain", *_cells(comparison.plain))
    console.print(table)
    for name, comparison in comparisons.items():
        for remark in comparison.remarks():
            console.print(f"[yellow]{name}: {remark}", highlight=False)


def print_access(console: Console, access: AccessComparison) -> None:
    """Print the share of `rest-join` that the hub answers with access on."""
    colour = "green" if access.share >= ACCESS_TARGET else "red"
    console.print(
        f"rest-join with sign-in, policy, access log and limits: {access.on.rps:,.0f} requests per "
        f"second, {access.off.rps:,.0f} with HUB_ACCESS=off: [{colour}]{access.share:.0%}[/] "
        f"(target {ACCESS_TARGET:.0%})",
        highlight=False,
    )


def _cells(figures: Figures) -> tuple[str, str, str, str]:
    return (
        f"{figures.rps:,.0f}",
        f"{figures.p50_ms:.2f}",
        f"{figures.p99_ms:.2f}",
        f"{figures.rss_mb:.0f}",
    )


def print_growth(console: Console, growth: Mapping[str, Any]) -> None:
    """Print time by records and by departments, and memory by requests."""
    records = Table("records", "hub ms", "plain ms", "hub peak", "plain peak", title="Records")
    for point in growth["records"]:
        hub, plain = point["hub"], point["plain"]
        records.add_row(
            f"{point['records']:,}",
            f"{hub['ms']:.2f}",
            f"{plain['ms']:.2f}",
            f"{hub['peak_rss_mb']:.0f}",
            f"{plain['peak_rss_mb']:.0f}",
        )
    departments = Table("departments", "hub ms", "ms each", "rss", title="Departments")
    for point in growth["departments"]:
        hub, count = point["hub"], point["departments"]
        departments.add_row(
            str(count), f"{hub['ms']:.2f}", f"{hub['ms'] / count:.3f}", f"{hub['rss_mb']:.0f}"
        )
    console.print(records, departments)
    memory = growth["memory"]["hub"]
    first, last = memory["readings"][0], memory["readings"][-1]
    console.print(
        f"Memory of the hub under rest-join: {first['rss_mb']:.0f} MiB after "
        f"{first['requests']:,} requests, {last['rss_mb']:.0f} after {last['requests']:,}, "
        f"{memory['peak_rss_mb']:.0f} at most.",
        highlight=False,
    )


def print_connections(console: Console, connections: Mapping[str, Any]) -> None:
    """Print latencies by number of connections."""
    table = Table(
        "connections", "server", "rps", "p50", "p99", "p99/p50", title="rest-join by connections"
    )
    for count, servers in connections.items():
        for name, each in servers.items():
            table.add_row(
                count,
                name,
                f"{each['rps']:,.0f}",
                f"{each['p50_ms']:.2f}",
                f"{each['p99_ms']:.2f}",
                f"{each['p99_over_p50']:.2f}",
            )
    console.print(table)


def write_files(
    comparisons: Mapping[str, Comparison],
    growth: Mapping[str, Any],
    connections: Mapping[str, Any],
    access: AccessComparison | None,
    machine: Mapping[str, Any],
) -> list[Path]:
    """Write the figures and the chart; return their paths."""
    BUILD.mkdir(exist_ok=True)
    entries = {name: comparison.entry() for name, comparison in comparisons.items()}
    figures, chart = BUILD / "bench.json", BUILD / "bench.svg"
    content = {
        **entries,
        "growth": growth,
        "connections": connections,
        "access": access.entry() if access is not None else None,
        "machine": machine,
    }
    figures.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2) + b"\n")
    chart.write_text(draw(comparisons, growth["records"]), encoding="utf-8")
    return [figures, chart]
