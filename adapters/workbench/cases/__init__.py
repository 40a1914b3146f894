"""Executable Markdown: a manifest, the department's reply, the call and the answer, in one page.

`docs/cases.md` describes the format.
"""

from adapters.workbench.cases.page import Case, find_cases, read_case
from adapters.workbench.cases.runner import run_case

__all__ = ["Case", "find_cases", "read_case", "run_case"]
