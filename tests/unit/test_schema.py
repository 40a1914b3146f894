"""The contract file equals the schema, and everything in the schema has a description."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLNonNull,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from hub.cli.schema_commands import contract_changes
from schema.contract import CONTRACT, export

CONTRACT_SCHEMA = build_schema(CONTRACT.read_text(encoding="utf-8"))
TYPES = [
    each
    for name, each in CONTRACT_SCHEMA.type_map.items()
    if not is_introspection_type(each) and not is_specified_scalar_type(each)
]


def test_the_schema_equals_the_contract() -> None:
    assert contract_changes() == []
    assert CONTRACT.read_text(encoding="utf-8") == export()


@pytest.mark.parametrize("graphql_type", TYPES, ids=str)
def test_everything_has_a_description(graphql_type: object) -> None:
    missing = []
    if not graphql_type.description and str(graphql_type) not in ("Date", "DateTime"):  # type: ignore[attr-defined]
        missing.append(str(graphql_type))
    if isinstance(graphql_type, GraphQLEnumType):
        missing += [name for name, v in graphql_type.values.items() if not v.description]
    for name, field in getattr(graphql_type, "fields", {}).items():
        if not field.description:
            missing.append(name)
        for argument, definition in getattr(field, "args", {}).items():
            if not definition.description:
                missing.append(f"{name}({argument})")
    assert missing == []


OTHER_CALLS = {
    "Citizen": ("family", "applications", "benefits", "certificates", "grievances"),
    "Application": ("applicant", "service", "department"),
    "Query": tuple(CONTRACT_SCHEMA.type_map["Query"].fields),  # type: ignore[attr-defined]
}
LOCAL = {"services", "departments", "serviceCentres", "nodes"}


@pytest.mark.parametrize("type_name", OTHER_CALLS)
def test_fields_that_need_another_call_are_nullable(type_name: str) -> None:
    """Otherwise a failed call would make the parent null too."""
    graphql_type = CONTRACT_SCHEMA.type_map[type_name]
    assert isinstance(graphql_type, GraphQLObjectType)
    for name in OTHER_CALLS[type_name]:
        if type_name == "Query" and name in LOCAL:
            continue
        assert not isinstance(graphql_type.fields[name].type, GraphQLNonNull), name


def test_connections_have_the_fields_of_relay() -> None:
    for graphql_type in TYPES:
        if str(graphql_type).endswith("Connection"):
            assert {"edges", "nodes", "pageInfo"} <= graphql_type.fields.keys()  # type: ignore[attr-defined]


def test_names_of_input_types_end_in_input() -> None:
    assert all(str(t).endswith("Input") for t in TYPES if isinstance(t, GraphQLInputObjectType))
