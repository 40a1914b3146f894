"""Strawberry's schema extensions around a plan: error masking, tracing, what they add to responses.

A plan honours `on_operation`, `on_execute` and `get_results`. An extension that looks into
parsing, validation or single fields is one that plans do not cover: graphql-core runs everything
then.
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
    """The schema's extensions, made anew for each operation as strawberry does."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema
        self.exist = bool(schema.extensions)
        self.need_graphql_core = any(map(_looks_deeper, schema.get_extensions()))

    async def around(
        self,
        document: DocumentNode,
        query: str,
        variables: dict[str, Any] | None,
        context: RequestContext,
        run: Callable[[], Awaitable[Answer]],
    ) -> tuple[Answer, dict[str, Any]]:
        """Runs the operation within the hooks: its answer as they leave it, and what they add."""
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


def _looks_deeper(extension: SchemaExtension) -> bool:
    kind = type(extension)
    return (
        kind._implements_resolve()
        or isinstance(extension, AddValidationRules)
        or kind.on_parse is not SchemaExtension.on_parse
        or kind.on_validate is not SchemaExtension.on_validate
    )
