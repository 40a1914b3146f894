"""Reads replies: envelopes that report success or failure, and structs of the needed fields only.

Decoding a JSON reply into structs is twice as fast as decoding the whole reply. A reply that has an
unexpected form, or reports a failure, is left to the general decoder, which raises the error.
"""

from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

import msgspec

from adapters.connectors.connector import CallPlan, RowsOfReply, walk
from adapters.connectors.http.errors import department_error, fault_of, malformed
from adapters.connectors.http.xml import as_written
from adapters.connectors.rest.settings import EnvelopeRule, RestCall
from adapters.contract import DepartmentAuthError, DepartmentFaultError
from adapters.mapping.access import Shape, ShapeConflictError, StructAccess, compile_getter
from adapters.mapping.json_values import JsonNumber, whole_number
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


class StructDecoder:
    """Decodes the replies of one call into structs of the fields that will be read.

    Raises:
        ShapeConflictError: the call's replies can't be decoded this way.
    """

    def __init__(
        self, plan: CallPlan[RestCall], envelope: EnvelopeRule | None, shape: Shape
    ) -> None:
        if plan.call.pages is not None or (envelope is not None and envelope.error_rows):
            raise ShapeConflictError
        reply = Shape()
        self._has_others = plan.call.whole_table
        self._rows: Callable[[Any], Any] | None = None
        if plan.rows is not None:
            *steps, last = plan.rows.split("/")
            reply.within(steps).graft(last, shape)
            self._rows = compile_getter(
                lambda fresh: StructAccess(reply, fresh).elements("row", plan.rows or "")[0]
            )
        self._total = _leaf_getter(reply, plan.total)
        self._status = self._success = self._failure = None
        if envelope is not None and envelope.ok is not None:
            path, _, self._success = envelope.ok.partition("=")
            self._status = _leaf_getter(reply, path)
        elif envelope is not None and plan.rows is not None:
            self._failure = _leaf_getter(reply, envelope.error)
        form: Any = list[shape.struct()] if plan.rows is None else reply.struct()  # type: ignore[misc]
        self._decoder = msgspec.json.Decoder(form, float_hook=JsonNumber)

    def decode(self, body: bytes) -> RowsOfReply | None:
        """Return the rows; None if the general decoder must read the reply."""
        try:
            reply = self._decoder.decode(body)
            if self._status is not None and as_written(self._status(reply)) != self._success:
                return None
            if self._failure is not None and self._failure(reply) is not None:
                return None
            total = self._total(reply) if self._total is not None else None
            rows = reply if self._rows is None else self._rows(reply)
            if not rows and self._rows is not None:
                # The general decoder decides: there are no rows, or the form is unexpected.
                return None
            count = None if total is None else whole_number(total)
            return RowsOfReply(rows, count, are_structs=True, has_others=self._has_others)
        except (msgspec.DecodeError, ValueError, TypeError, RecursionError):
            return None


def _leaf_getter(shape: Shape, path: str | None) -> Callable[[Any], Any] | None:
    if path is None:
        return None
    return compile_getter(lambda fresh: StructAccess(shape, fresh).value("row", path))
