"""Runs all checks of `hub check`: errors, doubtful settings, costs."""

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.assembly import build_adapter
from adapters.connectors.templates import placeholders_in
from adapters.manifest.document import read_document
from adapters.manifest.loader import clashes, load_department
from adapters.manifest.model import Manifest
from adapters.manifest.problems import ManifestError, Problem
from adapters.manifest.references import NOT_SET, REFERENCE
from adapters.workbench.check.codes import check_codes
from adapters.workbench.check.cost import CapabilityCost, check_costs
from adapters.workbench.check.decisions import open_decisions
from adapters.workbench.check.described_calls import check_described_calls
from adapters.workbench.check.fields import check_fields
from adapters.workbench.check.findings import CheckFinding, Findings, Severity
from adapters.workbench.check.languages import check_languages
from adapters.workbench.check.paths import check_paths
from adapters.workbench.check.patterns import check_patterns
from adapters.workbench.check.service_lists import check_service_lists
from adapters.workbench.check.statements import check_statements
from adapters.workbench.check.windows import check_windows
from adapters.workbench.check.writes import check_writes
from adapters.workbench.replay.addresses import load_with_placeholders
from adapters.workbench.write_calls import why_it_may_write


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result of checking departments.

    Attributes:
        departments: names of the checked folders.
        findings: the findings, sorted by file and line.
        costs: cost of each capability, if the department's adapter can be built.
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
        found += open_decisions(folder)
        try:
            manifest, unset = _loaded(folder)
            _set_up(manifest)
        except ManifestError as error:
            found += map(CheckFinding.of_problem, error.problems)
            continue
        found += [CheckFinding.of_problem(each, Severity.WARNING) for each in unset]
        usable.append(Findings(manifest))
    for findings in usable:
        check_fields(findings)
        check_codes(findings)
        check_languages(findings)
        check_windows(findings)
        check_statements(findings)
        check_described_calls(findings)
        check_paths(findings)
        _check_reads(findings)
        check_writes(findings)
        _check_headers(findings)
        costs += check_costs(findings)
    check_patterns(usable)
    check_service_lists(usable)
    found += map(CheckFinding.of_problem, clashes([findings.manifest for findings in usable]))
    found += [finding for findings in usable for finding in findings.found]
    found.sort(key=lambda each: (str(each.path), each.line, each.key, each.message))
    return CheckReport(names, found, costs)


def _loaded(folder: Path) -> tuple[Manifest, Sequence[Problem]]:
    """Return the manifest, and the problems of environment variables that are not set.

    Manifests are also checked on machines without the department's credentials.

    Raises:
        ManifestError: the manifest has other problems, or needs the variables.
    """
    try:
        return load_department(folder), ()
    except ManifestError as error:
        unset = [each for each in error.problems if each.message.endswith(NOT_SET)]
        if not unset:
            raise
        try:
            return load_with_placeholders(folder), unset
        except ManifestError:
            raise error from None


def _check_headers(findings: Findings) -> None:
    """Report placeholders in headers of the connector, which only SOAP departments fill."""
    document = read_document(findings.manifest.folder / "department.yaml")
    headers = document.content["connector"].get("headers")
    if findings.manifest.file.connector.kind == "soap" or not isinstance(headers, dict):
        return
    for name, text in headers.items():
        found = placeholders_in(REFERENCE.sub("", str(text)))
        if found:
            message = f"{{{min(found)}}} is sent as it is: headers of the connector are not filled"
            remedy = "write this header under `headers` of each call"
            at = ("connector", "headers", name)
            findings.add(Severity.ERROR, "placeholders", at, message, remedy)


def _check_reads(findings: Findings) -> None:
    """Report capabilities that look like writes."""
    for capability in findings.manifest.file.capabilities:
        reason = why_it_may_write(findings.manifest, capability, in_doubt=False)
        if reason:
            remedy = "use an operation that only reads; recording this one needs --yes-it-reads"
            at = ("capabilities", capability.value, "call")
            findings.add(Severity.WARNING, "writes", at, reason, remedy)


def _set_up(manifest: Manifest) -> None:
    """Build the adapter; raise `ManifestError` if that fails."""

    async def open_and_close() -> None:
        await build_adapter(manifest).close()

    asyncio.run(open_and_close())
