"""Errors of calls that the hub did not make."""

from typing import TypeVar

from adapters.contract import DepartmentError, DepartmentTimeoutError
from schema.codes import ErrorCode
from schema.errors import ErrorSource, HubError
from schema.provenance import SourceState

ErrorT = TypeVar("ErrorT", bound=HubError)

LEAST_SHARE = 0.1
"""An attempt that had less than this share of the department's deadline cannot show that the
department is slow."""


class CircuitOpenError(DepartmentError):
    """The department failed repeatedly, so the hub has paused calls to it."""

    code_name = ErrorCode.CIRCUIT_OPEN
    not_done = True
    source = ErrorSource.HUB
    state = SourceState.CIRCUIT_OPEN


class DeadlineExceededError(DepartmentTimeoutError):
    """The operation ran out of time before the department could be called."""

    code_name = ErrorCode.DEADLINE_EXCEEDED
    not_done = True
    source = ErrorSource.HUB

    def __init__(self, department: str) -> None:
        super().__init__(
            department, f"The operation ran out of time before {department} could be called."
        )


class PendingError(DepartmentError):
    """The department had not replied when the operation stopped waiting. The call goes on."""

    code_name = ErrorCode.DEPARTMENT_PENDING
    source = ErrorSource.HUB
    state = SourceState.PENDING

    def __init__(self, department: str) -> None:
        super().__init__(
            department, f"{department} has not replied yet. Repeat the query to get its rows."
        )


class DepartmentBusyError(DepartmentError):
    """The hub's limit of calls to the department is reached, and no more may wait."""

    code_name = ErrorCode.DEPARTMENT_BUSY
    not_done = True
    source = ErrorSource.HUB


def too_late(department: str) -> DepartmentTimeoutError:
    """Return the error of a department that did not reply within its deadline."""
    return DepartmentTimeoutError(department, f"{department} did not reply in time.")


def without_frames(error: ErrorT) -> ErrorT:
    """Remove the traceback and causes from an error, and return it.

    They refer to the reply that was being read. Errors outlive their call (in statuses, in tasks
    that other operations await), and replies of megabytes would stay in memory with them.
    """
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
