"""Errors of departments that were called over HTTP: one standard message per type."""

import datetime as dt
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import orjson

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentOverloadedError,
    DepartmentRefusedError,
    MalformedReplyError,
)
from schema.codes import FaultKind
from schema.errors import DepartmentFault

MESSAGES: Mapping[type[DepartmentError], str] = {
    DepartmentAuthError: "{} rejected the hub's credentials.",
    DepartmentFaultError: "{} reported an internal error.",
    DepartmentMaintenanceError: "{} is closed for maintenance.",
    DepartmentOverloadedError: "{} demands fewer calls.",
    DepartmentRefusedError: "{} rejected the hub's request as invalid.",
}
LONGEST = 200
"""Maximum length of a department's text in an error, in characters."""
_LONG_NUMBERS = re.compile(r"\d(?:[\d/ -]{3,}\d)")


class SessionExpiredError(DepartmentAuthError):
    """The department reported that the hub's session has expired."""


def department_error(
    kind: type[DepartmentError], department: str, fault: DepartmentFault | None = None
) -> DepartmentError:
    """Return an error of this type with its standard message."""
    return kind(department, MESSAGES[kind].format(department), fault=fault)


def session_expired(department: str, fault: DepartmentFault) -> SessionExpiredError:
    """Return the error for a reply that rejects the hub's session."""
    return SessionExpiredError(department, f"{department} ended the hub's session.", fault=fault)


def malformed(department: str, what: str) -> MalformedReplyError:
    """Return the error for a reply that lacks a part that the manifest describes."""
    return MalformedReplyError(
        department, f"The reply of {department} has an unexpected form: {what} not found."
    )


def status_fault(status: int) -> DepartmentFault:
    """Return the fault of a department that sent an HTTP status and nothing more specific."""
    return DepartmentFault(f"HTTP {status}", kind=FaultKind.HTTP_STATUS)


def fault_of(
    code: object, string: object, detail: Mapping[str, object] | None = None
) -> DepartmentFault:
    """Return the department's own code and text, shortened.

    Values that are not texts are written as JSON, as the department sent them. Numbers of five or
    more digits are masked, because they may identify a person.
    """
    return DepartmentFault(
        code=shortened(code) or "UNKNOWN",
        string=shortened(string),
        detail={shortened(name) or "": shortened(value) or "" for name, value in detail.items()}
        if detail
        else None,
    )


def shortened(value: object) -> str | None:
    """Return a value of a reply for an error message; None if it is empty."""
    if value is None:
        return None
    text = value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
    return _LONG_NUMBERS.sub("…", " ".join(text.split()))[:LONGEST] or None


def json_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a body; an empty mapping if the body is not a JSON object."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


MOST_RETRY_AFTER = 900.0
"""Maximum pause in seconds that a department can demand. A server with a wrong clock or a limit per
day would otherwise stay closed although it has recovered."""
_SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def note_retry_after(error: DepartmentError, headers: Mapping[str, str]) -> None:
    """Set when the department may be called again, if the reply says so in `Retry-After`."""
    seconds = _retry_after(headers)
    if seconds is None:
        return
    back_at = dt.datetime.fromtimestamp(time.time() + seconds, dt.UTC)
    error.retry_after, error.back_at = seconds, back_at
    error.message = f"{error.message} The hub calls it again at {back_at:%H:%M:%S} UTC."
    error.args = (error.message,)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the pause in seconds that the reply demands; None if it demands none."""
    written = headers.get("Retry-After", "").strip()
    if _SECONDS.fullmatch(written):
        seconds = float(written)
    else:
        moment = _http_date(written)
        if moment is None:
            return None
        # The department's clock may be wrong, so compare with the date of the same reply.
        now = _http_date(headers.get("Date", "")) or dt.datetime.now(dt.UTC)
        seconds = (moment - now).total_seconds()
    return min(seconds, MOST_RETRY_AFTER) if seconds > 0 else None


def _http_date(text: str) -> dt.datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=dt.UTC)
