"""Faults of department systems, and the switchboard that turns them on."""

from mocks.faults.catalogue import DATABASE_FAULTS, FAULTS, HTTP_FAULTS, WRITE_FAULTS
from mocks.faults.failures import FailureReplies
from mocks.faults.middleware import FaultMiddleware
from mocks.faults.switchboard import Switchboard, UnknownFaultError

__all__ = [
    "DATABASE_FAULTS",
    "FAULTS",
    "HTTP_FAULTS",
    "WRITE_FAULTS",
    "FailureReplies",
    "FaultMiddleware",
    "Switchboard",
    "UnknownFaultError",
]
