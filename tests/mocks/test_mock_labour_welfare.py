"""The mock of the Labour Welfare Board."""

from hashlib import sha256
from typing import Any

import httpx
import pytest
from graphql import build_client_schema, get_introspection_query, print_schema

from tests.support.processes import PROJECT, Mock

SDL = "mocks/labour_welfare/schema.graphql"
ALL = "{ applications { reference applicant { lwbNo } state { code label } } }"
SOME = "query ($w: Where) { applications(where: $w) { reference applicant { lwbNo } } }"


def post(mock: Mock, query: str | None = None, **more: Any) -> httpx.Response:
    body = {**more, "query": query} if query is not None else more
    return mock.http.post("/graphql", json=body)


def data(mock: Mock, query: str, **variables: Any) -> Any:
    content = post(mock, query, variables=variables).json()
    assert "errors" not in content
    return content["data"]


def test_a_request_without_a_password_is_refused(labour_welfare: Mock) -> None:
    response = httpx.post(f"{labour_welfare.url}/graphql", json={"query": ALL}, trust_env=False)
    assert response.status_code == 401
    assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_applications_by_number_and_by_reference(labour_welfare: Mock) -> None:
    first = data(labour_welfare, ALL)["applications"][0]
    number = first["applicant"]["lwbNo"]
    own = data(labour_welfare, SOME, w={"lwbNo": {"in": [number]}})["applications"]
    assert {row["applicant"]["lwbNo"] for row in own} == {number}
    reference = first["reference"]
    found = data(labour_welfare, SOME, w={"reference": {"in": [reference, "none"]}})
    assert [row["reference"] for row in found["applications"]] == [reference]
    query = "query ($r: String!) { application(reference: $r) { reference dueOn } }"
    assert data(labour_welfare, query, r=reference)["application"]["reference"] == reference
    assert data(labour_welfare, query, r="none") == {"application": None}


@pytest.mark.parametrize("where", [None, {}, {"lwbNumber": {"in": ["x"]}}, {"lwbNo": "x"}, 7])
def test_unknown_filters_are_ignored(labour_welfare: Mock, where: Any) -> None:
    everything = data(labour_welfare, ALL)["applications"]
    assert len(data(labour_welfare, SOME, w=where)["applications"]) == len(everything) > 20


def test_an_invalid_query_is_an_error(labour_welfare: Mock) -> None:
    content = post(labour_welfare, "{ aplications { reference } }").json()
    assert content["data"] is None
    assert "aplications" in content["errors"][0]["message"]


def test_queries_can_be_sent_by_their_hash(labour_welfare: Mock) -> None:
    query = "{ applications { dueOn } }"
    digest = sha256(query.encode()).hexdigest()
    extensions = {"persistedQuery": {"version": 1, "sha256Hash": digest}}
    unknown = post(labour_welfare, extensions=extensions).json()
    assert unknown["errors"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
    sent = post(labour_welfare, query, extensions=extensions).json()
    assert post(labour_welfare, extensions=extensions).json() == sent
    wrong = post(labour_welfare, "{ __typename }", extensions=extensions)
    assert wrong.status_code == 400


@pytest.mark.parametrize("content", [b"[]", b"{", b"{}", b'{"query": "{ a }", "variables": []}'])
def test_a_body_that_is_not_a_graphql_request_is_refused(
    labour_welfare: Mock, content: bytes
) -> None:
    assert labour_welfare.http.post("/graphql", content=content).status_code == 400


def test_the_manifest_has_the_schema_of_the_server(labour_welfare: Mock) -> None:
    content = data(labour_welfare, get_introspection_query())
    kept = PROJECT / "adapters/departments/labour-welfare/board.graphql"
    assert kept.read_text() == (PROJECT / SDL).read_text()
    assert "scalar Where" in print_schema(build_client_schema(content))


def test_status_codes_can_be_replaced(labour_welfare: Mock) -> None:
    labour_welfare.set_faults(unknown_code=1)
    codes = {row["state"]["code"] for row in data(labour_welfare, ALL)["applications"]}
    assert codes == {"97"}
