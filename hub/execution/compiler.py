"""Compiles operations into plans."""

import datetime as dt
import inspect
from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, cast

import strawberry
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    GraphQLEnumType,
    GraphQLInterfaceType,
    GraphQLLeafType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLScalarType,
    GraphQLUnionType,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    ValueNode,
    VariableNode,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.extensions import FieldExtension
from strawberry.permission import PermissionExtension
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.types.field import StrawberryField

from hub.execution.builders import compile_builder
from hub.execution.plan import (
    FieldKind,
    FieldPlan,
    NotCoveredError,
    ObjectPlan,
    OperationPlan,
    ValueKind,
    ValuePlan,
)
from hub.execution.selection import Selector
from schema.batch import (
    READS,
    READS_CATALOGUE,
    READS_FOR_ARGUMENTS,
    READS_OF,
    READS_WHOLE,
    Attributes,
    BatchExtension,
    LookUpExtension,
)
from schema.needed_fields import NeededFields

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF
# Instances of these classes go into the response unchanged: the JSON encoder writes dates in the
# form that the scalars use (ISO 8601).
LEAF_CLASSES: Mapping[str, type] = {
    "String": str,
    "ID": str,
    "Boolean": bool,
    "Date": dt.date,
    "DateTime": dt.datetime,
    "Paise": int,
}


class Needs:
    """Collects the fields of records that an operation reads."""

    def __init__(self) -> None:
        self._attributes: dict[str, set[str]] = {}
        self._whole: set[str] = set()

    def note_type(self, type_name: str) -> None:
        """Add a record type, without any needed field yet."""
        self._attributes.setdefault(type_name, set())

    def note(
        self, type_name: str, kind: FieldKind, source: StrawberryField, arguments: Iterable[str]
    ) -> None:
        """Add what the resolver of a field reads.

        Args:
            arguments: names of the arguments that are given.
        """
        self._note_others(source.metadata.get(READS_OF, {}))
        for_arguments = source.metadata.get(READS_FOR_ARGUMENTS, {})
        for name in arguments:
            self._note_others(for_arguments.get(name, {}))
        self._whole.update(source.metadata.get(READS_WHOLE, ()))
        attributes = self._attributes.setdefault(type_name, set())
        if any(map(_is_permission, source.extensions)):
            # A permission may read any field of the record.
            self._whole.add(type_name)
        if kind is FieldKind.ATTRIBUTE:
            attributes.add(source.python_name)
        elif READS in source.metadata:
            attributes.update(source.metadata[READS])
        else:
            self._whole.add(type_name)

    def _note_others(self, attributes: Attributes) -> None:
        for type_name, names in attributes.items():
            self._attributes.setdefault(type_name, set()).update(names)

    def needed_fields(self) -> NeededFields:
        """Return the needed fields; no entry for record types that are needed whole."""
        return NeededFields(
            {
                name: attributes
                for name, attributes in self._attributes.items()
                if name not in self._whole
            }
        )


class Compiler:
    """Compiles operations on one schema."""

    def __init__(self, schema: strawberry.Schema) -> None:
        self._schema = schema._schema

    def compile(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Mapping[str, object],
    ) -> OperationPlan:
        """Compile a plan that is valid for these values of the variables in `@skip` and `@include`.

        Raises:
            NotCoveredError: plans do not support the operation.
        """
        serial = operation.operation is OperationType.MUTATION
        root = self._schema.mutation_type if serial else self._schema.query_type
        if operation.operation is OperationType.SUBSCRIPTION or operation.directives:
            raise NotCoveredError("subscriptions and directives of operations")
        assert root is not None
        selector = Selector(self._schema, fragments, conditions)
        self._needs = Needs()
        self._together: set[int] = set()
        self._has_aliases = False
        self._reads_others = False
        fields = selector.collect(root, [operation.selection_set])
        roots = [
            self._field(root, key, nodes, selector, [], is_root=True)
            for key, nodes in fields.items()
        ]
        return OperationPlan(
            roots,
            root.name,
            serial,
            self._needs.needed_fields(),
            self._has_aliases,
            # `{ __typename }` is a health check: it must reach the hub.
            reads_catalogue_only=not self._reads_others
            and any(each.kind is not FieldKind.TYPENAME for each in roots),
        )

    def _field(
        self,
        parent: GraphQLObjectType,
        key: str,
        nodes: list[FieldNode],
        selector: Selector,
        branches: list[FieldPlan],
        *,
        is_root: bool = False,
    ) -> FieldPlan:
        name = nodes[0].name.value
        if name == "__typename":
            text = ValuePlan(ValueKind.LEAF, False, "String", leaf_class=str)
            return FieldPlan(parent.name, key, nodes, FieldKind.TYPENAME, text)
        if name.startswith("__"):
            raise NotCoveredError("introspection")
        definition = parent.fields[name]
        source: StrawberryField = definition.extensions[BACKREF]
        kind, resolver = _resolution_of(source)
        plan = FieldPlan(parent.name, key, nodes, kind, _UNSET)
        plan.definition, plan.source, plan.resolver = definition, source, resolver
        plan.constant = not any(_has_variable(each.value) for each in nodes[0].arguments or ())
        given = [each.name.value for each in nodes[0].arguments or ()]
        self._needs.note(parent.name, kind, source, given)
        plan.permission = _permission_of(source)
        self._reads_others |= is_root and READS_CATALOGUE not in source.metadata
        self._reads_others |= not _reads_catalogue_only(source, kind)
        plan.look_up = _look_up_of(source)
        if kind is FieldKind.BATCH or plan.look_up is not None:
            self._has_aliases |= id(source) in self._together
            self._together.add(id(source))
        waits = is_root or kind.waits or plan.permission is not None
        if waits:
            plan.slot = len(branches)
            branches.append(plan)
        below = plan.branches if waits else branches
        plan.value = self._value(definition.type, nodes, selector, below)
        return plan

    def _value(
        self,
        output_type: GraphQLOutputType,
        nodes: list[FieldNode],
        selector: Selector,
        branches: list[FieldPlan],
    ) -> ValuePlan:
        nullable = not is_non_null_type(output_type)
        inner = output_type.of_type if isinstance(output_type, GraphQLNonNull) else output_type
        if is_list_type(inner):
            item = self._value(inner.of_type, nodes, selector, branches)
            return ValuePlan(ValueKind.LIST, nullable, str(inner), item=item)
        if is_leaf_type(inner):
            return _leaf(inner, nullable)
        composite = cast("GraphQLObjectType | GraphQLInterfaceType | GraphQLUnionType", inner)
        plan = ValuePlan(ValueKind.OBJECT, nullable, composite.name)
        sets = [node.selection_set for node in nodes if node.selection_set]
        if is_abstract_type(composite):
            for possible in self._schema.get_possible_types(composite):
                definition = possible.extensions[BACKREF]
                plan.objects[definition.origin] = self._object(possible, sets, selector, branches)
        else:
            concrete = cast("GraphQLObjectType", inner)
            plan.objects[None] = self._object(concrete, sets, selector, branches)
        return plan

    def _object(
        self,
        object_type: GraphQLObjectType,
        sets: list[SelectionSetNode],
        selector: Selector,
        branches: list[FieldPlan],
    ) -> ObjectPlan:
        fields = selector.collect(object_type, sets)
        self._needs.note_type(object_type.name)
        known_branches = len(branches)
        plan = ObjectPlan(
            object_type.name,
            [
                self._field(object_type, key, nodes, selector, branches)
                for key, nodes in fields.items()
            ],
        )
        may_share: bool = getattr(object_type.extensions[BACKREF].origin, "SHARED", False)
        plan.is_shared = may_share and len(branches) == known_branches
        plan.build = compile_builder(plan)
        return plan


