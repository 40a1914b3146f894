"""Executes GraphQL operations.

Most operations run on a compiled breadth-first plan. graphql-core runs introspection and the
operations that plans do not support. Both use the same resolvers.
"""

from dataclasses import dataclass
from typing import Any, Literal

import strawberry
from graphql import GraphQLError, OperationType
from graphql.execution.values import get_variable_values
from strawberry.types.graphql import OperationType as StrawberryOperationType

from hub.execution.documents import DocumentError, Documents
from hub.execution.errors import error_entry
from hub.execution.hooks import Hooks
from hub.execution.run import Run
from hub.execution.trusted_documents import TrustedDocument
from schema.context import RequestContext
from schema.needed_fields import ALL_FIELDS

MAX_VARIABLE_ERRORS = 50
"""Maximum number of errors reported about variables, as in graphql-core."""


class ReadOnlyError(Exception):
    """A read-only request contains a mutation."""


@dataclass(frozen=True, slots=True)
class GraphQLRequest:
    """A GraphQL request.

    Attributes:
        query: text of the document.
        variables: values of the variables, by name.
        operation_name: operation to run; None if the document has only one.
        read_only: refuse mutations, as for GET requests.
        trusted_document: the trusted document that the text is from, if any.
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    read_only: bool = False
    trusted_document: TrustedDocument | None = None


@dataclass(frozen=True, slots=True)
class GraphQLResponse:
    """A GraphQL response.

    Attributes:
        body: `data`, `errors` and `extensions`, ready to be written as JSON.
        executor: `plan` or `graphql-core`; `refused` if the operation could not run.
        is_public: True if the response depends on the public catalogue only and has no errors.
    """

    body: dict[str, Any]
    executor: Literal["plan", "graphql-core", "refused"]
    is_public: bool = False

    @property
    def executed(self) -> bool:
        return self.executor != "refused"


class Executor:
    """Executes operations on one schema.

    `debug` adds `extensions.executor` to each response. Without `introspection`, documents that
    query the schema are refused.
    """

    def __init__(
        self, schema: strawberry.Schema, *, debug: bool = False, introspection: bool = True
    ) -> None:
        self._schema = schema
        self._debug = debug
        self._documents = Documents(schema, introspection=introspection)
        self._hooks = Hooks(schema)

    def root_fields(self, request: GraphQLRequest) -> tuple[str, ...]:
        """Return the names of the first ten root fields; none if the document is not cached."""
        known = self._documents.known(request.query, request.operation_name)
        return known.root_fields if known else ()

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResponse:
        """Execute an operation, on a plan if possible. Its errors are in the response.

        Raises:
            ReadOnlyError: the request is read-only, but its operation is not a query.
        """
        try:
            prepared = self._documents.prepare(request.query, request.operation_name)
        except DocumentError as error:
            return _refused(error.errors, context)
        if request.read_only and prepared.operation.operation is not OperationType.QUERY:
            raise ReadOnlyError
        variables = get_variable_values(
            self._schema._schema,
            prepared.operation.variable_definitions or (),
            request.variables or {},
            max_errors=MAX_VARIABLE_ERRORS,
        )
        if isinstance(variables, list):
            return _refused(variables, context)
        plan = self._documents.plan_of(prepared, variables.coerced)
        if plan is None or self._hooks.need_graphql_core:
            return await self.execute_with_graphql_core(request, context)
        context.start(plan.needed)
        run = Run(plan, context, variables, self._schema).run
        if not self._hooks.exist:
            response = self._response("plan", *await run(), {}, context)
            if plan.reads_catalogue_only and "errors" not in response.body:
                return GraphQLResponse(response.body, "plan", is_public=True)
            return response
        answer, added = await self._hooks.around(
            prepared.document, request.query, request.variables, context, run
        )
        return self._response("plan", *answer, added, context)

    async def execute_with_graphql_core(
        self, request: GraphQLRequest, context: RequestContext
    ) -> GraphQLResponse:
        """Execute an operation on graphql-core, where a DataLoader resolves each batch field."""
        context.start(ALL_FIELDS)
        result = await self._schema.execute(
            request.query,
            variable_values=request.variables,
            context_value=context,
            operation_name=request.operation_name,
            allowed_operation_types=set(StrawberryOperationType),
        )
        errors, added = list(result.errors or ()), result.extensions or {}
        return self._response("graphql-core", result.data, errors, added, context)

    def _response(
        self,
        executor: Literal["plan", "graphql-core"],
        data: dict[str, Any] | None,
        errors: list[GraphQLError],
        added: dict[str, Any],
        context: RequestContext,
    ) -> GraphQLResponse:
        body: dict[str, Any] = {}
        found = [*errors, *context.element_errors]
        if found:
            body["errors"] = _entries(found, context)
        body["data"] = data
        if self._debug:
            added = {**added, "executor": executor}
        if added:
            body["extensions"] = added
        return GraphQLResponse(body, executor)


def _refused(errors: list[GraphQLError], context: RequestContext) -> GraphQLResponse:
    return GraphQLResponse({"errors": _entries(errors, context)}, "refused")


def _entries(errors: list[GraphQLError], context: RequestContext) -> list[dict[str, Any]]:
    # Sorted by path: departments reply in any order, but equal responses must have equal bytes.
    return [error_entry(error, context.correlation_id) for error in sorted(errors, key=_path_of)]


def _path_of(error: GraphQLError) -> list[str]:
    return [str(step).zfill(6) if isinstance(step, int) else step for step in error.path or ()]
