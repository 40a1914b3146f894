"""Executable Markdown pages: a manifest, the department's reply, a call, the expected records.

`docs/cases.md` describes the format.
"""

from adapters.workbench.cases.page import Case, find_cases, read_case
from adapters.workbench.cases.runner import run_case

__all__ = ["Case", "find_cases", "read_case", "run_case"]
