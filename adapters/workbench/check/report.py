"""Runs all checks of `hub check`: errors, doubtful settings, costs."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly import build_adapter
from adapters.manifest.loader import clashes, load_department
from adapters.manifest.model import Manifest
from adapters.manifest.problems import ManifestError
from adapters.workbench.check.codes import check_codes
from adapters.workbench.check.cost import CapabilityCost, check_costs
from adapters.workbench.check.fields import check_fields
from adapters.workbench.check.findings import CheckFinding, Findings, Severity
from adapters.workbench.check.patterns import check_patterns
from adapters.workbench.check.windows import check_windows


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of checking departments.

    Attributes:
        departments: names of the checked folders.
        findings: the findings, sorted by file and line.
        costs: cost of each capability of the departments whose adapter can be built.
    """

    departments: Sequence[str]
    findings: Sequence[CheckFinding]
    costs: Sequence[CapabilityCost]

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)


def check(folders: Iterable[Path]) -> CheckReport:
    """Check the departments in the folders, without a call to any department."""
    names: list[str] = []
    found: list[CheckFinding] = []
    usable: list[Findings] = []
    costs: list[CapabilityCost] = []
    for folder in folders:
        names.append(folder.name)
        try:
            manifest = load_department(folder)
            _set_up(manifest)
        except ManifestError as error:
            found += map(CheckFinding.of_problem, error.problems)
            continue
        usable.append(Findings(manifest))
    for findings in usable:
        check_fields(findings)
        check_codes(findings)
        check_windows(findings)
        costs += check_costs(findings)
    check_patterns(usable)
    found += map(CheckFinding.of_problem, clashes([findings.manifest for findings in usable]))
    found += [finding for findings in usable for finding in findings.found]
    found.sort(key=lambda each: (str(each.path), each.line, each.key, each.message))
    return CheckReport(names, found, costs)


def _set_up(manifest: Manifest) -> None:
    """Build the adapter; raise `ManifestError` if that fails."""

    async def open_and_close() -> None:
        await build_adapter(manifest).close()

    asyncio.run(open_and_close())
