"""What every connector is: it makes one call and gives the rows of the reply."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from adapters.contract import CallContext
from adapters.mapping.access import Shape
from schema.provenance import SourceWarning

CallT = TypeVar("CallT")


@dataclass(frozen=True, slots=True)
class RowsOfReply:
    """The rows that a reply holds.

    Attributes:
        rows: the rows as the wire has them, not mapped yet.
        total_count: rows of the whole list, where the department tells it.
        are_structs: whether the rows are structs of the shape that was asked for; else mappings.
        warnings: what had to be forgiven to read the reply as a whole.
    """

    rows: Sequence[Any]
    total_count: int | None = None
    are_structs: bool = False
    warnings: Sequence[SourceWarning] = ()


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


@dataclass(frozen=True, slots=True)
class CallPlan(Generic[CallT]):
    """A capability as its connector needs it.

    Attributes:
        capability: its name.
        call: the connector's own description of the call.
        rows: path from the reply to the rows; the reply itself when None.
        total: path from the reply to the number of all rows, where told.
    """

    capability: str
    call: CallT
    rows: str | None
    total: str | None


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
