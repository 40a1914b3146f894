"""Opens the envelope in which a reply tells success when HTTP says 200 in any case."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import fault_of
from adapters.connectors.rest.settings import EnvelopeRule
from adapters.contract import DepartmentAuthError, DepartmentFaultError, MalformedReplyError
from schema.errors import DepartmentFault


def open_envelope(department: str, rule: EnvelopeRule | None, payload: Any) -> Any:
    """The payload if its envelope tells success, None if it tells "no rows".

    Raises the `DepartmentError` that anything else amounts to.
    """
    try:
        failure = None if rule is None else _failure(rule, payload)
        if rule is None or failure is None:
            return payload
        code = str(walk(failure, rule.code))
        if code in rule.empty:
            return None
        fault = fault_of(code, walk(failure, rule.message))
    except TypeError:
        raise MalformedReplyError(
            department,
            f"{department} sent a reply of another form: its envelope can't be found.",
        ) from None
    if code in rule.auth_failed:
        raise DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=fault
        )
    raise DepartmentFaultError(department, f"{department} reports a failure.", fault=fault)


def fault_in(rule: EnvelopeRule, payload: Any) -> DepartmentFault | None:
    """The department's own words in a reply whose HTTP status says already that it failed."""
    with suppress(TypeError):
        failure = _failure(rule, payload)
        code = walk(failure, rule.code) if failure is not None else None
        if code is not None:
            return fault_of(code, walk(failure, rule.message))
    return None


def _failure(rule: EnvelopeRule, payload: Any) -> Any:
    """What tells of a failure; None when nothing does. TypeError when the form is another."""
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


def as_written(told: object) -> str:
    """A value of an envelope as JSON writes it, which is how manifests name it."""
    return str(told).lower() if isinstance(told, bool) else str(told)
