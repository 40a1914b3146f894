"""Executes GraphQL operations.

Most operations run on a compiled breadth-first plan. graphql-core runs introspection and the
operations that plans do not support. Both use the same resolvers.
"""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Literal

import strawberry
from graphql import (
    ExecutionResult,
    GraphQLError,
    OperationType,
    execute_sync,
)
from graphql import (
    execute as execute_on_core,
)
from graphql.execution.values import VariableValues, get_variable_values
from strawberry.types.graphql import OperationType as StrawberryOperationType

from hub.execution.compiler import Compiler
from hub.execution.demand.limits import Limits, limit_error
from hub.execution.documents import DocumentError, Documents, Planned, Prepared
from hub.execution.errors import error_entry
from hub.execution.hooks import Hooks
from hub.execution.preparation import Preparation
from hub.execution.run import Run
from hub.execution.trusted_documents import TrustedDocument
from hub.observe.demand import DemandMetrics
from schema.codes import ErrorCode
from schema.context import RequestContext
from schema.errors import HubError
from schema.needed_fields import ALL_FIELDS

MAX_VARIABLE_ERRORS = 50
"""Maximum number of errors reported about variables, as in graphql-core."""
CHARACTERS_PER_COST = 20
"""A document that is not in the cache costs 1 for this number of characters, because the hub has
to prepare it. This takes about 0.1 ms."""
INTROSPECTION = frozenset({"__schema", "__type", "__typename"})


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
        report_cost: add the cost to `extensions.cost` of the response.
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    read_only: bool = False
    trusted_document: TrustedDocument | None = None
    report_cost: bool = False


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

    Args:
        schema: the schema.
        debug: add `extensions.executor` to each response.
        introspection: run documents that query the schema.
        limits: maximum sizes of documents, variables and responses.
        metrics: counts costs and refusals.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        *,
        debug: bool = False,
        introspection: bool = True,
        limits: Limits | None = None,
        metrics: DemandMetrics | None = None,
    ) -> None:
        self._schema = schema
        self._debug = debug
        self._limits = limits or Limits()
        self._metrics = metrics or DemandMetrics()
        self._documents = Documents(schema, self._limits, introspection=introspection)
        self._preparation = Preparation(self._documents, lambda: Compiler(schema))
        self._hooks = Hooks(schema)

    def root_fields(self, request: GraphQLRequest) -> tuple[str, ...]:
        """Return the names of the first ten root fields; none if the document is not cached."""
        known = self._documents.known(request.query, request.operation_name)
        return known.root_fields if known else ()

    async def execute(self, request: GraphQLRequest, context: RequestContext) -> GraphQLResponse:
        """Execute an operation, on a plan if possible. Its errors are in the response.

        Raises:
            ReadOnlyError: the request is read-only, but its operation is not a query.
            HubError: `COST_BUDGET_EXCEEDED`, the caller's budget is too small for the operation.
                `OVERLOADED`, too many new documents arrive at once.
        """
        try:
            prepared = self._documents.known(request.query, request.operation_name)
            if prepared is None:
                context.budget.spend(1 + len(request.query) // CHARACTERS_PER_COST)
                prepared = await self._preparation.prepare(request.query, request.operation_name)
            if request.read_only and prepared.operation.operation is not OperationType.QUERY:
                raise ReadOnlyError
            variables = self._variables(prepared, request.variables or {})
            planned = prepared.plans.get(prepared.conditions_in(variables.coerced))
            if planned is None:
                planned = await self._preparation.plan(prepared, variables.coerced)
            estimated = self._estimate(planned, prepared, variables)
        except DocumentError as error:
            self._metrics.refused_document(error.errors)
            return self._refused(error.errors, context)
        context.budget.spend(estimated)
        response = await self._run(request, context, prepared, planned, variables)
        actual = planned.cost.actual(response.body.get("data"))
        context.budget.give_back(estimated - actual)
        self._metrics.cost(estimated, actual)
        if request.report_cost:
            cost = {
                "estimated": estimated,
                "actual": actual,
                "maximum": self._limits.cost,
                "remaining": context.budget.remaining,
            }
            response.body.setdefault("extensions", {})["cost"] = cost
            return GraphQLResponse(response.body, response.executor)
        return response

    def _variables(self, prepared: Prepared, given: dict[str, Any]) -> VariableValues:
        """Return the coerced variables.

        Raises:
            DocumentError: they are wrong, or exceed a limit.
        """
        if given:
            try:
                self._limits.check_variables(given)
            except GraphQLError as error:
                raise DocumentError([error]) from None
        variables = get_variable_values(
            self._schema._schema,
            prepared.operation.variable_definitions or (),
            given,
            max_errors=MAX_VARIABLE_ERRORS,
        )
        if isinstance(variables, list):
            raise DocumentError(variables)
        return variables

    def _estimate(self, planned: Planned, prepared: Prepared, variables: VariableValues) -> int:
        """Return the estimated cost.

        Raises:
            DocumentError: it exceeds the limit.
        """
        estimated = planned.cost.estimate(variables.coerced)
        if estimated > self._limits.cost:
            remedy = "Request smaller pages, or split the operation."
            what = "is the estimated cost of the operation"
            raise DocumentError(
                [
                    limit_error(
                        "cost", estimated, self._limits.cost, what, remedy, prepared.operation
                    )
                ]
            )
        return estimated

    async def _run(
        self,
        request: GraphQLRequest,
        context: RequestContext,
        prepared: Prepared,
        planned: Planned,
        variables: VariableValues,
    ) -> GraphQLResponse:
        plan = planned.plan
        if plan is None or self._hooks.need_graphql_core:
            if not self._hooks.exist and INTROSPECTION.issuperset(prepared.root_fields):
                return await self._introspect(request, context, prepared)
            return await self._run_on_graphql_core(request, context, prepared)
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
        """Execute an operation on graphql-core, without limits of its cost."""
        try:
            prepared = self._documents.prepare(request.query, request.operation_name)
        except DocumentError as error:
            return self._refused(error.errors, context)
        return await self._run_on_graphql_core(request, context, prepared)

    async def _run_on_graphql_core(
        self, request: GraphQLRequest, context: RequestContext, prepared: Prepared
    ) -> GraphQLResponse:
        """Execute an operation on graphql-core, where a DataLoader resolves each batch field."""
        context.start(ALL_FIELDS)
        added: dict[str, Any] = {}
        if self._hooks.exist:
            with_hooks = await self._schema.execute(
                request.query,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
                allowed_operation_types=set(StrawberryOperationType),
            )
            data, errors = with_hooks.data, with_hooks.errors
            added = with_hooks.extensions or {}
        else:
            found = execute_on_core(
                self._schema._schema,
                prepared.document,
                variable_values=request.variables,
                context_value=context,
                operation_name=request.operation_name,
            )
            result = await found if isinstance(found, Awaitable) else found
            data, errors = result.data, result.errors
        return self._response("graphql-core", data, list(errors or ()), added, context)

    async def _introspect(
        self, request: GraphQLRequest, context: RequestContext, prepared: Prepared
    ) -> GraphQLResponse:
        """Execute an operation on the schema only, which takes 100 ms, in another thread."""

        def run() -> ExecutionResult:
            return execute_sync(
                self._schema._schema,
                prepared.document,
                variable_values=request.variables,
                operation_name=request.operation_name,
            )

        result = await self._preparation.run(object(), run)
        return self._response("graphql-core", result.data, list(result.errors or ()), {}, context)

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
            body["errors"] = self._entries(found, context)
        body["data"] = data
        if self._debug:
            added = {**added, "executor": executor}
        if added:
            body["extensions"] = added
        return GraphQLResponse(body, executor)

    def _refused(self, errors: list[GraphQLError], context: RequestContext) -> GraphQLResponse:
        return GraphQLResponse({"errors": self._entries(errors, context)}, "refused")

    def _entries(self, errors: list[GraphQLError], context: RequestContext) -> list[dict[str, Any]]:
        """Return the entries of the errors, sorted by path, and at most `Limits.errors` of them.

        Departments reply in any order, but equal responses must have equal bytes.
        """
        maximum = self._limits.errors
        shown = sorted(errors, key=_path_of)[:maximum]
        if len(errors) > maximum:
            message = f"{len(errors) - maximum:,} further errors are not shown (HUB_MAX_ERRORS)."
            further = HubError(ErrorCode.LIMIT_EXCEEDED, message)
            shown.append(GraphQLError(message, original_error=further))
        has_fault = any(getattr(each.original_error, "fault", None) is not None for each in shown)
        shows_internals = has_fault and context.sources.sees_internals
        return [
            error_entry(error, context.correlation_id, shows_internals=shows_internals)
            for error in shown
        ]


def _path_of(error: GraphQLError) -> list[str]:
    return [str(step).zfill(6) if isinstance(step, int) else step for step in error.path or ()]
