"""The context that resolvers receive in addition to their parents, one per operation."""

import datetime as dt
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from graphql import GraphQLError
from strawberry.dataloader import DataLoader

from schema.budget import UNLIMITED, Budget
from schema.needed_fields import ALL_FIELDS, NeededFields
from schema.working_days import today_in_india

if TYPE_CHECKING:
    from schema.sources import Sources


async def _nothing() -> None:
    return


@dataclass(slots=True)
class RequestContext:
    """Context of one operation.

    Attributes:
        correlation_id: id of the operation in errors, logs and calls to departments.
        bind: binds the ports to the operation's principal and deadline, and to the fields that it
            reads.
        budget: what the caller may still spend and try.
        commit: writes the operation's entries to the access log. Await it before the response is
            sent.
        element_errors: errors of elements of lists that are null because of them.
        today: the day in India on which the operation began.
        loaders: DataLoaders of batch fields; used by graphql-core only.
    """

    correlation_id: str
    bind: "Callable[[NeededFields], Sources]"
    commit: Callable[[], Awaitable[None]] = _nothing
    budget: Budget = UNLIMITED
    element_errors: list[GraphQLError] = field(default_factory=list)
    today: dt.date = field(default_factory=today_in_india)
    loaders: dict[Hashable, DataLoader[object, object]] = field(default_factory=dict)
    _needed: NeededFields = ALL_FIELDS
    _sources: "Sources | None" = None

    def start(self, needed: NeededFields) -> None:
        """Set the fields that the operation reads, before a resolver runs."""
        self._needed, self._sources = needed, None

    @property
    def sources(self) -> "Sources":
        """The ports; bound when a resolver needs them first, because some operations need none."""
        if self._sources is None:
            self._sources = self.bind(self._needed)
        return self._sources

    def note_error(self, path: list[str | int], error: Exception) -> None:
        """Report why the element of a list at `path` is null."""
        self.element_errors.append(GraphQLError(str(error), path=path, original_error=error))
