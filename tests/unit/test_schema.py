"""The schema's contract, and its promise that everything is described."""

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

from hub.cli.contract_check import describe_drift
from schema.contract import CONTRACT, export

CONTRACT_SCHEMA = build_schema(CONTRACT.read_text(encoding="utf-8"))
TYPES = [
    each
    for name, each in CONTRACT_SCHEMA.type_map.items()
    if not is_introspection_type(each) and not is_specified_scalar_type(each)
]


def test_the_schema_is_what_the_contract_says() -> None:
    assert describe_drift() == []
    assert CONTRACT.read_text(encoding="utf-8") == export()


@pytest.mark.parametrize("graphql_type", TYPES, ids=str)
def test_everything_is_described(graphql_type: object) -> None:
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
    "Application": ("applicant", "service", "agencyResponsible"),
    "Query": tuple(CONTRACT_SCHEMA.type_map["Query"].fields),  # type: ignore[attr-defined]
}
LOCAL = {"services", "departments", "serviceCentres", "nodes"}


@pytest.mark.parametrize("type_name", OTHER_CALLS)
def test_what_needs_another_call_can_be_null(type_name: str) -> None:
    """A failure can never null a neighbour or a parent."""
    graphql_type = CONTRACT_SCHEMA.type_map[type_name]
    assert isinstance(graphql_type, GraphQLObjectType)
    for name in OTHER_CALLS[type_name]:
        if type_name == "Query" and name in LOCAL:
            continue
        assert not isinstance(graphql_type.fields[name].type, GraphQLNonNull), name


def test_connections_follow_relay() -> None:
    for graphql_type in TYPES:
        if str(graphql_type).endswith("Connection"):
            assert {"edges", "nodes", "pageInfo"} <= graphql_type.fields.keys()  # type: ignore[attr-defined]


def test_inputs_are_named_as_inputs() -> None:
    assert all(str(t).endswith("Input") for t in TYPES if isinstance(t, GraphQLInputObjectType))
