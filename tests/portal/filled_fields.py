"""Which fields of the schema have a value for somebody: queries that select every field."""

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_leaf_type,
    is_required_argument,
)

ARGUMENTS = {
    ("Citizen", "applications"): "first: 100",
    ("Citizen", "benefits"): "first: 100",
    ("Citizen", "certificates"): "first: 100",
    ("Citizen", "grievances"): "first: 100",
    ("Citizen", "conflicts"): 'departments: ["pensions", "certificates"]',
}
"""Arguments of fields, by type and field."""
ROOTS = ("Query", "Mutation")


def select_all(schema: GraphQLSchema, type_name: str, nodes: int = 2) -> str:
    """Return a selection of every field of a type.

    Args:
        nodes: how many types with an `id` are selected whole inside each other.
    """
    found = schema.type_map[type_name]
    assert isinstance(found, GraphQLObjectType)
    return _selection(schema, found, (), nodes)


def _selection(
    schema: GraphQLSchema, found: GraphQLObjectType, path: tuple[str, ...], nodes: int
) -> str:
    if found.name in path or ("id" in found.fields and nodes == 0):
        return "{ __typename }"
    inner = nodes - ("id" in found.fields)
    parts = [
        _field(schema, found, name, field, (*path, found.name), inner)
        for name, field in found.fields.items()
    ]
    return f"{{ __typename {' '.join(filter(None, parts))} }}"


def _field(
    schema: GraphQLSchema,
    owner: GraphQLObjectType,
    name: str,
    field: GraphQLField,
    path: tuple[str, ...],
    nodes: int,
) -> str:
    arguments = ARGUMENTS.get((owner.name, name), "")
    if not arguments and any(map(is_required_argument, field.args.values())):
        return ""
    called = f"{name}({arguments})" if arguments else name
    returned: GraphQLNamedType = get_named_type(field.type)
    if is_leaf_type(returned):
        return called
    if is_abstract_type(returned):
        return f"{called} {{ __typename }}"
    assert isinstance(returned, GraphQLObjectType)
    return f"{called} {_selection(schema, returned, path, nodes)}"


def filled(answer: Any) -> Iterator[tuple[str, str]]:
    """Yield each field of an answer that is neither null nor an empty list, with its type."""
    if isinstance(answer, list):
        for each in answer:
            yield from filled(each)
    elif isinstance(answer, Mapping):
        for name, value in answer.items():
            if value is None or value == []:
                continue
            if "__typename" in answer:
                yield answer["__typename"], name
            yield from filled(value)


def all_fields(schema: GraphQLSchema) -> set[tuple[str, str]]:
    """Return every field that a query can return, with its type."""
    return {
        (found.name, name)
        for found in schema.type_map.values()
        if isinstance(found, GraphQLObjectType)
        and not found.name.startswith("__")
        and not found.name.endswith("Payload")
        and found.name not in ROOTS
        for name in found.fields
    }
