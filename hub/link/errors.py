"""Why the hub did not ask a department: its own decisions, not the department's failures."""

from adapters.contract import DepartmentError
from schema.errors import ErrorSource
from schema.provenance import SourceState


class CircuitOpenError(DepartmentError):
    """The department failed often; it is left alone for a while."""

    code_name = "CIRCUIT_OPEN"
    source = ErrorSource.HUB
    state = SourceState.CIRCUIT_OPEN


class DepartmentBusyError(DepartmentError):
    """As many calls as the department can bear are under way, and as many as may wait do."""

    code_name = "DEPARTMENT_BUSY"
    source = ErrorSource.HUB
