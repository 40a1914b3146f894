"""Judges the end of an attempt to send a submission."""

from enum import Enum, auto

from adapters.contract import DepartmentError
from hub.durable.model import EarlierSubmissionError
from schema.codes import ErrorCode
from schema.errors import HubError

DEPARTMENT_WIDE = frozenset(
    {
        ErrorCode.DEPARTMENT_UNREACHABLE,
        ErrorCode.DEPARTMENT_TIMEOUT,
        ErrorCode.DEPARTMENT_OVERLOADED,
        ErrorCode.DEPARTMENT_MAINTENANCE,
        ErrorCode.DEPARTMENT_AUTH_FAILED,
        ErrorCode.DEPARTMENT_BUSY,
        ErrorCode.CIRCUIT_OPEN,
        ErrorCode.DEADLINE_EXCEEDED,
    }
)
"""Errors that the department's other submissions would get too."""


class StaleAttemptError(Exception):
    """Too much time has passed since the attempt began, so nothing was sent.

    Meanwhile another process may have taken over the delivery.
    """


class Failure(Enum):
    """What follows from an attempt that the department did not confirm."""

    HOLD = auto()
    """Nothing arrived. Nothing is delivered to the department for some time."""
    LATER = auto()
    """Nothing arrived. The submission is sent again later; others go on."""
    HOPELESS = auto()
    """Nothing arrived, and sending it again would not help."""
    BROKEN = auto()
    """Nothing arrived, because of a bug in the hub."""
    UNCLEAR = auto()
    """It may have arrived."""


def judged(error: Exception, *, was_sent: bool) -> Failure:
    """Return what follows from the error of an attempt.

    Args:
        was_sent: whether the call may have left the hub.
    """
    is_stale = isinstance(error, StaleAttemptError | EarlierSubmissionError)
    not_done = isinstance(error, DepartmentError) and error.not_done
    if was_sent and not (is_stale or not_done):
        return Failure.UNCLEAR
    if is_stale:
        return Failure.LATER
    if not isinstance(error, HubError):
        return Failure.BROKEN
    if error.code in DEPARTMENT_WIDE:
        return Failure.HOLD
    if not error.retryable:
        return Failure.HOPELESS
    return Failure.LATER if was_sent else Failure.HOLD


def code_of(error: Exception) -> ErrorCode:
    """Return the code by which the error is stored."""
    return error.code if isinstance(error, HubError) else ErrorCode.INTERNAL
