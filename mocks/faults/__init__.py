"""The fault switchboard: each way in which a department system is known to misbehave."""

from mocks.faults.dialect import Dialect
from mocks.faults.middleware import FaultMiddleware
from mocks.faults.switchboard import HTTP_FAULTS, Switchboard, UnknownFaultError

__all__ = ["HTTP_FAULTS", "Dialect", "FaultMiddleware", "Switchboard", "UnknownFaultError"]
