"""The fault switchboard: each way in which a department system is known to misbehave."""

from mocks.faults.catalogue import DATABASE_FAULTS, FAULTS, HTTP_FAULTS
from mocks.faults.failures import FailureReplies
from mocks.faults.middleware import FaultMiddleware
from mocks.faults.switchboard import Switchboard, UnknownFaultError

__all__ = [
    "DATABASE_FAULTS",
    "FAULTS",
    "HTTP_FAULTS",
    "FailureReplies",
    "FaultMiddleware",
    "Switchboard",
    "UnknownFaultError",
]
