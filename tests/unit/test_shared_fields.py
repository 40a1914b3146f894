"""Fields that several types of one interface share, so that one operation can select them all."""

from itertools import combinations

import pytest
from graphql import (
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    build_schema,
    parse,
    validate,
)

from schema.contract import export

SCHEMA: GraphQLSchema = build_schema(export())
INTERFACES = [each for each in SCHEMA.type_map.values() if isinstance(each, GraphQLInterfaceType)]


def differences(one: GraphQLObjectType, other: GraphQLObjectType) -> list[str]:
    """Describe the fields that both types have with different types or arguments."""

    def signature(of: GraphQLObjectType, name: str) -> str:
        arguments = of.fields[name].args
        described = ", ".join(f"{each}: {arguments[each].type}" for each in sorted(arguments))
        return f"({described}): {of.fields[name].type}"

    return [
        f"{one.name}.{name}{signature(one, name)} but {other.name}.{name}{signature(other, name)}"
        for name in sorted(one.fields.keys() & other.fields.keys())
        if signature(one, name) != signature(other, name)
    ]


@pytest.mark.parametrize("interface", INTERFACES, ids=lambda each: each.name)
def test_types_of_an_interface_have_equal_types_for_fields_of_the_same_name(
    interface: GraphQLInterfaceType,
) -> None:
    types = SCHEMA.get_implementations(interface).objects
    assert len(types) > 1
    found = [each for pair in combinations(types, 2) for each in differences(*pair)]
    assert not found, "\n".join(found)


def test_the_comparison_finds_nullability_and_arguments() -> None:
    schema = build_schema("""
        type Query { a: A b: B }
        type A { same: Int one: String! two(lang: Int): String three: Int }
        type B { same: Int one: String two(lang: Int!): String four: Int }
    """)
    types = (schema.type_map["A"], schema.type_map["B"])
    one, other = (each for each in types if isinstance(each, GraphQLObjectType))
    assert [each.partition("(")[0] for each in differences(one, other)] == ["A.one", "A.two"]


def test_an_operation_can_select_every_field_of_every_node() -> None:
    """Fields with required arguments are left out."""
    node = SCHEMA.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    fragments = []
    for each in SCHEMA.get_implementations(node).objects:
        names = [name for name, field in each.fields.items() if _is_plain(str(field.type))]
        fragments.append(f"... on {each.name} {{ {' '.join(names)} }}")
    document = f'{{ node(id: "x") {{ {" ".join(fragments)} }} }}'
    assert validate(SCHEMA, parse(document)) == []


def _is_plain(type_name: str) -> bool:
    return not isinstance(SCHEMA.type_map[type_name.strip("[]!")], GraphQLObjectType)
