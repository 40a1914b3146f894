"""What a plan is made of: fields, the values they give, and the objects those hold.

A *branch* is a field that waits for something: a root field, or a field with a batch or async
resolver, or with a permission to ask. All else (attributes and synchronous resolvers) is read while
its branch is completed, by one generated function per branch.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from graphql import FieldNode, GraphQLField
from strawberry.permission import PermissionExtension
from strawberry.types.field import StrawberryField

from schema.needed_fields import NeededFields


class NotCoveredError(Exception):
    """The operation needs something that plans do not do; graphql-core runs it instead."""


class FieldKind(Enum):
    """How a field gets its value."""

    TYPENAME = "typename"
    ATTRIBUTE = "attribute"
    SYNC = "sync"
    ASYNC = "async"
    BATCH = "batch"

    @property
    def waits(self) -> bool:
        return self in (FieldKind.ASYNC, FieldKind.BATCH)


class ValueKind(Enum):
    """What a value is made of."""

    LEAF = "leaf"
    LIST = "list"
    OBJECT = "object"


@dataclass(slots=True)
class ValuePlan:
    """How a field's value becomes a part of the response.

    Attributes:
        kind: leaf, list or object.
        nullable: whether null is allowed in its place.
        type_name: its GraphQL type, for messages.
        serialize: (leaf) the scalar's or enum's result coercion.
        leaf_class: (leaf) the class whose instances go into the response unchanged, if any.
        names: (leaf) of an enum, the name of each member.
        item: (list) how each element is completed.
        objects: (object) by the class of the value; the key None stands for every class.
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
    """One response key of an object.

    Attributes:
        parent_type: name of the object type it is a field of.
        key: the response key.
        nodes: its field nodes, for arguments and locations.
        kind: how it gets its value.
        value: how the value is completed.
        definition: graphql-core's field.
        source: strawberry's field.
        resolver: the function that resolves it, if any.
        slot: (waits) its place among the branches below the branch it belongs to.
        branches: (waits) the branches below it.
        permission: what decides whether a parent's field may be read.
        constant: whether its arguments are the same in every run.
        arguments: those arguments, once they are known.
    """

    parent_type: str
    key: str
    nodes: list[FieldNode]
    kind: FieldKind
    value: ValuePlan
    definition: GraphQLField | None = None
    source: StrawberryField | None = None
    resolver: Callable[..., Any] | None = None
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
    """The fields asked of one object type, in the order of the response.

    `build(object, pending, run)` gives the response object; objects of waiting fields are added to
    `pending[slot]` as `(object, response object)`. It raises on anything out of the ordinary.
    """

    type_name: str
    fields: list[FieldPlan]
    build: Callable[[Any, "Pending", Any], dict[str, Any]] | None = None


Pending = list[list[tuple[Any, dict[str, Any]]]]


@dataclass(frozen=True, slots=True)
class OperationPlan:
    """A compiled operation.

    Attributes:
        roots: its root fields, each a branch of its own.
        root_type: name of the query or mutation type.
        serial: whether roots run one after the other (GraphQL spec, 6.2.2: mutations).
        needed: the fields of records that the operation reads.
    """

    roots: list[FieldPlan]
    root_type: str
    serial: bool
    needed: NeededFields
