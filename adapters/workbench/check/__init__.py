"""Everything that can be known of departments before they run: `check(folders)`."""

from adapters.workbench.check.findings import CheckFinding, Severity
from adapters.workbench.check.report import CheckReport, check

__all__ = ["CheckFinding", "CheckReport", "Severity", "check"]
