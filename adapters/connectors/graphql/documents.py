"""Texts of operations: checked when the manifest is loaded, repeated with aliases for many keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLSchema,
    NonNullTypeNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    Visitor,
    parse,
    print_ast,
    validate,
    visit,
)
from graphql.execution.values import get_variable_values
from graphql.language import DocumentNode, NameNode

from adapters.connectors.graphql.settings import GraphqlCall, GraphqlWrite
from adapters.connectors.setup import SetupError
from adapters.connectors.templates import placeholders_in
from adapters.mapping.rules import did_you_mean

ALIAS = "k"


@dataclass(frozen=True, slots=True)
class QueryText:
    """A query as it is sent.

    Attributes:
        text: its text.
        digest: SHA-256 of the text, which identifies a persisted query.
    """

    text: str
    digest: str

    @classmethod
    def of(cls, text: str) -> "QueryText":
        return cls(text, sha256(text.encode()).hexdigest())


class QueryDocument:
    """The query of one capability.

    Args:
        schema: the department's schema. None: the query is not validated.

    Raises:
        SetupError: the query does not fit the schema, or its variables are wrong.
    """

    def __init__(self, capability: str, call: GraphqlCall, schema: GraphQLSchema | None) -> None:
        self._key_path: tuple[str, ...] = ("capabilities", capability, "call")
        self._document, self._operation = read_operation(
            call.query, call.variables, OperationType.QUERY, schema, self._key_path
        )
        self._per_key = [
            name for name, value in call.variables.items() if "key" in placeholders_in(value)
        ]
        self.whole = QueryText.of(print_ast(self._document))
        self._multiplied: dict[int, QueryText] = {}
        if call.each_key:
            self._root = self._only_root_field()

    def for_keys(self, count: int) -> QueryText:
        """Return the query with its root field repeated for `count` keys, as `k0`, `k1`, …"""
        if count not in self._multiplied:
            self._multiplied[count] = QueryText.of(print_ast(self._multiply(count)))
        return self._multiplied[count]

    def variables_for(
        self, shared: Mapping[str, Any], of_keys: list[Mapping[str, Any]]
    ) -> dict[str, Any]:
        """Return the variables of `for_keys`, from those that all keys share and those of each."""
        values = {name: value for name, value in shared.items() if name not in self._per_key}
        for nth, own in enumerate(of_keys):
            values |= {f"{name}_{nth}": own[name] for name in self._per_key if name in own}
        return values

    def _multiply(self, count: int) -> DocumentNode:
        per_key = frozenset(self._per_key)
        declared = self._operation.variable_definitions or ()
        definitions = [d for d in declared if _name(d) not in per_key]
        fields: list[FieldNode] = []
        for nth in range(count):
            renaming = _Renaming(per_key, nth)
            definitions += [visit(d, renaming) for d in declared if _name(d) in per_key]
            field: FieldNode = visit(self._root, renaming)
            fields.append(
                FieldNode(
                    alias=NameNode(value=f"{ALIAS}{nth}"),
                    name=field.name,
                    arguments=field.arguments,
                    directives=field.directives,
                    selection_set=field.selection_set,
                )
            )
        operation = OperationDefinitionNode(
            operation=self._operation.operation,
            name=self._operation.name,
            variable_definitions=tuple(definitions),
            directives=self._operation.directives,
            selection_set=SelectionSetNode(selections=tuple(fields)),
        )
        others = [d for d in self._document.definitions if d is not self._operation]
        return DocumentNode(definitions=(operation, *others))

    def _only_root_field(self) -> FieldNode:
        selections = self._operation.selection_set.selections
        field = selections[0] if len(selections) == 1 else None
        if not isinstance(field, FieldNode) or not self._per_key:
            raise self._wrong(
                "each_key",
                "it requires a query with one root field, and a variable that contains {key}",
                "write the query for one key",
            )
        return field

    def _wrong(self, key: str, message: str, remedy: str) -> SetupError:
        return SetupError((*self._key_path, key), message, remedy)


def mutation_text(capability: str, call: GraphqlWrite, schema: GraphQLSchema | None) -> str:
    """Return the text of a write's mutation, as it is sent.

    Raises:
        SetupError: the mutation does not fit the schema, or its variables are wrong.
    """
    key_path = ("writes", capability, "call")
    kind = OperationType.MUTATION
    document, _ = read_operation(call.mutation, call.variables, kind, schema, key_path)
    return print_ast(document)


def wrong_variables(text: str, schema: GraphQLSchema, variables: Mapping[str, Any]) -> str | None:
    """Return why the variables of a mutation do not fit the schema; None if they fit."""
    operation = parse(text).definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    given = dict(variables)
    found = get_variable_values(schema, operation.variable_definitions or (), given)
    return found[0].message if isinstance(found, list) and found else None


def read_operation(
    text: str,
    variables: Mapping[str, Any],
    kind: OperationType,
    schema: GraphQLSchema | None,
    key_path: tuple[str, ...],
) -> tuple[DocumentNode, OperationDefinitionNode]:
    """Return the parsed text of a call, and its only operation.

    Args:
        kind: a query or a mutation; also the key of the text in the manifest.
        schema: the department's schema. None: the text is not validated.
        key_path: key path of the call.

    Raises:
        SetupError: the text does not fit the schema, or its variables are wrong.
    """
    key = kind.value

    def wrong(message: str, remedy: str, at: str = key) -> SetupError:
        return SetupError((*key_path, at), message, remedy)

    try:
        document = parse(text, no_location=True)
    except GraphQLError as error:
        raise wrong(error.message, f"correct the {key}") from None
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if len(operations) != 1 or operations[0].operation is not kind:
        message = f"the text must contain exactly one operation, a {key}"
        raise wrong(message, "remove the others")
    if schema is not None and (problems := validate(schema, document)):
        message = "; ".join(problem.message for problem in problems[:3])
        raise wrong(message, f"correct the {key}, or bring `sdl` up to date")
    declared = {_name(d): d for d in operations[0].variable_definitions or ()}
    for name in variables:
        if name not in declared:
            message = f"the {key} has no variable ${name}"
            raise wrong(message, did_you_mean(name, declared), "variables")
    for name, definition in declared.items():
        is_wanted = isinstance(definition.type, NonNullTypeNode)
        if is_wanted and definition.default_value is None and name not in variables:
            raise wrong(f"the {key} requires ${name}", "add it to `variables`", "variables")
    return document, operations[0]


class _Renaming(Visitor):
    """Returns copies of nodes in which the variables of one key are numbered."""

    def __init__(self, names: frozenset[str], nth: int) -> None:
        super().__init__()
        self._names = names
        self._nth = nth

    def enter_variable(self, node: VariableNode, *_: Any) -> VariableNode | None:
        if node.name.value not in self._names:
            return None
        return VariableNode(name=NameNode(value=f"{node.name.value}_{self._nth}"))


def _name(definition: VariableDefinitionNode) -> str:
    return definition.variable.name.value
