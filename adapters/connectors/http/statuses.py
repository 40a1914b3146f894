"""Converts HTTP statuses and empty or unreadable bodies to the hub's errors."""

import re

from adapters.connectors.http.errors import (
    department_error,
    note_retry_after,
    shortened,
    status_fault,
)
from adapters.connectors.http.transport import HttpReply
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentOverloadedError,
    DepartmentRefusedError,
    MalformedReplyError,
)
from schema.errors import DepartmentFault

TEXT_LIMIT = 4096
"""Number of bytes at the beginning of a body that is searched for the department's words."""
REQUEST_TIMEOUT, TOO_MANY_REQUESTS, UNAVAILABLE = 408, 429, 503
MAY_DEMAND_A_PAUSE = frozenset({TOO_MANY_REQUESTS, UNAVAILABLE})
"""Statuses with which departments send `Retry-After`."""
_REJECTED_TOKEN = re.compile(
    r"(?:invalid|expired)[_-]?token|token[_-]?(?:invalid|expired)", re.IGNORECASE
)
"""Codes for a rejected token: `invalid_token` (RFC 6750, 3.1) and variants of other gateways."""


def raise_for_status(
    department: str, reply: HttpReply, fault: DepartmentFault | None = None
) -> None:
    """Raise the error for an HTTP status other than 2xx.

    `fault` is the department's own description, if the body contains one.

    Raises:
        DepartmentError: the status is not 2xx.
    """
    if 200 <= reply.status < 300:
        return
    error = _error_of(department, reply, fault or status_fault(reply.status))
    if reply.status in MAY_DEMAND_A_PAUSE:
        note_retry_after(error, reply.headers)
    raise error


def _error_of(department: str, reply: HttpReply, fault: DepartmentFault) -> DepartmentError:
    status = reply.status
    if not 400 <= status < 600:
        message = f"{department} answered with the HTTP status {status}, which the hub can't use."
        if status == 304:
            what = "nothing has changed (HTTP 304), but the hub has no copy"
            message = f"{department} answered that {what}."
        elif 300 <= status < 400:
            message = f"{department} redirects to another address; the hub does not follow."
        return MalformedReplyError(department, message, fault=fault)
    if status == UNAVAILABLE:
        message = f"{department} reports that it is unavailable."
        return DepartmentFaultError(department, message, fault=fault)
    kind: type[DepartmentError] = DepartmentFaultError
    if status in (401, 403) or (status < 500 and _names_rejected_token(reply)):
        kind = DepartmentAuthError
    elif status == TOO_MANY_REQUESTS:
        kind = DepartmentOverloadedError
    elif status < 500 and status != REQUEST_TIMEOUT:
        kind = DepartmentRefusedError
    return department_error(kind, department, fault)


def _names_rejected_token(reply: HttpReply) -> bool:
    texts = (*reply.all_of("WWW-Authenticate"), reply.body[:TEXT_LIMIT].decode("latin-1"))
    return any(_REJECTED_TOKEN.search(text) for text in texts)


def not_in_format(department: str, reply: HttpReply, expected: str) -> MalformedReplyError:
    """Return the error for a body that is not in the expected format, for example `JSON`."""
    fault = status_fault(reply.status)
    if not reply.body.strip():
        message = f"{department} sent an empty reply (HTTP {reply.status}) instead of {expected}."
        return MalformedReplyError(department, message, fault=fault)
    # An encoding that the hub did not accept explains more than the type.
    received = "".join(
        f" Its {name} is {value}."
        for name in ("Content-Type", "Content-Encoding")
        if (value := shortened(reply.headers.get(name)))
    )
    message = f"{department} sent a reply that is not {expected}.{received}"
    return MalformedReplyError(department, message, fault=fault)
