"""Executes one GraphQL operation and gives the response as plain values."""

from dataclasses import dataclass
from typing import Any

import strawberry
from graphql import ExecutionResult, GraphQLError
from strawberry.types.graphql import OperationType

from hub.execution.errors import error_entry
from schema.context import RequestContext


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A request as GraphQL over HTTP has it.

    Attributes:
        query: the document.
        variables: values of its variables.
        operation_name: which operation of the document to run.
        read_only: whether mutations are refused (a GET request).
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    read_only: bool = False


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """A response as GraphQL over HTTP has it.

    Attributes:
        body: `data`, `errors`.
        executed: False when the operation was refused before it ran.
    """

    body: dict[str, Any]
    executed: bool


class Executor:
    """Runs operations with graphql-core, batch fields behind strawberry's DataLoader."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResponse:
        allowed = {OperationType.QUERY} if request.read_only else set(OperationType)
        result = await self._schema.execute(
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.operation_name,
            allowed_operation_types=allowed,
        )
        executed = isinstance(result, ExecutionResult) or result.data is not None
        errors: list[GraphQLError] = [*(result.errors or ()), *context.partial_errors]
        body: dict[str, Any] = {}
        if errors:
            body["errors"] = [
                error_entry(error, context.correlation_id) for error in sorted(errors, key=_place)
            ]
        if executed or not errors:
            body["data"] = result.data
        return GraphQLResponse(body, executed)


def _place(error: GraphQLError) -> list[str]:
    """Orders errors by their path, so that a response is the same from run to run."""
    return [str(step).zfill(6) if isinstance(step, int) else step for step in error.path or ()]
