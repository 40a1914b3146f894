"""Runs Strawberry's schema extensions around a plan.

Plans support the hooks `on_operation`, `on_execute` and `get_results`. If an extension hooks into
parsing, validation or single fields, graphql-core executes every operation.
"""

from collections.abc import Awaitable, Callable
from typing import Any

import strawberry
from graphql import DocumentNode, ExecutionResult, GraphQLError
from strawberry.extensions import AddValidationRules, SchemaExtension
from strawberry.extensions.runner import SchemaExtensionsRunner
from strawberry.types import ExecutionContext
from strawberry.types.graphql import OperationType

from schema.context import RequestContext

Answer = tuple[dict[str, Any] | None, list[GraphQLError]]


class Hooks:
    """The schema's extensions. Each operation gets new instances of them, as in Strawberry.

    Attributes:
        exist: True if the schema has extensions.
        need_graphql_core: True if an extension has a hook that plans do not support.
    """

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self.exist = bool(schema.extensions)
        self.need_graphql_core = any(map(_needs_graphql_core, schema.get_extensions()))

    async def around(
        self,
        document: DocumentNode,
        query: str,
        variables: dict[str, Any] | None,
        context: RequestContext,
        run: Callable[[], Awaitable[Answer]],
    ) -> tuple[Answer, dict[str, Any]]:
        """Run an operation inside the hooks; `run` executes the plan.

        Returns:
            The data and errors, which hooks may have changed, and the additions to `extensions`.
        """
        execution = ExecutionContext(
            query=query,
            schema=self._schema,
            allowed_operations=set(OperationType),
            context=context,
            variables=variables,
            graphql_document=document,
        )
        extensions = self._schema.get_extensions()
        for each in extensions:
            each.execution_context = execution
        runner = SchemaExtensionsRunner(execution, extensions)
        async with runner.operation(), runner.executing():
            data, errors = await run()
            execution.result = ExecutionResult(data, errors or None)
        result = execution.result
        assert isinstance(result, ExecutionResult)
        added = await runner.get_extensions_results(execution)
        return (result.data, list(result.errors or ())), added


def _needs_graphql_core(extension: SchemaExtension) -> bool:
    kind = type(extension)
    return (
        kind._implements_resolve()
        or isinstance(extension, AddValidationRules)
        or kind.on_parse is not SchemaExtension.on_parse
        or kind.on_validate is not SchemaExtension.on_validate
    )
