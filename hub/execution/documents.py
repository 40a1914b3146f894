"""Parsed, validated and compiled documents, in a bounded cache by text and operation name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import strawberry
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from hub.execution.compiler import Compiler
from hub.execution.demand.cost import cost_of
from hub.execution.demand.document_cache import DocumentCache
from hub.execution.demand.document_size import check_document
from hub.execution.demand.limits import Limits, limit_error
from hub.execution.demand.operation_cost import OperationCost
from hub.execution.demand.validation import RULES, validate_bounded
from hub.execution.plan import FieldPlan, NotCoveredError, OperationPlan
from hub.execution.selection import condition_variables, field_names

PLANS_PER_OPERATION = 16
CACHE_WEIGHT = 60_000
"""Total weight of the cached documents. A weight of 1 is about 1 KiB of memory."""
TOKEN_WEIGHT, FIELD_WEIGHT, PART_WEIGHT, DOCUMENT_WEIGHT = 0.35, 1.5, 1.2, 12
MAX_ROOT_FIELDS = 10
"""Limit for `root_fields`, because nested fragments can select fields exponentially often."""


class DocumentError(Exception):
    """The document cannot run.

    Attributes:
        errors: the reasons.
    """

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("the document cannot run")
        self.errors = errors
        for each in errors:
            # The frames would keep the whole document until a garbage collection.
            each.__traceback__ = each.__context__ = None


@dataclass(frozen=True, slots=True)
class Planned:
    """How to run an operation with some values of the variables in `@skip` and `@include`.

    Attributes:
        plan: the plan; None if plans do not support the operation.
        cost: the cost.
        weight: memory that the plan takes, in about 1 KiB.
    """

    plan: OperationPlan | None
    cost: OperationCost
    weight: int = 0


@dataclass(slots=True)
class Prepared:
    """One operation of a valid document.

    Attributes:
        key: text of the document, and the operation's name in the request.
        document: the document.
        operation: the operation.
        fragments: the document's fragments by name.
        conditions: names of the variables in `@skip` and `@include`.
        root_fields: names of the first ten root fields, with repetitions.
        weight: memory that the operation and its plans take at most, in about 1 KiB.
        plans_weight: the part of `weight` for the plans.
        plans: how to run the operation, by the values of `conditions`.
    """

    key: tuple[str, str | None]
    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    root_fields: tuple[str, ...]
    weight: int
    plans_weight: int
    plans: dict[tuple[object, ...], Planned] = field(default_factory=dict)

    def conditions_in(self, variables: Mapping[str, object]) -> tuple[object, ...]:
        """Return the values of `conditions`."""
        if not self.conditions:
            return ()
        return tuple(variables.get(name) for name in self.conditions)

    def remember(self, conditions: tuple[object, ...], planned: Planned) -> None:
        """Keep a plan for these values of `conditions`, instead of the oldest if it has many.

        Call this for an operation without conditions before `Documents.add`.
        """
        if not conditions:
            # A field of an abstract type has a plan for each possible type.
            self.weight += max(0, planned.weight - self.plans_weight)
        total = planned.weight + sum(each.weight for each in self.plans.values())
        while self.plans and (len(self.plans) >= PLANS_PER_OPERATION or total > self.plans_weight):
            total -= self.plans.pop(next(iter(self.plans))).weight
        self.plans[conditions] = planned


class Documents:
    """Prepares documents for one schema.

    Args:
        schema: the schema.
        limits: what a document may contain.
        weight: maximum total weight of the cached documents.
        introspection: accept introspection, and suggest names of the schema in errors.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        limits: Limits | None = None,
        weight: int = CACHE_WEIGHT,
        *,
        introspection: bool = True,
    ) -> None:
        self._schema = schema
        self._limits = limits or Limits()
        self._introspection = introspection
        self._rules = [*RULES, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._compiler = Compiler(schema)
        self._cache: DocumentCache[Prepared] = DocumentCache(weight, lambda each: each.weight)

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """Return the operation, prepared now or earlier.

        Raises:
            DocumentError: the document exceeds a limit, does not parse or validate, or has no such
                operation.
        """
        prepared = self.known(text, operation_name)
        if prepared is None:
            prepared = self.make(text, operation_name)
            self.add(prepared)
        return prepared

    def known(self, text: str, operation_name: str | None) -> Prepared | None:
        """Return the operation if it is in the cache. This never parses."""
        return self._cache.get((text, operation_name))

    def add(self, prepared: Prepared) -> None:
        """Add an operation to the cache."""
        self._cache.add(prepared.key, prepared)

    def parse(self, text: str) -> DocumentNode:
        """Return the syntax tree of a document.

        Raises:
            DocumentError: the document has a syntax error, or exceeds a limit.
        """
        limits = self._limits
        try:
            # A character takes up to four bytes. Counting bytes of a short text is not necessary.
            if len(text) * 4 > limits.document_bytes:
                size = len(text.encode("utf-8", "replace"))
                limits.check("document_bytes", size, "bytes in the document", "Shorten it.")
            document = parse(text, max_tokens=limits.tokens)
        except GraphQLError as error:
            if error.message.endswith("Parsing aborted."):
                what = "tokens or more in the document"
                error = limit_error(
                    "tokens", limits.tokens + 1, limits.tokens, what, "Split it into several."
                )
            raise DocumentError([error]) from None
        _unlink_tokens(document)
        return document

    def make(self, text: str, operation_name: str | None) -> Prepared:
        """Prepare an operation, without the cache.

        Raises:
            DocumentError: as `prepare`.
        """
        document = self.parse(text)
        try:
            fields = check_document(document, self._limits)
        except GraphQLError as error:
            raise DocumentError([error]) from None
        errors = validate_bounded(
            self._schema._schema,
            document,
            self._rules,
            hide_suggestions=not self._introspection,
        )
        if errors:
            raise DocumentError(errors)
        operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
        fragments = {
            d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)
        }
        operation = _chosen(operations, operation_name)
        conditions = condition_variables(operation, fragments)
        plans = min(1 << len(conditions), PLANS_PER_OPERATION)
        plans_weight = int(fields * FIELD_WEIGHT * plans)
        return Prepared(
            (text, operation_name),
            document,
            operation,
            fragments,
            conditions,
            tuple(islice(field_names(operation.selection_set, fragments), MAX_ROOT_FIELDS)),
            int(
                DOCUMENT_WEIGHT
                + len(text) / 1024
                + document.token_count * TOKEN_WEIGHT
                + plans_weight
            ),
            plans_weight,
        )

    def plan_of(self, prepared: Prepared, variables: Mapping[str, object]) -> OperationPlan | None:
        """Return the plan for these variables; None if plans do not support the operation."""
        return self.planned(prepared, variables).plan

    def planned(self, prepared: Prepared, variables: Mapping[str, object]) -> Planned:
        """Return how to run the operation with these variables, compiled now or earlier."""
        conditions = prepared.conditions_in(variables)
        found = prepared.plans.get(conditions)
        if found is None:
            found = self.compile(prepared, conditions, self._compiler)
            prepared.remember(conditions, found)
        return found

    def compile(
        self, prepared: Prepared, conditions: Sequence[object], compiler: Compiler
    ) -> Planned:
        """Compile how to run the operation with these values of its conditions."""
        operation, fragments = prepared.operation, prepared.fragments
        values = dict(zip(prepared.conditions, conditions, strict=True))
        try:
            plan = compiler.compile(operation, fragments, values)
        except NotCoveredError:
            plan = None
        # graphql-core reports a null in `@skip` or `@include` as an error.
        selected = {name: bool(value) for name, value in values.items()}
        cost = cost_of(self._schema._schema, operation, fragments, selected)
        return Planned(plan, cost, int(_parts_of(plan.roots) * PART_WEIGHT) if plan else 0)


def _parts_of(fields: Sequence[FieldPlan]) -> int:
    """Return the number of fields and objects of a plan."""
    parts = 0
    values = [each.value for each in fields]
    while values:
        parts += 1
        value = values.pop()
        if value.item is not None:
            values.append(value.item)
        for each in value.objects.values():
            parts += 1
            values += [field.value for field in each.fields]
    return parts


def _unlink_tokens(document: DocumentNode) -> None:
    """Break the cycles between the tokens, so that a dropped document is freed at once."""
    assert document.loc is not None
    token = document.loc.start_token
    while token is not None:
        following = token.next
        token.prev = token.next = None
        token = following  # type: ignore[assignment]


def _chosen(operations: list[OperationDefinitionNode], name: str | None) -> OperationDefinitionNode:
    if name is None:
        if len(operations) == 1:
            return operations[0]
        raise DocumentError(
            [GraphQLError("Set `operationName`: the document has several operations.")]
        )
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise DocumentError([GraphQLError(f"The document has no operation {name!r}.")])
