"""Everything that can be known of departments before they run: `check(folders)`."""

from adapters.workbench.check.findings import Finding, Severity
from adapters.workbench.check.report import Report, check

__all__ = ["Finding", "Report", "Severity", "check"]
