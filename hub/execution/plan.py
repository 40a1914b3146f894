"""The parts of a plan: fields, their values, and the objects in these values.

A *branch* is a field that may wait: a root field, or a field with a batch resolver, an async
resolver or a permission. One generated function per branch reads all other fields below it
(attributes and synchronous resolvers).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLField
from strawberry.permission import PermissionExtension
from strawberry.types.field import StrawberryField

from schema.batch import LookUpExtension
from schema.needed_fields import NeededFields


class NotCoveredError(Exception):
    """Plans do not support this operation; graphql-core must execute it."""


class FieldKind(Enum):
    """How a field is resolved."""

    TYPENAME = "typename"
    ATTRIBUTE = "attribute"
    SYNC = "sync"
    ASYNC = "async"
    BATCH = "batch"

    @property
    def waits(self) -> bool:
        return self in (FieldKind.ASYNC, FieldKind.BATCH)


class ValueKind(Enum):
    """The shape of a value."""

    LEAF = "leaf"
    LIST = "list"
    OBJECT = "object"


@dataclass(slots=True)
class ValuePlan:
    """How to convert a resolved value into a part of the response.

    Attributes:
        kind: leaf, list or object.
        nullable: True if the value may be null.
        type_name: GraphQL type, for messages.
        serialize: (leaf) result coercion of the scalar or enum.
        leaf_class: (leaf) instances of this class go into the response unchanged.
        names: (leaf) GraphQL name of each enum member.
        item: (list) plan of each element.
        objects: (object) plan by Python class of the value; the key None matches every class.
    """

    kind: ValueKind
    nullable: bool
    type_name: str
    serialize: Callable[[Any], Any] | None = None
    leaf_class: type | None = None
    names: Mapping[Any, str] | None = None
    item: "ValuePlan | None" = None
    objects: "dict[type | None, ObjectPlan]" = field(default_factory=dict)


@dataclass(slots=True)
class FieldPlan:
    """One field in a response object.

    Attributes:
        parent_type: name of the object type that has the field.
        key: key in the response object.
        nodes: the field's nodes in the document.
        kind: how the field is resolved.
        value: plan of the field's value.
        definition: the field in graphql-core's schema.
        source: the field in Strawberry's schema.
        resolver: the resolver function, if any.
        look_up: resolves this field and its aliases together, if it is a look-up field.
        permission: decides for each parent whether the field may be read.
        slot: (branch) index in `branches` of the branch above; -1 if the field is not a branch.
        branches: (branch) the branches directly below.
        constant: True if the arguments contain no variables.
        arguments: the coerced arguments, if they are constant and already known.
    """

    parent_type: str
    key: str
    nodes: list[FieldNode]
    kind: FieldKind
    value: ValuePlan
    definition: GraphQLField | None = None
    source: StrawberryField | None = None
    resolver: Callable[..., Any] | None = None
    look_up: LookUpExtension | None = None
    permission: PermissionExtension | None = None
    slot: int = -1
    branches: "list[FieldPlan]" = field(default_factory=list)
    constant: bool = False
    arguments: dict[str, Any] | None = None

    @property
    def name(self) -> str:
        return self.nodes[0].name.value


@dataclass(slots=True)
class ObjectPlan:
    """The selected fields of one object type, in the order of the response.

    Attributes:
        type_name: name of the object type.
        fields: the fields.
        is_shared: whether rows share values of this type, so that their response objects are shared
            too. No branch is below them.
        build: generated function `build(value, pending, run)` that returns the response object. It
            appends `(value, response object)` to `pending[slot]` for each branch. It raises an
            exception on any value that needs the slow path.
    """

    type_name: str
    fields: list[FieldPlan]
    is_shared: bool = False
    build: Callable[[Any, "Pending", Any], dict[str, Any]] | None = None


Pending = list[list[tuple[Any, dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class OperationPlan:
    """A compiled operation.

    Attributes:
        roots: the root fields; each is a branch.
        root_type: name of the query or mutation type.
        serial: True for mutations: root fields run one after another (GraphQL spec, 6.2.2).
        needed: the fields of records that the operation reads.
        has_aliases: whether a batch or look-up field of the schema is selected more than once, so
            that branches of one level may be resolved together.
        reads_catalogue_only: True if the operation reads the public catalogue and nothing else.
    """

    roots: list[FieldPlan]
    root_type: str
    serial: bool
    needed: NeededFields
    has_aliases: bool
    reads_catalogue_only: bool
