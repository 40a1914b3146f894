"""Bounded cache of parsed, validated and compiled documents, by text and operation name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

import strawberry
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    parse,
    specified_rules,
    validate,
)
from strawberry.schema.validation_rules.maybe_null import MaybeNullValidationRule
from strawberry.schema.validation_rules.one_of import OneOfInputValidationRule

from hub.execution.compiler import Compiler
from hub.execution.plan import NotCoveredError, OperationPlan
from hub.execution.selection import condition_variables, field_names

PLANS_PER_OPERATION = 16
MAX_CHARACTERS = 1 << 20
MIN_DOCUMENT_CHARACTERS = 1 << 10
"""A shorter document counts as this long, because its plan needs memory too."""
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


@dataclass(slots=True)
class Prepared:
    """One operation of a valid document.

    Attributes:
        document: the document.
        operation: the operation.
        fragments: the document's fragments by name.
        conditions: names of the variables in `@skip` and `@include`.
        root_fields: names of the first ten root fields, with repetitions.
        plans: plans by the values of `conditions`; None if plans do not support the operation.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    root_fields: tuple[str, ...]
    plans: LRUCache[tuple[object, ...], OperationPlan | None] = field(
        default_factory=lambda: LRUCache(PLANS_PER_OPERATION)
    )


class Documents:
    """Prepares documents for one schema.

    Args:
        schema: the schema.
        characters: maximum total length of the cached documents. A longer document is never cached.
        introspection: accept introspection, and suggest names of the schema in errors.
    """

    def __init__(
        self,
        schema: strawberry.Schema,
        characters: int = MAX_CHARACTERS,
        *,
        introspection: bool = True,
    ) -> None:
        self._schema = schema
        self._introspection = introspection
        self._rules = [*specified_rules, MaybeNullValidationRule, OneOfInputValidationRule]
        if not introspection:
            self._rules.append(NoSchemaIntrospectionCustomRule)
        self._compiler = Compiler(schema)
        self._prepared: LRUCache[tuple[str, str | None], Prepared] = LRUCache(
            characters, getsizeof=_size_of
        )

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """Return the operation, prepared now or earlier.

        Raises:
            DocumentError: the document does not parse or validate, or has no such operation.
        """
        key = (text, operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepare(text, operation_name)
            if _size_of(prepared) <= self._prepared.maxsize:
                self._prepared[key] = prepared
        return prepared

    def parse(self, text: str) -> DocumentNode:
        """Return the syntax tree of a document.

        Raises:
            DocumentError: the document has a syntax error.
        """
        try:
            return parse(text)
        except GraphQLError as error:
            raise DocumentError([error]) from None

    def _prepare(self, text: str, operation_name: str | None) -> Prepared:
        document = self.parse(text)
        errors = validate(
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
        return Prepared(
            document,
            operation,
            fragments,
            condition_variables(operation, fragments),
            tuple(islice(field_names(operation.selection_set, fragments), MAX_ROOT_FIELDS)),
        )

    def known(self, text: str, operation_name: str | None) -> Prepared | None:
        """Return the operation if it is in the cache. This never parses."""
        return self._prepared.get((text, operation_name))

    def plan_of(self, prepared: Prepared, variables: Mapping[str, object]) -> OperationPlan | None:
        """Return the plan for these variables; None if plans do not support the operation."""
        key = tuple(variables.get(name) for name in prepared.conditions)
        if key not in prepared.plans:
            conditions = dict(zip(prepared.conditions, key, strict=True))
            try:
                prepared.plans[key] = self._compiler.compile(
                    prepared.operation, prepared.fragments, conditions
                )
            except NotCoveredError:
                prepared.plans[key] = None
        return prepared.plans[key]


def _size_of(prepared: Prepared) -> int:
    assert prepared.document.loc is not None
    return max(len(prepared.document.loc.source.body), MIN_DOCUMENT_CHARACTERS)


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
