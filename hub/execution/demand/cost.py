"""Determines what an operation costs, from `@cost` and `@listSize` of the fields it selects."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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

from hub.execution.demand.operation_cost import (
    CostedField,
    OperationCost,
    Size,
    estimate,
    length_of,
)
from hub.execution.selection import Selector
from schema.demand import BACKREF, DEFAULT_SIZE, Cost, ListSize

OBJECT_COST = 1
INTROSPECTION_SIZES = {
    "types": 150,
    "fields": 7,
    "inputFields": 1,
    "enumValues": 2,
    "possibleTypes": 1,
    "interfaces": 1,
    "args": 1,
    "directives": 12,
    "locations": 5,
}
"""Average sizes of the lists of the introspection types, which have no directives."""


def cost_of(
    schema: GraphQLSchema,
    operation: OperationDefinitionNode,
    fragments: Mapping[str, FragmentDefinitionNode],
    conditions: Mapping[str, object],
) -> OperationCost:
    """Return the cost of an operation with these values of the variables in `@skip`, `@include`."""
    root = {
        OperationType.QUERY: schema.query_type,
        OperationType.MUTATION: schema.mutation_type,
        OperationType.SUBSCRIPTION: schema.subscription_type,
    }[operation.operation]
    assert root is not None
    counter = _Counter(schema, Selector(schema, fragments, conditions))
    fields = list(counter.fields(root, [operation.selection_set], {}))
    cost = OperationCost(fields)
    names = tuple(sorted(counter.variables))
    cost.names = names
    if not names:
        cost.constant = cost.estimate({})
    return cost


class _Counter:
    """Makes the costed fields of one operation.

    Attributes:
        variables: names of the variables that sizes need.
    """

    def __init__(self, schema: GraphQLSchema, selector: Selector) -> None:
        self._schema = schema
        self._selector = selector
        self.variables: set[str] = set()

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
            costed.constant = costed.fixed = weight
            return costed
        list_size = _declared(source, ListSize)
        size = None
        if list_size is not None:
            size = self._size(list_size, definition, nodes[0])
        levels = _list_levels(definition.type)
        below: Mapping[str, Size] = {}
        if levels:
            assumed = Size(INTROSPECTION_SIZES.get(name, DEFAULT_SIZE))
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
            costed.constant = estimate(costed, {})
        if len(costed.objects) > 1:
            return
        ((cost, fields),) = costed.objects
        costed.row = cost + sum(each.fixed for each in fields if each.fixed is not None)
        costed.varying = [each for each in fields if each.fixed is None]
        if not costed.sizes and not costed.varying:
            costed.fixed = costed.weight + costed.row

    def _possible(self, named: GraphQLNamedType) -> Iterable[GraphQLObjectType]:
        if is_abstract_type(named):
            return self._schema.get_possible_types(named)
        return [cast("GraphQLObjectType", named)]

    def _size(self, declared: ListSize, definition: GraphQLField, node: FieldNode) -> Size:
        """Return the size that the arguments of a field give."""
        values = {each.name.value: each.value for each in node.arguments or ()}
        variables: list[str] = []
        literals: list[int | None] = []
        assumed = declared.assumed_size
        fallbacks = [assumed if isinstance(assumed, int) else None]
        for name in declared.slicing_arguments or ():
            value = values.get(name)
            if isinstance(value, VariableNode):
                variables.append(value.name.value)
            else:
                literals.append(_literal(value))
            fallbacks.append(length_of(definition.args[name].default_value))
        self.variables.update(variables)
        return Size(
            max((each for each in fallbacks if each is not None), default=DEFAULT_SIZE),
            max((each for each in literals if each is not None), default=None),
            tuple(variables),
        )


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


def _literal(value: ValueNode | None) -> int | None:
    if isinstance(value, IntValueNode):
        return max(0, int(value.value))
    if isinstance(value, ListValueNode):
        return len(value.values)
    return None
