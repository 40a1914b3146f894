"""Checks manifests before they run: `check(folders)`. `hub check` prints the report."""

from adapters.workbench.check.findings import CheckFinding, Severity
from adapters.workbench.check.report import CheckReport, check

__all__ = ["CheckFinding", "CheckReport", "Severity", "check"]
