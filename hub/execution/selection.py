"""Collects the selected fields of an object type (GraphQL spec, 6.3.2 CollectFields).

`@skip` and `@include` are evaluated here, so a plan is valid only for these conditions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_abstract_type,
)
from graphql.language import BooleanValueNode, Visitor, visit

from hub.execution.plan import NotCoveredError

Fields = dict[str, list[FieldNode]]


@dataclass(frozen=True, slots=True)
class Selector:
    """Collects the selected fields of one operation.

    Attributes:
        schema: the schema.
        fragments: the document's fragments by name.
        conditions: values of the variables in `@skip` and `@include`.
    """

    schema: GraphQLSchema
    fragments: Mapping[str, FragmentDefinitionNode]
    conditions: Mapping[str, object]

    def collect(
        self, object_type: GraphQLObjectType, selection_sets: Sequence[SelectionSetNode]
    ) -> Fields:
        """Return the field nodes by response key, in the order of the response."""
        fields: Fields = {}
        visited: set[str] = set()
        for selection_set in selection_sets:
            self._collect(object_type, selection_set, fields, visited)
        return fields

    def _collect(
        self,
        object_type: GraphQLObjectType,
        selection_set: SelectionSetNode,
        fields: Fields,
        visited: set[str],
    ) -> None:
        for selection in selection_set.selections:
            if not self._is_included(selection.directives or ()):
                continue
            if isinstance(selection, FieldNode):
                key = (selection.alias or selection.name).value
                fields.setdefault(key, []).append(selection)
            elif isinstance(selection, InlineFragmentNode):
                condition = selection.type_condition
                if condition is None or self._applies(condition.name.value, object_type):
                    self._collect(object_type, selection.selection_set, fields, visited)
            elif isinstance(selection, FragmentSpreadNode):
                name = selection.name.value
                if name in visited:
                    continue
                visited.add(name)
                fragment = self.fragments[name]
                if self._applies(fragment.type_condition.name.value, object_type):
                    self._collect(object_type, fragment.selection_set, fields, visited)

    def _applies(self, condition: str, object_type: GraphQLObjectType) -> bool:
        if condition == object_type.name:
            return True
        named = self.schema.type_map[condition]
        return is_abstract_type(named) and self.schema.is_sub_type(named, object_type)

    def _is_included(self, directives: Sequence[DirectiveNode]) -> bool:
        # `@skip` first, as in graphql-core: if it is true, a null in `@include` is not an error.
        for name, excluded in (("skip", True), ("include", False)):
            for directive in directives:
                if directive.name.value == name and self._value_of(directive) == excluded:
                    return False
        return True

    def _value_of(self, directive: DirectiveNode) -> object:
        value = condition_of(directive)
        if isinstance(value, VariableNode):
            found = self.conditions[value.name.value]
            if found is None:
                # `if` must not be null; graphql-core reports the error where it belongs.
                raise NotCoveredError("null in @skip or @include")
            return found
        assert isinstance(value, BooleanValueNode)
        return value.value


def condition_of(directive: DirectiveNode) -> ValueNode:
    """Return the argument `if` of an `@skip` or `@include`."""
    assert directive.arguments
    return directive.arguments[0].value


class _ConditionVisitor(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_directive(self, node: DirectiveNode, *_: Any) -> None:
        if node.name.value in ("skip", "include"):
            value = condition_of(node)
            if isinstance(value, VariableNode):
                self.names.add(value.name.value)


def condition_variables(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> tuple[str, ...]:
    """Return the names of the operation's variables in `@skip` and `@include`, sorted."""
    visitor = _ConditionVisitor()
    visit(operation, visitor)
    for fragment in fragments.values():
        visit(fragment, visitor)
    defined = {each.variable.name.value for each in operation.variable_definitions or ()}
    return tuple(sorted(visitor.names & defined))


def field_names(
    selection_set: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> Iterator[str]:
    """Yield the name of each selected field, with repetitions, ignoring `@skip` and `@include`."""
    for selection in selection_set.selections:
        if isinstance(selection, FieldNode):
            yield selection.name.value
        elif isinstance(selection, InlineFragmentNode):
            yield from field_names(selection.selection_set, fragments)
        elif isinstance(selection, FragmentSpreadNode):
            yield from field_names(fragments[selection.name.value].selection_set, fragments)
