"""Runs a plan: each waiting field once for all its parents, branch by branch, side by side."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from graphql import GraphQLError
from graphql.execution.values import VariableValues, get_argument_values
from graphql.pyutils import Path
from strawberry.permission import PermissionExtension
from strawberry.types.arguments import convert_arguments

from hub.execution.completion import bubble, complete
from hub.execution.plan import (
    FieldKind,
    FieldPlan,
    ObjectPlan,
    OperationPlan,
    Pending,
    ValueKind,
    ValuePlan,
)
from schema.batching import Info, Partial, resolve_batch
from schema.context import RequestContext

Entry = tuple[Any, dict[str, Any]]

PERMITTED = object()


class UnexpectedNullError(TypeError):
    """A builder met null where none is allowed; completion tells it properly."""


class PlanInfo:
    """What resolvers of a plan get as `info`: the context, and the path of a root field."""

    __slots__ = ("context", "field_name", "path")

    def __init__(self, context: RequestContext, field: FieldPlan) -> None:
        self.context = context
        self.field_name = field.name
        self.path = Path(None, field.key, field.parent_type)


class Run:
    """One run of a plan."""

    def __init__(
        self,
        plan: OperationPlan,
        context: RequestContext,
        variables: VariableValues,
        schema: Any,
    ) -> None:
        self._plan = plan
        self._context = context
        self._variables = variables
        self._schema = schema
        self._arguments: dict[int, dict[str, Any]] = {}
        self._noted: list[tuple[dict[str, Any], tuple[str | int, ...], FieldPlan, Any]] = []
        self._partial: list[tuple[dict[str, Any], str, tuple[Exception, ...]]] = []
        self._parent: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.concrete: dict[int, ObjectPlan] = {}

    async def run(self) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """The data, or None if a null reached the top, and the errors in no particular order."""
        root: Entry = (None, self.data)
        for field in self._plan.roots:
            self.data[field.key] = None
        waiting = []
        for field in self._plan.roots:
            if field.kind is FieldKind.TYPENAME:
                self.data[field.key] = self._plan.root_type
            else:
                waiting.append(self._run_field(field, [root]))
        if self._plan.serial:
            for each in waiting:
                await each
        else:
            await _side_by_side(waiting)
        if not self._noted and not self._partial:
            return self.data, []
        errors = self._located_errors()
        top = ValuePlan(ValueKind.OBJECT, True, self._plan.root_type)
        top.objects[None] = ObjectPlan(self._plan.root_type, self._plan.roots)
        return bubble(self.data, top, self.concrete), errors

    async def _run_field(self, field: FieldPlan, entries: list[Entry]) -> None:
        """Resolves a waiting field for all its parents, completes it, goes on below it."""
        parents = [parent for parent, _ in entries]
        if field.permission is None:
            outcomes = await self._resolve_all(field, parents)
        else:
            outcomes = await self._resolve_permitted(field, field.permission, parents)
        pending: Pending = [[] for _ in field.branches]
        try:
            self._build_all(field, entries, outcomes, pending)
        except Exception:
            # Something out of the ordinary is among them: all again, slowly and exactly.
            pending = [[] for _ in field.branches]
            self._complete_all(field, entries, outcomes, pending)
        below = [
            self._run_field(branch, found)
            for branch, found in zip(field.branches, pending, strict=True)
            if found
        ]
        await _side_by_side(below)

    async def _resolve_permitted(
        self, field: FieldPlan, permission: PermissionExtension, parents: Sequence[Any]
    ) -> Sequence[Any]:
        """Asks the permission parent by parent; the permitted ones are resolved together."""
        outcomes = await asyncio.gather(
            *(self._ask_permission(field, permission, parent) for parent in parents)
        )
        permitted = [n for n, outcome in enumerate(outcomes) if outcome is PERMITTED]
        if permitted:
            resolved = await self._resolve_all(field, [parents[n] for n in permitted])
            for place, outcome in zip(permitted, resolved, strict=True):
                outcomes[place] = outcome
        return outcomes

    async def _ask_permission(
        self, field: FieldPlan, permission: PermissionExtension, parent: Any
    ) -> Any:
        """`PERMITTED`, or what stands in the field's place."""

        async def permitted(*_: Any, **__: Any) -> Any:
            return PERMITTED

        info = cast("Info", PlanInfo(self._context, field))
        try:
            arguments = self._arguments_of(field)
            return await permission.resolve_async(permitted, parent, info, **arguments)
        except Exception as error:
            return error

    async def _resolve_all(self, field: FieldPlan, parents: Sequence[Any]) -> Sequence[Any]:
        info = PlanInfo(self._context, field)
        if field.kind is FieldKind.BATCH:
            assert field.resolver is not None
            try:
                arguments = self._arguments_of(field)
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
        """The raw value of a field of one parent, as strawberry would call its resolver."""
        source = field.source
        assert source is not None
        base = source.base_resolver
        if base is None or field.resolver is None:
            return getattr(parent, source.python_name)
        arguments = dict(self._arguments_of(field)) if source.arguments else {}
        if base.info_parameter:
            arguments[base.info_parameter.name] = PlanInfo(self._context, field)
        if base.parent_parameter:
            arguments[base.parent_parameter.name] = parent
        if base.root_parameter:
            arguments[base.root_parameter.name] = parent
        if base.self_parameter:
            return field.resolver(parent, **arguments)
        return field.resolver(**arguments)

    def _arguments_of(self, field: FieldPlan) -> dict[str, Any]:
        """The field's arguments, coerced and converted once in a run."""
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

    def _build_all(
        self, field: FieldPlan, entries: list[Entry], outcomes: Sequence[Any], pending: Pending
    ) -> None:
        """Raises on anything out of the ordinary; what it wrote is overwritten then."""
        value, key = field.value, field.key
        objects = value.objects.get(None) if value.kind is ValueKind.OBJECT else None
        build = objects.build if objects is not None else None
        # Parents that share an outcome share its response object, where nothing is added below it.
        shared: dict[int, Any] | None = {} if not field.branches and len(entries) > 1 else None
        partial: list[tuple[dict[str, Any], str, tuple[Exception, ...]]] = []
        for (_, result), outcome in zip(entries, outcomes, strict=True):
            if outcome.__class__ is Partial:
                partial.append((result, key, outcome.errors))
                outcome = outcome.value
            if isinstance(outcome, Exception):
                raise outcome
            if outcome is None:
                result[key] = None if value.nullable else self.refuse_null()
            elif build is None:
                result[key] = self._build_value(value, outcome, pending)
            elif shared is None:
                result[key] = build(outcome, pending, self)
            else:
                built = shared.get(id(outcome))
                if built is None:
                    built = shared[id(outcome)] = build(outcome, pending, self)
                result[key] = built
        self._partial += partial

    def _build_value(self, value: ValuePlan, raw: Any, pending: Pending) -> Any:
        """Lists, leaves and abstract types right below a waiting field."""
        if raw is None:
            return None if value.nullable else self.refuse_null()
        if value.kind is ValueKind.LIST:
            assert value.item is not None
            return [self._build_value(value.item, each, pending) for each in self.elements(raw)]
        if value.kind is ValueKind.LEAF:
            assert value.serialize is not None
            return self.not_null(value.serialize(raw))
        plan = value.objects.get(None) or value.objects[raw.__class__]
        return self.build(plan, raw, pending)

    def _complete_all(
        self,
        field: FieldPlan,
        entries: list[Entry],
        outcomes: Sequence[Any],
        pending: Pending,
    ) -> None:
        for (_, result), outcome in zip(entries, outcomes, strict=True):
            self._parent = result
            if isinstance(outcome, Partial):
                self._partial.append((result, field.key, outcome.errors))
                outcome = outcome.value
            result[field.key] = complete(outcome, field.value, field, (field.key,), pending, self)

    # What generated builders call.

    def build(self, plan: ObjectPlan, value: Any, pending: Pending) -> dict[str, Any]:
        """Builds an object of an abstract type, and remembers its concrete one."""
        assert plan.build is not None
        built = plan.build(value, pending, self)
        self.concrete[id(built)] = plan
        return built

    @staticmethod
    def elements(value: Any) -> Any:
        if value.__class__ in (list, tuple):
            return value
        raise TypeError("not a list")

    @staticmethod
    def not_null(value: Any) -> Any:
        if value is None:
            raise UnexpectedNullError
        return value

    @staticmethod
    def refuse_null() -> Any:
        raise UnexpectedNullError

    def note(self, steps: tuple[str | int, ...], field: FieldPlan, error: Exception) -> None:
        """Keeps an error of the value at `steps` below the response object being completed."""
        self._noted.append((self._parent, steps, field, error))

    def _located_errors(self) -> list[GraphQLError]:
        places: dict[int, tuple[str | int, ...]] = {}
        _find_places(self.data, (), places)
        errors: list[GraphQLError] = []
        for parent, steps, field, error in self._noted:
            path = [*places[id(parent)], *steps]
            original = error.original_error if isinstance(error, GraphQLError) else error
            message = error.message if isinstance(error, GraphQLError) else str(error)
            errors.append(GraphQLError(message, field.nodes, path=path, original_error=original))
        for parent, key, reasons in self._partial:
            self._context.note_partial([*places[id(parent)], key], reasons)
        return errors


def _find_places(
    value: Any, path: tuple[str | int, ...], places: dict[int, tuple[str | int, ...]]
) -> None:
    """The path of every object of the response, by its `id()`; looked up only when errors are."""
    if isinstance(value, dict):
        places[id(value)] = path
        for key, each in value.items():
            if isinstance(each, dict | list):
                _find_places(each, (*path, key), places)
    elif isinstance(value, list):
        for place, each in enumerate(value):
            if isinstance(each, dict | list):
                _find_places(each, (*path, place), places)


async def _side_by_side(waiting: Sequence[Any]) -> None:
    if len(waiting) == 1:
        await waiting[0]
    elif waiting:
        await asyncio.gather(*waiting)
