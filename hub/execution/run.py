"""Runs a plan, level by level.

A branch is resolved once for all its parents. Aliases of a field on the same level are resolved
together, other branches concurrently.
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from graphql import GraphQLError
from graphql.execution.values import VariableValues

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
from hub.execution.resolvers import Branch, Entry, Resolvers
from schema.context import RequestContext


class UnexpectedNullError(TypeError):
    """A generated builder found null in a non-null field. The slow path reports it."""


class Run:
    """One run of a plan.

    Attributes:
        data: the response data.
        concrete: the chosen plan for each response object of an abstract type, by `id()`.
    """

    def __init__(
        self, plan: OperationPlan, context: RequestContext, variables: VariableValues, schema: Any
    ) -> None:
        self._plan = plan
        self._context = context
        self._resolvers = Resolvers(context, variables, schema)
        self.resolve = self._resolvers.resolve
        self.arguments_of = self._resolvers.arguments_of
        self._noted: list[tuple[dict[str, Any], tuple[str | int, ...], FieldPlan, Any]] = []
        self._parent: dict[str, Any] = {}
        self.data: dict[str, Any] = {}
        self.concrete: dict[int, ObjectPlan] = {}

    async def run(self) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        """Run the plan.

        Returns:
            The data, or None if a null propagated to the root; and the errors, in any order.
        """
        root: Entry = (None, self.data)
        for field in self._plan.roots:
            self.data[field.key] = None
        branches: list[Branch] = []
        for field in self._plan.roots:
            if field.kind is FieldKind.TYPENAME:
                self.data[field.key] = self._plan.root_type
            else:
                branches.append((field, [root]))
        if self._plan.serial:
            for branch in branches:
                await self._run_group([branch])
        else:
            await self._run_level(branches)
        if not self._noted:
            return self.data, []
        errors = self._located_errors()
        # The tracebacks of the errors refer to this run. Without the cycle, it is freed at once.
        self._noted.clear()
        top = ValuePlan(ValueKind.OBJECT, True, self._plan.root_type)
        top.objects[None] = ObjectPlan(self._plan.root_type, self._plan.roots)
        return bubble(self.data, top, self.concrete), errors

    async def _run_level(self, branches: list[Branch]) -> None:
        groups = [[branch] for branch in branches]
        if self._plan.has_aliases and len(branches) > 1:
            groups = self._resolvers.grouped(branches)
        if len(groups) == 1:
            await self._run_group(groups[0])
        elif groups:
            await asyncio.gather(*map(self._run_group, groups))

    async def _run_group(self, group: list[Branch]) -> None:
        """Resolve branches of one field, build their values, then run the branches below them."""
        outcomes = await self._resolvers.outcomes(group)
        below: list[Branch] = []
        for (field, entries), found in zip(group, outcomes, strict=True):
            below += self._build_branch(field, entries, found)
        if below:
            await self._run_level(below)

    def _build_branch(
        self, field: FieldPlan, entries: list[Entry], outcomes: Sequence[Any]
    ) -> list[Branch]:
        """Build the values of a branch; return the branches below, with their parents."""
        pending: Pending = [[] for _ in field.branches]
        try:
            self._build_all(field, entries, outcomes, pending)
        except Exception:
            # Build all values again on the slow path, which locates errors and handles nulls.
            pending = [[] for _ in field.branches]
            self._complete_all(field, entries, outcomes, pending)
        return [each for each in zip(field.branches, pending, strict=True) if each[1]]

    def _build_all(
        self, field: FieldPlan, entries: list[Entry], outcomes: Sequence[Any], pending: Pending
    ) -> None:
        """Build all values on the fast path.

        It raises on the first error or unexpected value. The slow path then overwrites all results.
        """
        value, key = field.value, field.key
        objects = value.objects.get(None) if value.kind is ValueKind.OBJECT else None
        build = objects.build if objects is not None else None
        # Parents with the same value share its response object, unless branches below modify it.
        shared: dict[int, Any] | None = {} if not field.branches and len(entries) > 1 else None
        for (_, result), outcome in zip(entries, outcomes, strict=True):
            if isinstance(outcome, Exception):
                # Not `raise outcome`: its traceback and this frame would refer to each other.
                raise TypeError("the outcome is an error")
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

    def _build_value(self, value: ValuePlan, raw: Any, pending: Pending) -> Any:
        """Build a list, leaf or object of abstract type directly below a branch."""
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
        self, field: FieldPlan, entries: list[Entry], outcomes: Sequence[Any], pending: Pending
    ) -> None:
        for (_, result), outcome in zip(entries, outcomes, strict=True):
            self._parent = result
            result[field.key] = complete(outcome, field.value, field, (field.key,), pending, self)

    # Generated builders call these methods.

    def build(self, plan: ObjectPlan, value: Any, pending: Pending) -> dict[str, Any]:
        """Build an object of an abstract type and record its concrete type."""
        assert plan.build is not None
        built = plan.build(value, pending, self)
        self.concrete[id(built)] = plan
        return built

    @staticmethod
    def elements(value: Any) -> Any:
        """Return the value if it is a list; raise TypeError otherwise."""
        if value.__class__ in (list, tuple):
            return value
        raise TypeError("not a list")

    @staticmethod
    def not_null(value: Any) -> Any:
        """Return the value of a non-null field; raise UnexpectedNullError if it is None."""
        if value is None:
            raise UnexpectedNullError
        return value

    @staticmethod
    def refuse_null() -> Any:
        """Raise UnexpectedNullError: a non-null field is None."""
        raise UnexpectedNullError

    def note(self, steps: tuple[str | int, ...], field: FieldPlan, error: Exception) -> None:
        """Record an error on the slow path.

        `steps` is the path of the value, relative to the response object that is being completed.
        """
        self._noted.append((self._parent, steps, field, error))

    def _located_errors(self) -> list[GraphQLError]:
        paths: dict[int, tuple[str | int, ...]] = {}
        _collect_paths(self.data, (), paths)
        errors: list[GraphQLError] = []
        for parent, steps, field, error in self._noted:
            path = [*paths[id(parent)], *steps]
            original = error.original_error if isinstance(error, GraphQLError) else error
            message = error.message if isinstance(error, GraphQLError) else str(error)
            errors.append(GraphQLError(message, field.nodes, path=path, original_error=original))
        return errors


def _collect_paths(
    value: Any, path: tuple[str | int, ...], paths: dict[int, tuple[str | int, ...]]
) -> None:
    """Collect the path of every response object by its `id()`. Only errors need the paths."""
    if isinstance(value, dict):
        paths[id(value)] = path
        for key, each in value.items():
            if isinstance(each, dict | list):
                _collect_paths(each, (*path, key), paths)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            if isinstance(each, dict | list):
                _collect_paths(each, (*path, index), paths)
