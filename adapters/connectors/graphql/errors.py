"""What the `errors` of a GraphQL response amount to: for one key, or for all of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.connectors.graphql.settings import GraphqlSettings
from adapters.connectors.http.errors import fault_of
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
)

NOT_FOUND = frozenset({"PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"})
NOT_SUPPORTED = frozenset({"PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"})


def errors_of(response: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The errors of a response; entries that are no objects are left out."""
    told = response.get("errors")
    return [each for each in told if isinstance(each, Mapping)] if isinstance(told, list) else []


def words_of(error: Mapping[str, Any]) -> set[str]:
    """Its code and its message, by which an error is recognised."""
    return {_code(error), str(error.get("message"))}


def path_of(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Where in the data it happened; empty when it concerns the whole response."""
    path = error.get("path")
    return tuple(path) if isinstance(path, list) else ()


def department_error(
    department: str, error: Mapping[str, Any], settings: GraphqlSettings
) -> DepartmentError:
    """The department's error that one of its response amounts to."""
    code = _code(error)
    fault = fault_of(code or "GRAPHQL", error.get("message"))
    if code in settings.auth_failed:
        return DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=fault
        )
    if code in settings.maintenance:
        return DepartmentMaintenanceError(
            department, f"{department} is closed for maintenance.", fault=fault
        )
    if code in settings.refused:
        return DepartmentRefusedError(
            department, f"{department} refused the hub's question.", fault=fault
        )
    return DepartmentFaultError(department, f"{department} reports a failure.", fault=fault)


def _code(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else ""
