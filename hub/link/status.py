"""Builds the `SourceStatus` of a department: the one type for a department's state."""

import datetime as dt
from collections.abc import Sequence

from adapters.contract import DepartmentError, LookUpReply, Rows, SearchReply
from adapters.writes import WriteReply
from schema.codes import ErrorCode, WarningCode
from schema.provenance import SourceState, SourceStatus, SourceWarning


def failed_status(
    error: DepartmentError,
    as_of: dt.datetime | None = None,
    warnings: Sequence[SourceWarning] = (),
) -> SourceStatus:
    """Return the status of a department after a failed call."""
    return SourceStatus(
        department_identifier=error.department or "",
        state=error.state,
        as_of=as_of,
        message=error.message,
        note=error.note,
        error_code=error.code,
        is_retryable=error.retryable,
        back_at=error.back_at,
        warnings=list(warnings),
        fault=error.fault,
    )


def error_of(status: SourceStatus) -> DepartmentError | None:
    """Return the error of the failed call that a status describes; None if it describes none."""
    if status.error_code is None:
        return None
    error = DepartmentError(status.department_identifier, status.message or "", fault=status.fault)
    error.code = status.error_code
    error.retryable = status.is_retryable
    return error


def live_status(
    department: str,
    reply: LookUpReply | SearchReply | WriteReply,
    warnings: Sequence[SourceWarning] = (),
) -> SourceStatus:
    """Return the status of a department that answered this call."""
    return SourceStatus(
        department_identifier=department,
        state=SourceState.LIVE,
        as_of=reply.replied_at if isinstance(reply, WriteReply) else reply.retrieved_at,
        latency_ms=reply.latency_ms,
        warnings=list(warnings),
    )


def copied_status(
    department: str, copied: Rows, warnings: Sequence[SourceWarning] = ()
) -> SourceStatus:
    """Return the status of a department if its rows come from a copy: its age, and the failure that
    made the hub use a STALE one."""
    if copied.failure is not None:
        status = failed_status(copied.failure, copied.as_of, warnings)
        status.department_identifier = department
        status.state = copied.state
        return status
    return SourceStatus(
        department_identifier=department,
        state=copied.state,
        as_of=copied.as_of,
        warnings=list(warnings),
    )


def status_of_rows(
    department: str,
    rows: Rows,
    reply: LookUpReply | SearchReply,
    warnings: Sequence[SourceWarning],
) -> SourceStatus:
    """Return the status of a department that answered with these rows.

    Args:
        rows: some rows of the reply; their state is the department's.
        warnings: the warnings to show.
    """
    if rows.state is SourceState.LIVE:
        return live_status(department, reply, warnings)
    if rows.state is not SourceState.INCOMPLETE:
        return copied_status(department, rows, warnings)
    status = live_status(department, reply, warnings)
    status.state = SourceState.INCOMPLETE
    status.as_of = rows.as_of or reply.retrieved_at
    missing = dict.fromkeys(
        each.raw for each in warnings if each.code == WarningCode.INCOMPLETE and each.raw
    )
    status.message = f"Rows are missing: {'; '.join(missing) or 'some could not be used'}."
    status.error_code = ErrorCode.DEPARTMENT_INCOMPLETE_REPLY
    status.is_retryable = True
    if rows.failure is not None:
        status.message += f" {rows.failure.message}"
        status.error_code, status.back_at = rows.failure.code, rows.failure.back_at
    return status


def replied_status(department: str, reply: LookUpReply | SearchReply | WriteReply) -> SourceStatus:
    """Return the status after a reply of the adapter, which may come from its stored files."""
    if isinstance(reply, WriteReply):
        return live_status(department, reply)
    found = reply.results.values() if isinstance(reply, LookUpReply) else (reply.rows,)
    other = [
        each for each in found if isinstance(each, Rows) and each.state is not SourceState.LIVE
    ]
    if not other:
        return live_status(department, reply)
    # Missing rows matter more than an old copy.
    shown = next((each for each in other if each.state is SourceState.INCOMPLETE), other[0])
    incomplete = [each for each in shown.warnings if each.code == WarningCode.INCOMPLETE]
    return status_of_rows(department, shown, reply, incomplete)
