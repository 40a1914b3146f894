"""Builds the `SourceStatus` of a department: the one type for a department's state."""

import datetime as dt
from collections.abc import Sequence

from adapters.contract import DepartmentError, LookUpReply, Rows, SearchReply
from schema.provenance import SourceState, SourceStatus, SourceWarning


def failed_status(
    error: DepartmentError,
    as_of: dt.datetime | None = None,
    warnings: Sequence[SourceWarning] = (),
) -> SourceStatus:
    """Return the status of a department whose call failed."""
    return SourceStatus(
        department=error.department or "",
        state=error.state,
        as_of=as_of,
        message=error.message,
        back_at=error.back_at,
        warnings=list(warnings),
    )


def live_status(
    department: str, reply: LookUpReply | SearchReply, warnings: Sequence[SourceWarning] = ()
) -> SourceStatus:
    """Return the status of a department that answered this call."""
    return SourceStatus(
        department=department,
        state=SourceState.LIVE,
        as_of=reply.retrieved_at,
        latency_ms=reply.latency_ms,
        warnings=list(warnings),
    )


def copied_status(
    department: str, copied: Rows, warnings: Sequence[SourceWarning] = ()
) -> SourceStatus:
    """Return the status of a department whose rows come from a copy: its age, and the failure that
    made the hub use a STALE one."""
    return SourceStatus(
        department=department,
        state=copied.state,
        as_of=copied.as_of,
        message=copied.failure.message if copied.failure is not None else None,
        back_at=copied.failure.back_at if copied.failure is not None else None,
        warnings=list(warnings),
    )


def replied_status(department: str, reply: LookUpReply | SearchReply) -> SourceStatus:
    """Return the status after a reply of the adapter, which may come from its stored files."""
    if isinstance(reply, LookUpReply):
        for rows in reply.results.values():
            if isinstance(rows, Rows) and rows.state is not SourceState.LIVE:
                return copied_status(department, rows)
    return live_status(department, reply)
