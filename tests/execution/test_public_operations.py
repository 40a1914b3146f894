"""Caches may store only the responses to operations that read nothing but the catalogue."""

import pytest
from graphql import GraphQLObjectType, get_named_type
from strawberry.types.field import StrawberryField

from hub.execution import Executor, GraphQLRequest
from hub.execution.compiler import BACKREF
from schema.batch import READS_CATALOGUE
from tests.execution.fake_sources import new_context
from tests.support.graphql_schema import SCHEMA

EXECUTOR = Executor(SCHEMA)

NOT_FROM_THE_CATALOGUE = {"Department.sourceStatus"}
"""Resolvers of catalogue objects that read something beside the catalogue."""

PUBLIC = (
    "{ services { nodes { code } totalCount } }",
    "{ services { nodes { department { identifier services { code } } } } }",
    '{ service(code: "SJE-OAS") { code department { identifier } } }',
    "{ departments { identifier contactPoint { telephone } } }",
    '{ department(by: {identifier: "pensions"}) { identifier } }',
    "{ serviceCentres { nodes { id } } departments { id } }",
    "query($no: Boolean = false) { departments { id sourceStatus @include(if: $no) { state } } }",
)
PRIVATE = (
    "{ __typename }",
    "{ departments { identifier sourceStatus { state } } }",
    "{ services { nodes { department { sourceStatus { state } } } } }",
    '{ service(code: "NO-SUCH") { code } }',
    "{ me { id } }",
    "{ departments { id } me { id } }",
    '{ node(id: "RGVwYXJ0bWVudDpwZW5zaW9ucw==") { id } }',
    "query($no: Boolean = true) { departments { id sourceStatus @include(if: $no) { state } } }",
    "{ __schema { queryType { name } } }",
    "{ nope }",
)


@pytest.mark.parametrize(
    ("document", "is_public"),
    [(each, True) for each in PUBLIC] + [(each, False) for each in PRIVATE],
)
async def test_whether_a_response_is_public_depends_on_the_fields(
    document: str, is_public: bool
) -> None:
    response = await EXECUTOR.execute(GraphQLRequest(document), new_context())
    assert response.is_public is is_public, response.body


def test_each_resolver_of_the_catalogue_says_whether_it_reads_the_catalogue_only() -> None:
    schema = SCHEMA._schema
    assert schema.query_type is not None
    waiting = [
        field.type
        for field in schema.query_type.fields.values()
        if READS_CATALOGUE in field.extensions[BACKREF].metadata
    ]
    seen: set[str] = set()
    undecided = set()
    while waiting:
        found = get_named_type(waiting.pop())
        if not isinstance(found, GraphQLObjectType) or found.name in seen:
            continue
        seen.add(found.name)
        for name, field in found.fields.items():
            source: StrawberryField = field.extensions[BACKREF]
            base = source.base_resolver
            needs_context = base is not None and base.info_parameter is not None
            if f"{found.name}.{name}" in NOT_FROM_THE_CATALOGUE:
                assert READS_CATALOGUE not in source.metadata
                continue
            if needs_context and READS_CATALOGUE not in source.metadata:
                undecided.add(f"{found.name}.{name}")
            waiting.append(field.type)
    assert {"Service", "Department", "ServiceCentre"} <= seen
    assert not undecided, "set metadata=reads_catalogue(), or add to NOT_FROM_THE_CATALOGUE"
