"""The contract between an adapter and its connector: one call in, the rows of its reply out."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

from adapters.connectors.write_replies import WriteResponse
from adapters.contract import CallContext, DepartmentError
from adapters.mapping.access import Shape
from schema.provenance import SourceState, SourceWarning

CallT = TypeVar("CallT")
Bindings = Mapping[str, object]
"""Values of a call's placeholders, by name."""


@dataclass(frozen=True, slots=True)
class RowsOfReply:
    """The rows of one reply.

    Attributes:
        rows: the rows as received, before mapping. None: the department sent null for a row.
        total_count: number of rows in the whole list, if the department reports it.
        are_structs: True if the rows are structs of the requested shape, False if mappings.
        state: LIVE, or CACHED or STALE if the rows are a copy that the connector stores.
        as_of: age of the copy: the moment (UTC) up to which it is complete. None if LIVE.
        warnings: what was left out of a copy, and what was repaired to read the reply.
        failure: why a STALE copy is returned.
        has_others: True if the department is known to send rows of other keys too.
        failures: errors that concern single keys, by the key as it was sent.
        missing: which rows are known to be missing, with numbers: "100 of 120 rows were received".
            None if no row is known to be missing.
    """

    rows: Sequence[Any]
    total_count: int | None = None
    are_structs: bool = False
    state: SourceState = SourceState.LIVE
    as_of: dt.datetime | None = None
    warnings: Sequence[SourceWarning] = ()
    failure: DepartmentError | None = None
    has_others: bool = False
    failures: Mapping[str, DepartmentError] = field(default_factory=dict)
    missing: str | None = None


def without_nulls(rows: Sequence[Any]) -> Sequence[Any]:
    """Return the rows that are not null."""
    return [row for row in rows if row is not None] if None in rows else rows


def null_rows(count: int, total: int) -> str:
    """Return the text for rows that are null, as in `RowsOfReply.missing`."""
    return f"{count} of {total} rows {'is' if count == 1 else 'are'} null"


class Connector(Protocol):
    """Calls one department over one protocol.

    A subclass implements `call` and `close`. It overrides `open` and `erase` if it stores rows, and
    `write` if its kind has a model for the calls of writes.
    """

    async def open(self) -> None:
        """Start background work, such as the import of files."""

    async def call(
        self, capability: str, bindings: Bindings, context: CallContext, shape: Shape | None
    ) -> RowsOfReply:
        """Make the call that the manifest describes for `capability`.

        Args:
            context: deadline, correlation id and caller.
            shape: fields that will be read. A connector may then return structs that hold these
                fields only. None: return mappings.

        Raises:
            DepartmentError: the department did not return a usable reply.
        """
        ...

    async def write(
        self, capability: str, bindings: Bindings, context: CallContext
    ) -> WriteResponse:
        """Make the write that the manifest describes for `capability`, at most once.

        The connector fills the `call` of its `WritePlan` with the bindings and sends it. It never
        sends a second time, except after a reply that certainly had no effect because the hub's
        login had expired, if no rule of the plan applies to that reply. A reply that arrived is
        returned, also if it reports a failure: then its `failure` is the error that a look-up
        would raise.

        Args:
            bindings: values of the placeholders in `adapters.manifest.writes`: texts, dates,
                `fields` (a mapping) and `documents` (a list of mappings).
            context: deadline, correlation id and caller.

        Raises:
            DepartmentError: no reply arrived. Its `not_done` is True only if nothing has left the
                hub, or if the department rolled everything back.
        """
        raise TypeError(f"{type(self).__name__} makes no writes")

    def check_write(self, capability: str, bindings: Bindings, context: CallContext) -> None:
        """Prepare the request of a write without sending it, to check the manifest.

        Raises:
            DepartmentRefusedError: the call does not fit the department's description.
        """
        return

    async def erase(self, numbers: Collection[str]) -> int:
        """Delete the stored rows of citizens with one of these numbers; return how many."""
        return 0

    async def close(self) -> None:
        """Close connections and end sessions."""


@dataclass(frozen=True, slots=True)
class CallPlan(Generic[CallT]):
    """The manifest's description of a capability, for its connector.

    Attributes:
        capability: its name.
        call: the capability's `call`, in the connector's own model.
        rows: path to the rows in the reply. None: the reply itself is the list.
        total: path to the number of all rows, if the reply has it.
        key: path in a row to its key. None for searches.
    """

    capability: str
    call: CallT
    rows: str | None
    total: str | None
    key: str | None = None


def walk(tree: Any, path: str | None) -> Any:
    """Return the value at a path such as `a/b` in nested mappings; None if a step is missing.

    Raises:
        TypeError: the path leads into a value that is not a mapping.
    """
    if path is None:
        return tree
    for step in path.split("/"):
        if tree is None or tree == "":
            return None
        if not isinstance(tree, Mapping):
            raise TypeError(f"expected an object around {step!r}, got {type(tree).__name__}")
        tree = tree.get(step)
    return tree
