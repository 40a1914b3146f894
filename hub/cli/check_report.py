"""`hub check`: prints the report of checking manifests, for people or as JSON."""

import dataclasses
import json
import logging
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.manifest import ManifestError, find_departments
from adapters.workbench.check import CheckFinding, CheckReport, Severity, check
from adapters.workbench.check.cost import KEYS
from hub.cli.adapter.folders import folder_of
from hub.cli.console import CliError
from hub.cli.settings import read_settings

STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow", Severity.NOTE: "dim"}


def run_check(what: str | None, *, strict: bool, as_json: bool, out: Console) -> int:
    """Check departments and print the report.

    Args:
        what: name or folder of a department, or a folder of departments. None: all.
        strict: treat warnings like errors.
        as_json: print JSON.
        out: console for the report.

    Returns: 1 if there are errors, otherwise 0.

    Raises:
        CliError: there is no such department.
    """
    # Samples contain bad lines on purpose; the connectors would log each.
    logging.getLogger("adapters.connectors").setLevel(logging.ERROR)
    report = check(_folders(what))
    if as_json:
        print(json.dumps(_as_json(report), ensure_ascii=False, indent=2))
    else:
        _print(report, out)
    failed = report.count(Severity.ERROR) or (strict and report.count(Severity.WARNING))
    return 1 if failed else 0


def _folders(what: str | None) -> list[Path]:
    """Return the folders to check: the named one, those in a folder, or those of the hub."""
    settings = read_settings()
    try:
        if what is None:
            return find_departments(settings.departments, settings.only_departments)
        if Path(what).is_dir() and not (Path(what) / "department.yaml").exists():
            return find_departments(Path(what))
        return [folder_of(what, settings.departments)]
    except ManifestError as error:
        raise CliError(str(error)) from None


def _as_json(report: CheckReport) -> dict[str, Any]:
    return {
        "departments": list(report.departments),
        "findings": [
            {**dataclasses.asdict(each), "path": str(each.path), "severity": each.severity.value}
            for each in report.findings
        ],
        "costs": [dataclasses.asdict(cost) for cost in report.costs],
    }


def _print(report: CheckReport, out: Console) -> None:
    if report.costs:
        out.print(_cost_table(report))
    for severity in Severity:
        for finding in report.findings:
            if finding.severity is severity:
                out.print(_line(finding), soft_wrap=True)
    counts = ", ".join(
        f"{report.count(severity)} {severity.value}{'' if report.count(severity) == 1 else 's'}"
        for severity in Severity
    )
    good = not report.count(Severity.ERROR)
    checked = len(report.departments)
    summary = f"{checked} department{'' if checked == 1 else 's'} checked: {counts}."
    out.print(Text(summary, style="green" if good else "bold red"))


def _line(finding: CheckFinding) -> Text:
    position = f"{_short(finding.path)}:{finding.line}: "
    key = f"{finding.key}: " if finding.key else ""
    remedy = f"; {finding.remedy}" if finding.remedy else ""
    return Text.assemble(
        (f"{finding.severity.value} ", STYLES[finding.severity]),
        (position, "cyan"),
        f"{key}{finding.message}{remedy}",
    )


def _short(path: Path) -> Path:
    """Return the path relative to the working directory, if it is inside."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _cost_table(report: CheckReport) -> Table:
    title = f"Worst case for {KEYS} keys or one page of a search"
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD)
    table.add_column("department")
    table.add_column("capability", overflow="fold", min_width=33)
    for name in ("at once", "calls", "seconds", "MiB"):
        table.add_column(name, justify="right")
    last = ""
    for cost in report.costs:
        style = "yellow" if cost.at_once == 1 else ""
        table.add_row(
            "" if cost.department == last else cost.department,
            cost.capability,
            "search" if cost.at_once is None else str(cost.at_once),
            Text(str(cost.calls), style=style),
            Text(f"{cost.seconds:g}", style=style),
            str(cost.bytes >> 20),
        )
        last = cost.department
    return table
