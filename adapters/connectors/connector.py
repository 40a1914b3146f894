"""What every connector is: it makes one call and gives the rows of the reply."""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from adapters.contract import CallContext, DepartmentError
from adapters.mapping.access import Shape
from schema.provenance import SourceState, SourceWarning

CallT = TypeVar("CallT")
NO_FAILURES: Mapping[str, DepartmentError] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class RowsOfReply:
    """The rows that a reply holds.

    Attributes:
        rows: the rows as the wire has them, not mapped yet.
        total_count: rows of the whole list, where the department tells it.
        are_structs: whether the rows are structs of the shape that was asked for; else mappings.
        state: LIVE, or CACHED or STALE where they are from a copy that the connector keeps.
        as_of: up to when the copy tells (UTC); None when LIVE.
        warnings: what of a copy is not served, or had to be forgiven to read the reply as a whole.
        failure: why a STALE copy is shown.
        has_others: whether the department sends rows of other keys too, as it is known to do.
        failures: errors that concern single keys, by the key as it was sent.
    """

    rows: Sequence[Any]
    total_count: int | None = None
    are_structs: bool = False
    state: SourceState = SourceState.LIVE
    as_of: dt.datetime | None = None
    warnings: Sequence[SourceWarning] = ()
    failure: DepartmentError | None = None
    has_others: bool = False
    failures: Mapping[str, DepartmentError] = field(default_factory=lambda: NO_FAILURES)


class Connector(Protocol):
    """Speaks one wire style to one department. Raises `DepartmentError` only."""

    async def call(
        self,
        capability: str,
        bindings: Mapping[str, object],
        context: CallContext,
        shape: Shape | None,
    ) -> RowsOfReply:
        """Makes the call that the manifest has for `capability`, with its placeholders filled.

        A connector that can give rows as structs of `shape`, with nothing in them but what will be
        looked at, may do so.
        """

    async def close(self) -> None: ...


@runtime_checkable
class BringsRows(Protocol):
    """A connector that brings rows of its department in behind the questions."""

    async def open(self) -> None:
        """Begins to do so."""


@runtime_checkable
class KeepsCopies(Protocol):
    """A connector that keeps rows of its department: they must be found and dropped again."""

    async def erase(self, numbers: Collection[str]) -> int:
        """Drops kept rows of citizens with one of these numbers; how many."""


@dataclass(frozen=True, slots=True)
class CallPlan(Generic[CallT]):
    """A capability as its connector needs it.

    Attributes:
        capability: its name.
        call: the connector's own description of the call.
        rows: path from the reply to the rows; the reply itself when None.
        total: path from the reply to the number of all rows, where told.
        key: path from a row to the key that it answers; None for searches.
    """

    capability: str
    call: CallT
    rows: str | None
    total: str | None
    key: str | None = None


def walk(tree: Any, path: str | None) -> Any:
    """The value at `a/b` in nested mappings; None where a step is missing. TypeError on a leaf."""
    if path is None:
        return tree
    for step in path.split("/"):
        if tree is None or tree == "":
            return None
        if not isinstance(tree, Mapping):
            raise TypeError(f"expected an object around {step!r}, got {type(tree).__name__}")
        tree = tree.get(step)
    return tree
