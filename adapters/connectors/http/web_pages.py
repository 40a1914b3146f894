"""Recognises web pages that departments send in place of data."""

import re
from collections.abc import Mapping

from adapters.connectors.http.errors import department_error, note_retry_after, status_fault
from adapters.contract import DepartmentError, DepartmentMaintenanceError, MalformedReplyError

MOST_READ = 20_000
"""Number of bytes of a page that are searched."""
MAYBE_EXECUTED = frozenset({500, 502, 504})
"""Statuses of systems that may have failed while they executed a call."""
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*(?:<\?xml[^>]*>\s*)?(?:<!--.{0,2000}?-->\s*)*<(?:!doctype\s+)?html\b",
    re.IGNORECASE | re.DOTALL,
)
_MAINTENANCE = re.compile("maint[ae]?[ia]?nance|रखरखाव|अनुरक्षण", re.IGNORECASE)


def page_error(
    department: str, status: int, body: bytes, headers: Mapping[str, str]
) -> DepartmentError | None:
    """Return the error for a web page; None for data, and if the status says more than the page."""
    if not _HTML.match(body):
        return None
    if status != 401 and _MAINTENANCE.search(body[:MOST_READ].decode("utf-8", "replace")):
        error = department_error(DepartmentMaintenanceError, department)
        error.not_done = status not in MAYBE_EXECUTED
        note_retry_after(error, headers)
        return error
    if status in (401, 403, 429) or status >= 500:
        return None
    return MalformedReplyError(
        department, f"{department} sent a web page instead of data.", fault=status_fault(status)
    )
