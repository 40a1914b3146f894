"""Converts the `errors` of a GraphQL response to the hub's errors."""

from collections.abc import Mapping, Sequence
from typing import Any

from adapters.connectors.graphql.settings import GraphqlSettings
from adapters.connectors.http.errors import department_error, fault_of
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
)
from schema.errors import DepartmentFault

NOT_FOUND = frozenset({"PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"})
NOT_SUPPORTED = frozenset({"PERSISTED_QUERY_NOT_SUPPORTED", "PersistedQueryNotSupported"})


def errors_of(response: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Return the errors of a response; entries that are not objects are left out."""
    errors = response.get("errors")
    listed = errors if isinstance(errors, list) else []
    return [each for each in listed if isinstance(each, Mapping)]


def words_of(error: Mapping[str, Any]) -> set[str]:
    """Return an error's code and message."""
    return {_code(error), str(error.get("message"))}


def path_of(error: Mapping[str, Any]) -> tuple[str | int, ...]:
    """Return the path in `data` that an error concerns; empty if it concerns the whole response."""
    path = error.get("path")
    return tuple(path) if isinstance(path, list) else ()


def error_of(
    department: str, error: Mapping[str, Any], settings: GraphqlSettings
) -> DepartmentError:
    """Return the hub's error for one error of a response."""
    code = _code(error)
    kind: type[DepartmentError] = DepartmentFaultError
    if code in settings.auth_failed:
        kind = DepartmentAuthError
    elif code in settings.maintenance:
        kind = DepartmentMaintenanceError
    elif code in settings.refused:
        kind = DepartmentRefusedError
    return department_error(kind, department, fault_in(error))


def fault_in(error: Mapping[str, Any]) -> DepartmentFault:
    """Return an error's code and message."""
    return fault_of(_code(error) or "GRAPHQL", error.get("message"))


def was_not_executed(response: Mapping[str, Any]) -> bool:
    """Return whether the server rejected the text or the variables before it executed anything.

    Such errors have locations in the text, and no path. Errors of fields have a path.
    """
    errors = errors_of(response)
    return bool(errors) and all(each.get("locations") and not path_of(each) for each in errors)


def _code(error: Mapping[str, Any]) -> str:
    extensions = error.get("extensions")
    code = extensions.get("code") if isinstance(extensions, Mapping) else None
    return code if isinstance(code, str) else ""
