"""Why the hub did not ask a department, and what is told of one that failed."""

import datetime as dt

from adapters.contract import DepartmentError, DepartmentTimeoutError
from schema.errors import ErrorSource
from schema.provenance import SourceState, SourceStatus

LEAST_SHARE = 0.1
"""Who had less than this share of its deadline can't be said to have been slow."""


class CircuitOpenError(DepartmentError):
    """The department failed often; it is left alone for a while."""

    code_name = "CIRCUIT_OPEN"
    source = ErrorSource.HUB
    state = SourceState.CIRCUIT_OPEN


class DeadlineExceededError(DepartmentTimeoutError):
    """The question's own time was over, or nearly: it is not the department that was slow."""

    code_name = "DEADLINE_EXCEEDED"
    source = ErrorSource.HUB

    def __init__(self, department: str) -> None:
        super().__init__(department, f"There was no time left in which to ask {department}.")


class DepartmentBusyError(DepartmentError):
    """As many calls as the department can bear are under way, and as many as may wait do."""

    code_name = "DEPARTMENT_BUSY"
    source = ErrorSource.HUB


def without_frames(error: DepartmentError) -> DepartmentError:
    """The error alone: its traceback and what it came of hold on to the reply that was read.

    An error outlives its call (in the line's state, in tasks that others wait for), and so would
    replies of megabytes, until a garbage collection that a busy hub seldom makes.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def failed_status(error: DepartmentError, as_of: dt.datetime | None = None) -> SourceStatus:
    """What `sources` says of a department that failed."""
    return SourceStatus(
        department=error.department or "",
        state=error.state,
        as_of=as_of,
        message=error.message,
        back_at=error.back_at,
    )
