"""Documents, parsed, validated and compiled once: a bounded cache by text and operation name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice

import strawberry
from cachetools import LRUCache
from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    OperationDefinitionNode,
    parse,
    specified_rules,
)
from strawberry.schema.schema import validate_document

from hub.execution.compiler import Compiler
from hub.execution.plan import NotCoveredError, OperationPlan
from hub.execution.selection import condition_variables, field_names

PLANS_OF_ONE_DOCUMENT = 16
KEPT_CHARACTERS = 1 << 20
LEAST_CHARACTERS = 1 << 10
"""What a document is reckoned at least: a short one has a plan too."""
ROOT_FIELDS = 10
"""Fragments within fragments could make them countless."""


class DocumentError(Exception):
    """A document that can't run; `errors` says why."""

    def __init__(self, errors: list[GraphQLError]) -> None:
        super().__init__("the document can't run")
        self.errors = errors


@dataclass(slots=True)
class Prepared:
    """One operation of a valid document.

    Attributes:
        document: the document.
        operation: the operation.
        fragments: the document's fragments by name.
        conditions: variables that decide an `@skip` or `@include`.
        root_fields: names of the first ten fields it asks of the root, repeated ones too.
        plans: plans by the values of those variables; None where plans do not cover it.
    """

    document: DocumentNode
    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: tuple[str, ...]
    root_fields: tuple[str, ...]
    plans: LRUCache[tuple[object, ...], OperationPlan | None] = field(
        default_factory=lambda: LRUCache(PLANS_OF_ONE_DOCUMENT)
    )


class Documents:
    """Prepares documents for one schema.

    Args:
        schema: the schema.
        characters: most characters of documents kept, together; a longer one is prepared each time.
    """

    def __init__(self, schema: strawberry.Schema, characters: int = KEPT_CHARACTERS) -> None:
        self._schema = schema
        self._compiler = Compiler(schema)
        self._prepared: LRUCache[tuple[str, str | None], Prepared] = LRUCache(
            characters, getsizeof=_size_of
        )

    def prepare(self, text: str, operation_name: str | None) -> Prepared:
        """Raises `DocumentError` when it does not parse, validate or name an operation."""
        key = (text, operation_name)
        prepared = self._prepared.get(key)
        if prepared is None:
            prepared = self._prepare(text, operation_name)
            if _size_of(prepared) <= self._prepared.maxsize:
                self._prepared[key] = prepared
        return prepared

    def _prepare(self, text: str, operation_name: str | None) -> Prepared:
        try:
            document = parse(text)
        except GraphQLError as error:
            raise DocumentError([error]) from None
        errors = validate_document(self._schema._schema, document, tuple(specified_rules))
        if errors:
            raise DocumentError(list(errors))
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
            tuple(islice(field_names(operation.selection_set, fragments), ROOT_FIELDS)),
        )

    def known(self, text: str, operation_name: str | None) -> Prepared | None:
        """What `prepare` gave before, if it is still kept; never any work."""
        return self._prepared.get((text, operation_name))

    def plan_of(self, prepared: Prepared, variables: Mapping[str, object]) -> OperationPlan | None:
        """The plan for these values of the conditions; None where plans do not cover it."""
        key = tuple(variables.get(name) for name in prepared.conditions)
        if key not in prepared.plans:
            conditions = dict(zip(prepared.conditions, key, strict=True))
            try:
                plan = self._compiler.compile(prepared.operation, prepared.fragments, conditions)
            except NotCoveredError:
                prepared.plans[key] = None
            else:
                prepared.plans[key] = plan
        return prepared.plans[key]


def _size_of(prepared: Prepared) -> int:
    assert prepared.document.loc is not None
    return max(len(prepared.document.loc.source.body), LEAST_CHARACTERS)


def _chosen(operations: list[OperationDefinitionNode], name: str | None) -> OperationDefinitionNode:
    if name is None:
        if len(operations) == 1:
            return operations[0]
        raise DocumentError([GraphQLError("Say which operation to run: give `operationName`.")])
    for operation in operations:
        if operation.name and operation.name.value == name:
            return operation
    raise DocumentError([GraphQLError(f"The document has no operation {name!r}.")])
