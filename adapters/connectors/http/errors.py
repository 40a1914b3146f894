"""Errors of departments that were called over HTTP: one standard message per type."""

import re
from collections.abc import Mapping
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
from schema.errors import DepartmentFault

MESSAGES: Mapping[type[DepartmentError], str] = {
    DepartmentAuthError: "{} rejected the hub's credentials.",
    DepartmentFaultError: "{} reported an internal error.",
    DepartmentMaintenanceError: "{} is closed for maintenance.",
    DepartmentOverloadedError: "{} demands fewer calls.",
    DepartmentRefusedError: "{} rejected the hub's request as invalid.",
}
REQUEST_TIMEOUT, TOO_MANY_REQUESTS = 408, 429
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


def fault_of(code: object, string: object, detail: dict[str, str] | None = None) -> DepartmentFault:
    """Return the department's own code and text, shortened.

    Numbers of five or more digits are masked, because they may identify a person.
    """
    return DepartmentFault(
        code=_shortened(code) or "UNKNOWN",
        string=_shortened(string),
        detail={_shortened(name) or "": _shortened(value) or "" for name, value in detail.items()}
        if detail
        else None,
    )


def _shortened(text: object) -> str | None:
    if text is None:
        return None
    squeezed = " ".join(str(text).split())
    return _LONG_NUMBERS.sub("…", squeezed)[:LONGEST] or None


def json_object(body: bytes) -> Mapping[str, Any]:
    """Return the JSON object in a body; an empty mapping if the body is not a JSON object."""
    try:
        content = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}


def raise_for_status(department: str, status: int, fault: DepartmentFault | None = None) -> None:
    """Raise the error for an HTTP status of 300 or more.

    Args:
        department: identifier.
        status: HTTP status.
        fault: the department's own description, if the body contains one.

    Raises:
        DepartmentError: the status is 300 or more.
    """
    if status < 300:
        return
    fault = fault or DepartmentFault(f"HTTP {status}")
    if status < 400:
        raise MalformedReplyError(
            department,
            f"{department} redirects to another address; the hub does not follow.",
            fault=fault,
        )
    if status in (401, 403):
        kind: type[DepartmentError] = DepartmentAuthError
    elif status == TOO_MANY_REQUESTS:
        kind = DepartmentOverloadedError
    elif status < 500 and status != REQUEST_TIMEOUT:
        kind = DepartmentRefusedError
    else:
        kind = DepartmentFaultError
    raise department_error(kind, department, fault)
