"""What a resolver is given besides its parents: one `RequestContext` per operation."""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphql import GraphQLError
from strawberry.dataloader import DataLoader

if TYPE_CHECKING:
    from schema.sources import Sources


@dataclass(slots=True)
class RequestContext:
    """One operation's context.

    Attributes:
        sources: the ports, already bound to the asking principal and to the deadline.
        correlation_id: names this request in errors, logs and calls to departments.
        needed: fields that the operation asks of each record type, where the executor knows them;
            the ports read it while the operation runs.
        partial_errors: errors that accompany a value instead of replacing it (`Partial`).
        loaders: DataLoaders of batch fields; used by graphql-core only.
    """

    sources: "Sources"
    correlation_id: str
    needed: dict[str, frozenset[str]] = field(default_factory=dict)
    partial_errors: list[GraphQLError] = field(default_factory=list)
    loaders: dict[Hashable, DataLoader[object, object]] = field(default_factory=dict)

    def note_partial(self, path: list[str | int], errors: Iterable[Exception]) -> None:
        """Adds errors at `path` although the field there has a value."""
        self.partial_errors.extend(
            GraphQLError(str(error), path=path, original_error=error) for error in errors
        )
