"""The directive `@personal`: the classes of personal data that a field of the schema shows.

It is derived from the attributes that the field reads, so a field that is computed from others
never has fewer classes than they have.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

import strawberry
from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_object_type,
)
from strawberry.schema.schema_converter import GraphQLCoreConverter
from strawberry.schema_directive import Location
from strawberry.types.field import StrawberryField

from schema.batch import READS, READS_CATALOGUE, BatchExtension
from schema.personal import FieldClass

BACKREF = GraphQLCoreConverter.DEFINITION_BACKREF


@strawberry.schema_directive(
    locations=[Location.FIELD_DEFINITION],
    name="personal",
    description="The classes of personal data that the field shows. The hub's policy decides for "
    "each class whether the caller sees it plain, masked or not at all.",
)
class Personal:
    classes: list[FieldClass]


def declare_personal_fields(schema: strawberry.Schema) -> None:
    """Add `@personal` to the fields of a schema that show personal data."""
    core = schema._schema
    for named in core.type_map.values():
        if not isinstance(named, GraphQLObjectType | GraphQLInterfaceType):
            continue
        for name, definition in named.fields.items():
            if isinstance(named, GraphQLObjectType):
                found = set(_classes_of(named, name))
            else:
                objects = core.get_possible_types(named)
                found = {each for type_ in objects for each in _classes_of(type_, name)}
            if found:
                source: StrawberryField = copy(definition.extensions[BACKREF])
                source.directives = [*source.directives, Personal(classes=in_order(found))]
                # Types share the fields that they inherit, but not their classes.
                definition.extensions = {**definition.extensions, BACKREF: source}


def in_order(classes: Iterable[FieldClass]) -> list[FieldClass]:
    """Return classes in the order of the enum, each once."""
    given = set(classes)
    return [each for each in FieldClass if each in given]


def classes_of_field(definition: GraphQLField) -> list[FieldClass]:
    """Return the classes in the directive `@personal` of a field; empty if it has none."""
    source = definition.extensions.get(BACKREF)
    directives = source.directives if isinstance(source, StrawberryField) else []
    found = [each for each in directives if isinstance(each, Personal)]
    return found[0].classes if found else []


def record_type_of(named: GraphQLObjectType | GraphQLInterfaceType) -> Any:
    """Return the Python class of an object type."""
    definition = named.extensions.get(BACKREF)
    return None if definition is None else definition.origin


def _classes_of(parent: GraphQLObjectType, name: str) -> Iterator[FieldClass]:
    record_type, definition = record_type_of(parent), parent.fields[name]
    classes: dict[str, Any] = getattr(record_type, "CLASSES", {})
    if not classes:
        return
    source: StrawberryField = definition.extensions[BACKREF]
    if source.base_resolver is None:
        attributes: Iterable[str] = (source.python_name,)
    elif READS in source.metadata:
        attributes = source.metadata[READS]
    else:
        attributes = () if READS_CATALOGUE in source.metadata else classes
    if any(isinstance(each, BatchExtension) for each in source.extensions):
        # It finds other records by the keys, and returns none of them.
        attributes = [each for each in attributes if each not in getattr(record_type, "KEYS", ())]
    for each in attributes:
        given = classes.get(each, ())
        yield from given if isinstance(given, tuple) else (given,)
    yield from _of_records(definition)


def _of_records(definition: GraphQLField) -> Iterator[FieldClass]:
    """Yield the class of the records that a field returns, also in a connection."""
    named = get_named_type(definition.type)
    if is_object_type(named) and "nodes" in named.fields:
        named = get_named_type(named.fields["nodes"].type)
    if is_object_type(named):
        record_type = record_type_of(named)
        of_record = getattr(record_type, "RECORD_CLASS", None)
        if of_record is not None:
            yield of_record
        yield from getattr(record_type, "CLASS_BY", ("", {}))[1].values()