_UNSET = ValuePlan(ValueKind.LEAF, True, "")


def _resolution_of(source: StrawberryField) -> tuple[FieldKind, Callable[..., Any] | None]:
    extensions = [each for each in source.extensions if not _is_permission(each)]
    if len(extensions) == 1 and isinstance(extensions[0], BatchExtension):
        return FieldKind.BATCH, extensions[0].resolver
    if extensions and _look_up_of(source) is None:
        raise NotCoveredError(f"{source.python_name} has field extensions")
    if source.base_resolver is None:
        return FieldKind.ATTRIBUTE, None
    function = cast("Callable[..., Any]", source.base_resolver.wrapped_func)
    if inspect.iscoroutinefunction(function):
        return FieldKind.ASYNC, function
    if inspect.isasyncgenfunction(function):
        raise NotCoveredError("subscriptions")
    return FieldKind.SYNC, function


def _has_variable(value: ValueNode) -> bool:
    if isinstance(value, ListValueNode):
        return any(map(_has_variable, value.values))
    if isinstance(value, ObjectValueNode):
        return any(_has_variable(each.value) for each in value.fields)
    return isinstance(value, VariableNode)


def _is_permission(extension: FieldExtension) -> bool:
    return isinstance(extension, PermissionExtension)


def _permission_of(source: StrawberryField) -> PermissionExtension | None:
    found = [each for each in source.extensions if isinstance(each, PermissionExtension)]
    if len(found) > 1:
        raise NotCoveredError(f"{source.python_name} has several permission extensions")
    return found[0] if found else None


def _reads_catalogue_only(source: StrawberryField, kind: FieldKind) -> bool:
    """Return whether a field of a catalogue object reads nothing but the catalogue.

    A resolver without `info` can read its parent only. Permissions depend on the caller.
    """
    if any(map(_is_permission, source.extensions)):
        return False
    if kind is FieldKind.ATTRIBUTE or READS_CATALOGUE in source.metadata:
        return True
    base = source.base_resolver
    return kind is FieldKind.SYNC and base is not None and base.info_parameter is None


def _look_up_of(source: StrawberryField) -> LookUpExtension | None:
    extensions = [each for each in source.extensions if not _is_permission(each)]
    if len(extensions) == 1 and isinstance(extensions[0], LookUpExtension):
        return extensions[0]
    return None


def _leaf(leaf_type: GraphQLLeafType, nullable: bool) -> ValuePlan:
    plan = ValuePlan(ValueKind.LEAF, nullable, leaf_type.name, serialize=_serializer(leaf_type))
    if isinstance(leaf_type, GraphQLEnumType):
        plan.names = _enum_names(leaf_type)
    elif isinstance(leaf_type, GraphQLScalarType):
        plan.leaf_class = LEAF_CLASSES.get(leaf_type.name)
    return plan


def _serializer(leaf_type: GraphQLLeafType) -> Callable[[Any], Any]:
    coerce: Callable[[Any], Any] = (
        getattr(leaf_type, "coerce_output_value", None) or leaf_type.serialize
    )
    return coerce


def _enum_names(enum_type: GraphQLEnumType) -> dict[Any, str]:
    definition = enum_type.extensions.get(BACKREF)
    if definition is None or not issubclass(definition.wrapped_cls, Enum):
        return {}
    serialize = _serializer(enum_type)
    return {member: serialize(member) for member in definition.wrapped_cls}
