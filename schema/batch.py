"""Batch fields and look-up fields: fields that are resolved together on each level.

A batch resolver is an async function

    async def load_family(
        parents: Parent[Sequence["Citizen"]], info: Info
    ) -> BatchOf["Family | None"]: ...

declared on its type with ``family: Family | None = batch_field(load_family, description=…)``. It
receives all parents of the level and returns one outcome per parent, in the same order. An outcome
is a value or an exception. A value of which a part is missing says so itself, as lists do in
`sources`: an error would be reported beside a value that is not null.

A look-up field finds one object by its arguments. It is an ordinary async resolver with a
`LookUpExtension`, so that all aliases of the field are resolved by one call of a function

    async def find_families(
        ids: Sequence[str], info: Info
    ) -> BatchOf["Family | None"]: ...

The hub's own executor calls these functions directly. When graphql-core executes an operation, a
strawberry `DataLoader` collects the parents or keys.
"""

import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeAlias, TypeVar, cast

import strawberry
from strawberry.dataloader import DataLoader
from strawberry.extensions import FieldExtension
from strawberry.permission import BasePermission
from strawberry.types import Info as StrawberryInfo

from schema.context import RequestContext

T = TypeVar("T")
U = TypeVar("U")
K = TypeVar("K")

Info: TypeAlias = StrawberryInfo[RequestContext, None]


Outcome: TypeAlias = T | Exception
BatchOf: TypeAlias = Sequence[Outcome[T]]

BatchResolver: TypeAlias = Callable[..., Awaitable[Sequence[Any]]]


class WrongBatchSizeError(RuntimeError):
    """A batch resolver returned more or fewer outcomes than it had parents (a bug in the hub)."""


class BatchExtension(FieldExtension):
    """Resolves a batch field when graphql-core executes it for one parent after another."""

    def __init__(self, resolver: BatchResolver) -> None:
        self.resolver = resolver
        self.parents_name = next(iter(inspect.signature(resolver).parameters))

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        # Strawberry also passes the parent as an argument. The DataLoader collects the parents.
        arguments.pop(self.parents_name, None)
        return value_of(await self._loader(info, arguments).load(source))

    def _loader(self, info: Info, arguments: dict[str, Any]) -> DataLoader[Any, Any]:
        loaders = info.context.loaders
        key = (self, repr(sorted(arguments.items())))
        if key not in loaders:

            async def load(parents: list[Any]) -> list[Any]:
                return await resolve_batch(self.resolver, parents, info, arguments)

            loaders[key] = DataLoader(load_fn=load, cache_key_fn=id)
        return cast("DataLoader[Any, Any]", loaders[key])


class LookUpExtension(FieldExtension):
    """Lets aliases of a look-up field be resolved together.

    Args:
        find: returns one outcome per key, as a batch resolver does per parent.
        arguments: Python names of the arguments that are the key. A key of several arguments is a
            tuple.
    """

    def __init__(self, find: BatchResolver, *arguments: str) -> None:
        self.find = find
        self._arguments = arguments

    def key_of(self, arguments: dict[str, Any]) -> Any:
        values = tuple(arguments[name] for name in self._arguments)
        return values[0] if len(values) == 1 else values

    async def resolve_async(
        self, next_: Callable[..., Awaitable[Any]], source: Any, info: Info, **arguments: Any
    ) -> Any:
        loaders = info.context.loaders
        if self not in loaders:

            async def load(keys: list[Any]) -> list[Any]:
                return await resolve_batch(self.find, keys, info, {})

            loaders[self] = DataLoader(load_fn=load)
        return value_of(await loaders[self].load(self.key_of(arguments)))


async def find_one(
    find: Callable[[Sequence[K], Info], Awaitable[BatchOf[T]]], key: K, info: Info
) -> T:
    """Return the value for one key, for a look-up field without aliases.

    Raises:
        Exception: there is no value for the key.
    """
    return value_of((await find([key], info))[0])


async def resolve_batch(
    resolver: BatchResolver, parents: Sequence[Any], info: Any, arguments: dict[str, Any]
) -> list[Any]:
    """Return one outcome per parent. If the resolver raises, all outcomes are its exception.

    Raises:
        WrongBatchSizeError: the number of outcomes is wrong.
    """
    try:
        outcomes = list(await resolver(parents, info, **arguments))
    except Exception as error:
        return [error] * len(parents)
    if len(outcomes) != len(parents):
        message = (
            f"{resolver.__name__} returned {len(outcomes)} outcomes for {len(parents)} parents"
        )
        raise WrongBatchSizeError(message)
    return outcomes


def value_of(outcome: Outcome[T]) -> T:
    """Return the value of an outcome, for a field that is not a batch field.

    Raises:
        Exception: the outcome, if it is an exception.
    """
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def map_value(outcome: Outcome[T], change: Callable[[T], U]) -> Outcome[U]:
    """Return the outcome with its value changed. An exception stays as it is."""
    return outcome if isinstance(outcome, Exception) else change(outcome)


READS = "reads"
READS_WHOLE = "reads_whole"
READS_OF = "reads_of"
READS_FOR_ARGUMENTS = "reads_for_arguments"
READS_CATALOGUE = "reads_catalogue"

Attributes: TypeAlias = Mapping[str, tuple[str, ...]]
"""Names of attributes by record type."""


def reads(*attributes: str) -> dict[str, tuple[str, ...]]:
    """Return the metadata of a field: the attributes of the parent that its resolver reads.

    Attributes that no field of an operation needs are not read from a department's reply. Without
    this metadata, the field needs all attributes.
    """
    return {READS: attributes}


def reads_whole(*record_types: str) -> dict[str, tuple[str, ...]]:
    """Return the metadata of a field: the record types that its resolver reads as a whole."""
    return {READS_WHOLE: record_types}


def reads_of(attributes: Attributes) -> dict[str, Any]:
    """Return the metadata of a field: the attributes of other record types that it reads.

    It reads all of these, and nothing of the parent that a department sends.
    """
    return {READS: (), READS_OF: attributes}


def reads_catalogue() -> dict[str, bool]:
    """Return the metadata of a field that reads only the public catalogue.

    Caches may store the response to an operation that selects no other resolver with `info`.
    """
    return {READS_CATALOGUE: True}


def batch_field(
    resolver: BatchResolver,
    *,
    description: str,
    reads: tuple[str, ...] | None = None,
    whole: tuple[str, ...] = (),
    for_arguments: Mapping[str, Attributes] | None = None,
    permission_classes: Sequence[type[BasePermission]] = (),
) -> Any:
    """Declare a field that `resolver` resolves for all parents of a level together.

    Args:
        reads: the attributes of a parent that the resolver reads, see `reads()`.
        whole: the record types that the resolver reads as a whole, see `reads_whole()`.
        for_arguments: the attributes of other record types that the resolver reads if an argument
            is given, by the argument's GraphQL name.
        permission_classes: checked for each parent; the resolver receives the permitted parents.
    """
    return strawberry.field(
        resolver=resolver,
        description=description,
        metadata={READS_WHOLE: whole, READS_FOR_ARGUMENTS: for_arguments or {}}
        | ({} if reads is None else {READS: reads}),
        extensions=[BatchExtension(resolver)],
        permission_classes=list(permission_classes),
    )
