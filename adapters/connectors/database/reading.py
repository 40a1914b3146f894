"""What reads rows out of a database, and how its failures are told."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentUnreachableError,
)
from schema.errors import DepartmentFault


class StatementReader(Protocol):
    """Runs the manifest's statements. Raises `DepartmentError` only."""

    async def read(self, capability: str, bindings: Mapping[str, object]) -> Sequence[Any]:
        """The rows, each of which gives a column by `get(name)`: at most one more than may be, so
        that whoever asked sees that there are too many."""

    async def close(self) -> None: ...


def failure_of(department: str, cause: BaseException) -> DepartmentError:
    """The department's error for a driver's, by its SQLSTATE."""
    state = getattr(cause, "sqlstate", None) or getattr(cause, "pgcode", None)
    fault = DepartmentFault(f"SQLSTATE {state}") if state else None
    if state and state.startswith("28"):
        return DepartmentAuthError(
            department, f"{department}'s database refused the hub's credentials.", fault=fault
        )
    if state is None or state.startswith(("08", "57")):
        return DepartmentUnreachableError(
            department, f"{department}'s database can't be reached.", fault=fault
        )
    return DepartmentFaultError(
        department, f"{department}'s database reports a failure.", fault=fault
    )
