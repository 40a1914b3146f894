"""Calls resolvers as Strawberry does, with their arguments, permissions and `info`."""

import asyncio
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import islice
from typing import Any, cast

from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path
from strawberry.permission import PermissionExtension
from strawberry.types.arguments import convert_arguments

from hub.execution.plan import FieldKind, FieldPlan
from schema.batch import Info, LookUpExtension, resolve_batch
from schema.context import RequestContext

Entry = tuple[Any, dict[str, Any]]
"""A parent, and the response object that its field goes into."""

Branch = tuple[FieldPlan, list[Entry]]

PERMITTED = object()


def group_of(field: FieldPlan, arguments_of: Callable[[FieldPlan], Mapping[str, Any]]) -> Hashable:
    """Return a value that is the same for branches of a level that are resolved together.

    Args:
        field: the field of a branch.
        arguments_of: returns its arguments; raises an exception if they are wrong.
    """
    if field.look_up is not None and field.permission is None:
        return id(field.source)
    if field.kind is FieldKind.BATCH:
        try:
            return id(field.source), repr(sorted(arguments_of(field).items()))
        except Exception:
            # A wrong argument concerns this alias only.
            return id(field)
    return id(field)


class PlanInfo:
    """The `info` of a resolver. Its path has the field's own key only."""

    __slots__ = ("context", "field_name", "path")

    def __init__(self, context: RequestContext, field: FieldPlan) -> None:
        self.context = context
        self.field_name = field.name
        self.path = Path(None, field.key, field.parent_type)


class Resolvers:
    """Calls the resolvers of one run, with the coerced variables of the operation."""

    def __init__(self, context: RequestContext, variables: VariableValues, schema: Any) -> None:
        self._context = context
        self._variables = variables
        self._schema = schema
        self._arguments: dict[int, dict[str, Any]] = {}

    def grouped(self, branches: Sequence[Branch]) -> list[list[Branch]]:
        """Group the branches of a level that can be resolved together: the aliases of one field."""
        groups: dict[Hashable, list[Branch]] = {}
        for branch in branches:
            groups.setdefault(group_of(branch[0], self.arguments_of), []).append(branch)
        return list(groups.values())

    async def outcomes(self, group: Sequence[Branch]) -> Sequence[Sequence[Any]]:
        """Resolve a group of branches for all their parents.

        Returns:
            For each branch and each of its parents, in order: the resolved value, or the exception
            that was raised.
        """
        field, entries = group[0]
        if len(group) == 1:
            return [await self._outcomes(field, [parent for parent, _ in entries])]
        if field.look_up is not None:
            return await self._look_up_all(field.look_up, group)
        parents = [parent for _, entries in group for parent, _ in entries]
        found = iter(await self._outcomes(field, parents))
        return [list(islice(found, len(entries))) for _, entries in group]

    async def _look_up_all(
        self, look_up: LookUpExtension, group: Sequence[Branch]
    ) -> Sequence[Sequence[Any]]:
        """Resolve the aliases of a look-up field with one call of its function."""
        key_or_error: list[Any] = []
        for field, _ in group:
            try:
                key_or_error.append(look_up.key_of(self.arguments_of(field)))
            except Exception as error:
                key_or_error.append(error)
        keys = dict.fromkeys(each for each in key_or_error if not isinstance(each, Exception))
        info = PlanInfo(self._context, group[0][0])
        outcomes = await resolve_batch(look_up.find, list(keys), info, {}) if keys else []
        found = dict(zip(keys, outcomes, strict=True))
        return [
            # A wrong argument is an error of its own alias only.
            [found.get(each, each)] * len(entries)
            for each, (_, entries) in zip(key_or_error, group, strict=True)
        ]

    async def _outcomes(self, field: FieldPlan, parents: Sequence[Any]) -> Sequence[Any]:
        """Resolve one branch for all its parents."""
        if field.permission is None:
            return await self._resolve_all(field, parents)
        return await self._permitted(field, field.permission, parents)

    async def _permitted(
        self, field: FieldPlan, permission: PermissionExtension, parents: Sequence[Any]
    ) -> Sequence[Any]:
        """Check the permission of each parent, then resolve all permitted parents together."""
        outcomes = await asyncio.gather(
            *(self._check_permission(field, permission, parent) for parent in parents)
        )
        permitted = [n for n, outcome in enumerate(outcomes) if outcome is PERMITTED]
        if permitted:
            resolved = await self._resolve_all(field, [parents[n] for n in permitted])
            for index, outcome in zip(permitted, resolved, strict=True):
                outcomes[index] = outcome
        return outcomes

    async def _check_permission(
        self, field: FieldPlan, permission: PermissionExtension, parent: Any
    ) -> Any:
        """Return `PERMITTED`, or the value or exception that replaces the field's value."""

        async def permitted(*_: Any, **__: Any) -> Any:
            return PERMITTED

        info = cast("Info", PlanInfo(self._context, field))
        try:
            arguments = self.arguments_of(field)
            return await permission.resolve_async(permitted, parent, info, **arguments)
        except Exception as error:
            return error

    async def _resolve_all(self, field: FieldPlan, parents: Sequence[Any]) -> Sequence[Any]:
        info = PlanInfo(self._context, field)
        if field.kind is FieldKind.BATCH:
            assert field.resolver is not None
            try:
                arguments = self.arguments_of(field)
            except Exception as error:
                return [error] * len(parents)
            return await resolve_batch(field.resolver, parents, info, arguments)
        if field.kind is FieldKind.ASYNC and len(parents) > 1:
            return await asyncio.gather(*(self._resolve_one(field, each) for each in parents))
        return [await self._resolve_one(field, parent) for parent in parents]

    async def _resolve_one(self, field: FieldPlan, parent: Any) -> Any:
        try:
            value = self.resolve(field, parent)
            return await value if field.kind is FieldKind.ASYNC else value
        except Exception as error:
            return error

    def resolve(self, field: FieldPlan, parent: Any) -> Any:
        """Resolve a field of one parent. Return an awaitable if the resolver is async."""
        source = field.source
        assert source is not None
        base = source.base_resolver
        if base is None or field.resolver is None:
            return getattr(parent, source.python_name)
        arguments = dict(self.arguments_of(field)) if source.arguments else {}
        if base.info_parameter:
            arguments[base.info_parameter.name] = PlanInfo(self._context, field)
        if base.parent_parameter:
            arguments[base.parent_parameter.name] = parent
        if base.root_parameter:
            arguments[base.root_parameter.name] = parent
        if base.self_parameter:
            return field.resolver(parent, **arguments)
        return field.resolver(**arguments)

    def arguments_of(self, field: FieldPlan) -> dict[str, Any]:
        """Return the field's arguments, coerced once per run, or once per plan if constant."""
        found = field.arguments if field.constant else self._arguments.get(id(field))
        if found is None:
            assert field.definition is not None
            assert field.source is not None
            coerced = get_argument_values(field.definition, field.nodes[0], self._variables)
            converter = self._schema.schema_converter
            found = convert_arguments(
                coerced,
                field.source.arguments,
                scalar_registry=converter.scalar_registry,
                config=self._schema.config,
            )
            if field.constant:
                field.arguments = found
            else:
                self._arguments[id(field)] = found
        return found
