"""Calculates the cost of an operation: the estimate before it runs, the actual cost afterwards.

The cost follows the IBM GraphQL cost specification: a field costs its `@cost` and that of its
given arguments, an object costs 1, and both count once per row of each list above them.
`@listSize` says how many rows a list has at most. The estimate uses the sizes of the pages that
the operation requests, the actual cost the rows in the response.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    IntValueNode,
    ListValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from graphql.pyutils import Undefined

from hub.execution.selection import Selector
from schema.demand import BACKREF, DEFAULT_SIZE, Cost, ListSize

OBJECT_COST = 1
INTROSPECTION_SIZES = {
    "types": 250,
    "fields": 12,
    "inputFields": 4,
    "enumValues": 10,
    "possibleTypes": 5,
    "interfaces": 2,
    "args": 3,
    "directives": 12,
    "locations": 5,
}
"""Assumed sizes of the lists of the introspection types, which have no directives."""
INTROSPECTION_PART = 10
"""This number of objects of the introspection types costs as much as one object of the schema."""


@dataclass(frozen=True, slots=True)
class Size:
    """The number of rows of a list.

    Attributes:
        variables: names of the variables that give it; the largest counts.
        known: the number that the document gives, and the number if no variable has a value.
    """

    variables: tuple[str, ...]
    known: int

    def in_operation(self, variables: Mapping[str, object]) -> int:
        """Return the number for these variables."""
        if not self.variables:
            return self.known
        given = [_length(variables.get(name)) for name in self.variables]
        return max((each for each in given if each is not None), default=self.known)


ONE = Size((), 1)


@dataclass(slots=True)
class CostedField:
    """A field with what is below it.

    Attributes:
        key: key in the response.
        weight: cost of the field and its given arguments.
        sizes: number of rows of each level of nested lists; empty for a field without a list.
        objects: cost of one object, and its fields that have a cost, by possible type.
        constant: the estimate for one parent, if it needs no variables.
        per_row: actual cost of one row, if all rows cost the same.
    """

    key: str
    weight: int
    sizes: Sequence[Size] = ()
    objects: "Sequence[tuple[int, Sequence[CostedField]]]" = ()
    constant: int | None = None
    per_row: int | None = None


@dataclass(slots=True)
class OperationCost:
    """The cost of one operation.

    Attributes:
        fields: the root fields.
        part: what the sums are divided by.
        known: estimates by the values of the variables that they need.
    """

    fields: Sequence[CostedField]
    part: int = 1
    names: tuple[str, ...] = ()
    constant: int | None = None
    known: dict[tuple[object, ...], int] = field(default_factory=dict)

    def estimate(self, variables: Mapping[str, object]) -> int:
        """Return the largest cost that the operation can have with these variables.

        Lists without an argument for their size count with their assumed size.
        """
        if self.constant is not None:
            return self.constant
        values = tuple(_length(variables.get(name)) for name in self.names)
        found = self.known.get(values)
        if found is None:
            found = self._sum(variables)
            if len(self.known) < MAX_KNOWN:
                self.known[values] = found
        return found

    def actual(self, data: Mapping[str, Any] | None) -> int:
        """Return the cost of the rows in the response."""
        if data is None:
            return 0
        return -(-sum(_actual(each, data) for each in self.fields) // self.part)

    def _sum(self, variables: Mapping[str, object]) -> int:
        return -(-sum(_estimate(each, variables) for each in self.fields) // self.part)


MAX_KNOWN = 100


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    conditions: Mapping[str, object],
) -> OperationCost:
    """Return the cost of an operation with these values of the variables in `@skip`, `@include`.

    A null value counts as if the field were selected.
    """
    root = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }[operation.operation]
    assert root is not None
    counter = _Counter(schema, Selector(schema, fragments, conditions))
    fields = list(counter.fields(root, [operation.selection_set], {}))
    only_introspection = bool(fields) and all(each.key in counter.introspection for each in fields)
    cost = OperationCost(fields, INTROSPECTION_PART if only_introspection else 1)
    names = tuple(sorted(counter.variables))
    cost.names = names
    if not names:
        cost.constant = cost.estimate({})
    return cost


class _Counter:
    """Makes the costed fields of one operation.

    Attributes:
        variables: names of the variables that sizes need.
        introspection: keys of the root fields that read the schema.
    """

    def __init__(self, schema: GraphQLSchema, selector: Selector) -> None:
        self._schema = schema
        self._selector = selector
        self.variables: set[str] = set()
        self.introspection: set[str] = set()

    def fields(
        self,
        parent: GraphQLObjectType,
        sets: Sequence[SelectionSetNode],
        sized: Mapping[str, Size],
    ) -> Iterator[CostedField]:
        """Yield the fields of an object that have a cost.

        Args:
            sized: number of rows of the object's lists, if a field above gives it.
        """
        for key, nodes in self._selector.collect(parent, sets).items():
            name = nodes[0].name.value
            definition = self._schema.get_field(parent, name)
            if definition is None or name == "__typename":
                continue
            if name in ("__schema", "__type"):
                self.introspection.add(key)
            costed = self._field(key, name, definition, nodes, sized)
            if costed.weight or costed.objects:
                yield costed

    def _field(
        self,
        key: str,
        name: str,
        definition: GraphQLField,
        nodes: list[FieldNode],
        sized: Mapping[str, Size],
    ) -> CostedField:
        source = definition.extensions.get(BACKREF)
        weight = _weight_of(source)
        for argument in nodes[0].arguments or ():
            declared = definition.args[argument.name.value].extensions.get(BACKREF)
            weight += _weight_of(declared)
        costed = CostedField(key, weight)
        named = get_named_type(definition.type)
        if is_leaf_type(named):
            costed.constant = weight
            return costed
        list_size = _declared(source, ListSize)
        size = None
        if list_size is not None:
            size = self._size(list_size, definition, nodes[0])
        levels = _list_levels(definition.type)
        below: Mapping[str, Size] = {}
        if levels:
            assumed = Size((), INTROSPECTION_SIZES.get(name, DEFAULT_SIZE))
            costed.sizes = [sized.get(name) or size or assumed] * levels
        elif size is not None and list_size is not None:
            below = dict.fromkeys(list_size.sized_fields or (), size)
        sets = [node.selection_set for node in nodes if node.selection_set]
        costed.objects = [
            (OBJECT_COST, list(self.fields(each, sets, below))) for each in self._possible(named)
        ]
        self._fold(costed)
        return costed

    def _fold(self, costed: CostedField) -> None:
        """Calculate what does not depend on variables or rows."""
        below = [each for _, fields in costed.objects for each in fields]
        if all(each.constant is not None for each in below) and not any(
            size.variables for size in costed.sizes
        ):
            costed.constant = _estimate(costed, {})
        if len(costed.objects) == 1 and not costed.objects[0][1]:
            costed.per_row = costed.objects[0][0]

    def _possible(self, named: GraphQLNamedType) -> Iterable[GraphQLObjectType]:
        if is_abstract_type(named):
            return self._schema.get_possible_types(named)
        return [cast("GraphQLObjectType", named)]

    def _size(self, declared: ListSize, definition: GraphQLField, node: FieldNode) -> Size:
        """Return the size that the arguments of a field give."""
        values = {each.name.value: each.value for each in node.arguments or ()}
        variables: list[str] = []
        numbers: list[int] = []
        for name in declared.slicing_arguments or ():
            value = values.get(name)
            if isinstance(value, VariableNode):
                variables.append(value.name.value)
            elif value is not None:
                number = _literal(value)
            else:
                number = _length(definition.args[name].default_value)
            if not isinstance(value, VariableNode) and number is not None:
                numbers.append(number)
        self.variables.update(variables)
        assumed = declared.assumed_size
        known = max(numbers, default=assumed if isinstance(assumed, int) else DEFAULT_SIZE)
        return Size(tuple(variables), known)


def _estimate(costed: CostedField, variables: Mapping[str, object]) -> int:
    if costed.constant is not None:
        return costed.constant
    rows = 1
    for size in costed.sizes:
        rows *= size.in_operation(variables)
    one = max(
        (
            weight + sum(_estimate(each, variables) for each in fields)
            for weight, fields in costed.objects
        ),
        default=0,
    )
    return costed.weight + rows * one


def _actual(costed: CostedField, parent: Mapping[str, Any]) -> int:
    value = parent.get(costed.key)
    if value is None:
        return costed.weight
    if not costed.objects:
        return costed.weight
    if value.__class__ is not list:
        return costed.weight + _actual_object(costed, value)
    if costed.per_row is not None and len(costed.sizes) == 1:
        return costed.weight + costed.per_row * len(value)
    return costed.weight + sum(_actual_object(costed, each) for each in _objects_in(value))


def _actual_object(costed: CostedField, value: Mapping[str, Any]) -> int:
    # The response does not contain the type. Fields of other types are not in the object.
    return max(
        weight + sum(_actual(each, value) for each in fields if each.key in value)
        for weight, fields in costed.objects
    )


def _objects_in(values: list[Any]) -> Iterator[Mapping[str, Any]]:
    for each in values:
        if each.__class__ is list:
            yield from _objects_in(each)
        elif each is not None:
            yield each


def _declared(source: Any, kind: type) -> Any:
    for each in getattr(source, "directives", None) or ():
        if isinstance(each, kind):
            return each
    return None


def _weight_of(source: Any) -> int:
    found = _declared(source, Cost)
    return found.weight if found is not None else 0


def _list_levels(output_type: GraphQLOutputType) -> int:
    inner: Any = output_type.of_type if is_non_null_type(output_type) else output_type
    return 1 + _list_levels(inner.of_type) if is_list_type(inner) else 0


def _literal(value: ValueNode) -> int | None:
    if isinstance(value, IntValueNode):
        return max(0, int(value.value))
    if isinstance(value, ListValueNode):
        return len(value.values)
    return None


def _length(value: object) -> int | None:
    """Return the number of rows that the value of an argument gives; None if it gives none."""
    if value is Undefined or value is None:
        return None
    if isinstance(value, int):
        return max(0, value)
    return len(value) if isinstance(value, list | tuple) else 1
