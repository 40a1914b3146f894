"""`hub adapter test`: rates departments on the quality scale."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from adapters.manifest import ManifestError
from adapters.workbench.contract_tests.subjects import Mode, Subject
from adapters.workbench.quality import Criterion, CriterionOutcome, CriterionResult, Tier
from adapters.workbench.quality.assessment import PASSED, QualityReport, assess
from adapters.workbench.write_calls import MayWriteError, refuse_writes
from hub.cli.console import CliError

STYLES = {
    CriterionOutcome.DONE: "green",
    CriterionOutcome.MISSING: "yellow",
    CriterionOutcome.FAILED: "bold red",
    CriterionOutcome.EXEMPT: "cyan",
}


def test_adapters(
    folders: Sequence[Path],
    mode: Mode,
    url: str | None,
    *,
    yes_it_reads: bool,
    as_json: bool,
    out: Console,
) -> int:
    """Rate the departments and print the results.

    Args:
        folders: folders of their manifests.
        mode: what is called.
        url: the mock's address in mode MOCK.
        yes_it_reads: True to call also operations that look like writes, in mode LIVE.
        as_json: print JSON.
        out: console for the results.

    Returns: 1 if an adapter is below bronze or breaks the contract, otherwise 0.

    Raises:
        CliError: a manifest can't be used, or a call looks like a write.
    """
    reports: list[QualityReport] = []
    for folder in folders:
        try:
            subject = Subject.load(folder, mode, url)
            if mode is Mode.LIVE and not yes_it_reads:
                refuse_writes(subject.manifest, subject.manifest.file.capabilities)
            reports.append(asyncio.run(assess(subject)))
        except MayWriteError as error:
            raise CliError(f"{error}.") from None
        except ManifestError as error:
            raise CliError(f"{folder} can't be used:\n{error}") from None
        if not as_json:
            print_report(reports[-1], out)
    if as_json:
        print(json.dumps([each.as_json() for each in reports], ensure_ascii=False, indent=2))
    elif len(reports) > 1:
        _print_summary(reports, out)
    return 0 if all(each.is_good for each in reports) else 1


def print_report(report: QualityReport, out: Console) -> None:
    """Print the rating of one department, and what the next tier requires."""
    table = Table(box=SIMPLE_HEAD, title=f"{report.department} ({report.mode})", expand=False)
    for column in ("tier", "criterion", "", "requirement"):
        table.add_column(column, no_wrap=column != "requirement")
    for criterion, result in report.results:
        table.add_row(
            criterion.tier.word,
            criterion.name,
            Text(result.outcome.value, style=STYLES[result.outcome]),
            _sentence(criterion, result),
        )
    out.print(table)
    reached = report.tier.word if report.tier else "below bronze"
    out.print(Text.assemble("Reached: ", (reached, "bold")))
    if report.tier is Tier.PLATINUM:
        return
    out.print(f"Missing for {Tier(report.tier + 1).word}:")
    for criterion, result in report.missing:
        style = STYLES[result.outcome]
        out.print(
            Text.assemble("  ", (criterion.name, style), f": {result.why}; {result.remedy}."),
            soft_wrap=True,
        )


def _sentence(criterion: Criterion, result: CriterionResult) -> str:
    """Return the requirement; if it is met, also the reason, if there is one."""
    if result.why and result.outcome in PASSED:
        return f"{criterion.sentence} {result.why.rstrip('.')}."
    return criterion.sentence


def _print_summary(reports: Sequence[QualityReport], out: Console) -> None:
    table = Table(box=SIMPLE_HEAD)
    for column in ("department", "tier", "contract"):
        table.add_column(column)
    for report in reports:
        good = Text("kept", "green") if report.is_good else Text("not kept", "bold red")
        table.add_row(report.department, report.tier.word, good)
    out.print(table)
