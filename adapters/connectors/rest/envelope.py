"""Reads a reply's envelope: success and failure of departments that always answer HTTP 200."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import department_error, fault_of, malformed
from adapters.connectors.http.xml_trees import as_written
from adapters.connectors.rest.settings import EnvelopeRule
from adapters.contract import DepartmentAuthError, DepartmentFaultError
from schema.errors import DepartmentFault


def open_envelope(department: str, rule: EnvelopeRule | None, payload: Any) -> Any:
    """Return the payload if its envelope reports success, None if it reports "no rows".

    Raises:
        DepartmentError: the envelope reports a failure, or is missing.
    """
    try:
        failure = None if rule is None else _failure(rule, payload)
        if rule is None or failure is None:
            return payload
        code = walk(failure, rule.code)
        if as_written(code) in rule.empty:
            return None
        fault = fault_of(code, walk(failure, rule.message))
    except TypeError:
        raise malformed(department, "its envelope") from None
    is_auth = as_written(code) in rule.auth_failed
    raise department_error(
        DepartmentAuthError if is_auth else DepartmentFaultError, department, fault
    )


def fault_in(department: str, rule: EnvelopeRule, payload: Any) -> DepartmentFault | None:
    """Return the department's code and text from the body of an HTTP error; None if absent.

    Raises:
        DepartmentAuthError: the code means that the hub's credentials are wrong.
    """
    code, fault = None, None
    with suppress(TypeError):
        failure = _failure(rule, payload)
        code = walk(failure, rule.code) if failure is not None else None
        if code is not None:
            fault = fault_of(code, walk(failure, rule.message))
    if code is not None and as_written(code) in rule.auth_failed:
        raise department_error(DepartmentAuthError, department, fault)
    return fault


def _failure(rule: EnvelopeRule, payload: Any) -> Any:
    """Return the object that reports a failure; None for success.

    Raises:
        TypeError: the payload has no envelope of this form.
    """
    if rule.error_rows:
        first = payload[0] if isinstance(payload, list) and payload else None
        is_error = isinstance(first, Mapping) and walk(first, rule.code) is not None
        return first if is_error else None
    if rule.ok is not None:
        path, _, success = rule.ok.partition("=")
        if not isinstance(payload, Mapping):
            raise TypeError(type(payload).__name__)
        return None if as_written(walk(payload, path)) == success else payload
    if not isinstance(payload, Mapping):
        return None
    return payload if walk(payload, rule.error) is not None else None
