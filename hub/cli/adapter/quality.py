"""`hub adapter test`: how far departments have come on the quality scale."""

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
from adapters.workbench.quality.assessment import PASSED, QualityReport, judge
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
    as_json: bool,
    out: Console,
    err: Console,
) -> int:
    """Prints a verdict on each; 1 when one is below bronze or breaks the contract."""
    verdicts: list[QualityReport] = []
    for folder in folders:
        try:
            verdicts.append(asyncio.run(judge(Subject.load(folder, mode, url))))
        except ManifestError as error:
            raise CliError(f"{folder} can't be used:\n{error}") from None
        if not as_json:
            print_verdict(verdicts[-1], out)
    if as_json:
        print(json.dumps([each.as_json() for each in verdicts], ensure_ascii=False, indent=2))
    elif len(verdicts) > 1:
        _print_summary(verdicts, out)
    return 0 if all(each.is_good for each in verdicts) else 1


def print_verdict(verdict: QualityReport, out: Console) -> None:
    table = Table(box=SIMPLE_HEAD, title=f"{verdict.department} ({verdict.mode})", expand=False)
    for column in ("tier", "criterion", "", "what is wanted"):
        table.add_column(column, no_wrap=column != "what is wanted")
    for criterion, finding in verdict.findings:
        table.add_row(
            criterion.tier.word,
            criterion.name,
            Text(finding.outcome.value, style=STYLES[finding.outcome]),
            _told(criterion, finding),
        )
    out.print(table)
    reached = verdict.tier.word if verdict.tier else "below bronze"
    out.print(Text.assemble("Reached: ", (reached, "bold")))
    if verdict.tier is Tier.PLATINUM:
        return
    out.print(f"Missing for {Tier(verdict.tier + 1).word}:")
    for criterion, finding in verdict.missing:
        style = STYLES[finding.outcome]
        out.print(
            Text.assemble("  ", (criterion.name, style), f": {finding.why}; {finding.remedy}."),
            soft_wrap=True,
        )


def _told(criterion: Criterion, finding: CriterionResult) -> str:
    """What is wanted; where that is well, also why, if there is more to say."""
    if finding.why and finding.outcome in PASSED:
        return f"{criterion.sentence} {finding.why.rstrip('.')}."
    return criterion.sentence


def _print_summary(verdicts: Sequence[QualityReport], out: Console) -> None:
    table = Table(box=SIMPLE_HEAD)
    for column in ("department", "tier", "contract"):
        table.add_column(column)
    for verdict in verdicts:
        good = Text("kept", "green") if verdict.is_good else Text("not kept", "bold red")
        table.add_row(verdict.department, verdict.tier.word, good)
    out.print(table)
