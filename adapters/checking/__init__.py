"""Everything that can be known of departments before they run: `check(folders)`."""

from adapters.checking.check import Report, check
from adapters.checking.findings import Finding, Severity

__all__ = ["Finding", "Report", "Severity", "check"]
