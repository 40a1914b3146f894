"""The context that resolvers receive in addition to their parents, one per operation."""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphql import GraphQLError
from strawberry.dataloader import DataLoader

from schema.needed_fields import NeededFields

if TYPE_CHECKING:
    from schema.sources import Sources


@dataclass(slots=True)
class RequestContext:
    """Context of one operation.

    Attributes:
        correlation_id: id of the operation in errors, logs and calls to departments.
        bind: binds the ports to the operation's principal and deadline, and to the fields that it
            reads.
        sources: the bound ports; set by `start`.
        partial_errors: errors of fields that have a value nevertheless (`schema.batch.Partial`).
        loaders: DataLoaders of batch fields; used by graphql-core only.
    """

    correlation_id: str
    bind: "Callable[[NeededFields], Sources]"
    sources: "Sources" = field(init=False)
    partial_errors: list[GraphQLError] = field(default_factory=list)
    loaders: dict[Hashable, DataLoader[object, object]] = field(default_factory=dict)

    def start(self, needed: NeededFields) -> None:
        """Bind the ports, when the fields that the operation reads are known."""
        self.sources = self.bind(needed)

    def note_partial(self, path: list[str | int], errors: Iterable[Exception]) -> None:
        """Report errors at `path`, although the field has a value."""
        self.partial_errors.extend(
            GraphQLError(str(error), path=path, original_error=error) for error in errors
        )
