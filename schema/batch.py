"""Batch fields: a field that is resolved once for all its parents.

A batch resolver is an ordinary async function

    async def load_family(
        parents: Parent[Sequence["Citizen"]], info: Info
    ) -> BatchOf["Family | None"]: ...

declared on its type with ``family: Family | None = batch_field(load_family, description=…)``. It
gets every parent of the level at once and gives one outcome per parent, in order: a value, a
`Partial` (a value and the errors that explain what is missing from it), or an exception.

graphql-core meets a batch field through strawberry's `DataLoader`, one per field and arguments.
"""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeAlias, TypeVar, cast

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.types import Info as StrawberryInfo

from schema.context import RequestContext

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)

Info: TypeAlias = StrawberryInfo[RequestContext, None]


@dataclass(frozen=True, slots=True)
class Partial(Generic[T_co]):
    """A value that is worth having although something is missing from it, and why it is missing."""

    value: T_co
    errors: tuple[Exception, ...]


Outcome: TypeAlias = T | Partial[T] | Exception
BatchOf: TypeAlias = Sequence[Outcome[T]]

BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]


class WrongBatchSizeError(RuntimeError):
    """A batch resolver gave more or fewer outcomes than it had parents: a defect in the hub."""


class BatchExtension(FieldExtension):
    """Lets graphql-core, which asks parent by parent, meet a batch resolver."""

    def __init__(self, resolver: BatchResolver) -> None:
        self.resolver = resolver
        self.parents_name = next(iter(inspect.signature(resolver).parameters))

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        # Strawberry gives the parent as an argument too; here the parents go in together.
        arguments.pop(self.parents_name, None)
        outcome = await self._loader(info, arguments).load(source)
        if isinstance(outcome, Partial):
            info.context.note_partial(info.path.as_list(), outcome.errors)
            return outcome.value
        return outcome

    def _loader(self, info: Info, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
        loaders = info.context.loaders
        key = (self, repr(sorted(arguments.items())))
        if key not in loaders:

            async def load(parents: list[Any]) -> list[Any]:
                return await resolve_batch(self.resolver, parents, info, arguments)

            loaders[key] = DataLoader(load_fn=load, cache_key_fn=id)
        return cast("DataLoader[Any, Any]", loaders[key])


async def resolve_batch(
    resolver: BatchResolver, parents: Sequence[Any], info: Any, arguments: dict[str, Any]
) -> list[Any]:
    """One outcome per parent; an exception of the whole batch becomes everyone's outcome."""
    try:
        outcomes = list(await resolver(parents, info, **arguments))
    except Exception as error:
        return [error] * len(parents)
    if len(outcomes) != len(parents):
        message = f"{resolver.__name__} gave {len(outcomes)} outcomes for {len(parents)} parents"
        raise WrongBatchSizeError(message)
    return outcomes


def value_of(info: Info, outcome: Outcome[T]) -> T:
    """The one outcome of a field that is no batch field; raises it when it is an error."""
    if isinstance(outcome, Exception):
        raise outcome
    if isinstance(outcome, Partial):
        info.context.note_partial(info.path.as_list(), outcome.errors)
        return outcome.value
    return outcome


READS = "reads"
READS_WHOLE = "reads_whole"


def reads(*attributes: str) -> dict[str, tuple[str, ...]]:
    """Metadata of a field with a resolver: which attributes of its parent it looks at.

    Attributes that no field of an operation asks for or looks at are not read from a department's
    reply. A field that does not say is taken to look at all of them.
    """
    return {READS: attributes}


def reads_whole(*record_types: str) -> dict[str, tuple[str, ...]]:
    """Metadata of a field whose resolver looks at whole records that it does not return."""
    return {READS_WHOLE: record_types}


def batch_field(
    resolver: BatchResolver,
    *,
    description: str,
    reads: tuple[str, ...] | None = None,
    permission_classes: Sequence[type[BasePermission]] = (),
) -> Any:
    """Declares a field that `resolver` answers for all parents of a level at once.

    `reads` tells which attributes of a parent the resolver looks at, as in `reads()`. Permissions
    are asked parent by parent; the resolver meets the permitted ones together.
    """
    return strawberry.field(
        resolver=resolver,
        description=description,
        metadata=None if reads is None else {READS: reads},
        extensions=[BatchExtension(resolver)],
        permission_classes=list(permission_classes),
    )
