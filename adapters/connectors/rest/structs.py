"""Decodes a JSON reply into structs that contain only the fields that will be read.

This is twice as fast as decoding the whole reply. A reply that has an unexpected form, or reports a
failure, is left to the general decoder, which raises the error.
"""

from collections.abc import Callable
from typing import Any

import msgspec

from adapters.connectors.connector import CallPlan, RowsOfReply
from adapters.connectors.http.xml_trees import as_written
from adapters.connectors.rest.settings import EnvelopeRule, RestCall
from adapters.mapping.access import Shape, ShapeConflictError, StructAccess, compile_getter
from adapters.mapping.json_values import JsonNumber, whole_number


class StructDecoder:
    """Decodes the replies of one call.

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
