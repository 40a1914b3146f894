"""GraphQL over HTTP, health and metrics."""

import httpx
import pytest

from schema.codes import ErrorCode
from schema.error_messages import error_message
from schema.language import Language
from tests.support.processes import Hub

QUERY = {"query": "{ __typename }"}


def test_queries_work_with_get(hub: Hub) -> None:
    reply = httpx.get(hub.url, params=QUERY, trust_env=False)
    assert reply.json() == {"data": {"__typename": "Query"}}
    assert reply.headers["content-type"].startswith("application/json")


def test_the_page_for_browsers_loads_nothing_from_other_servers(hub: Hub) -> None:
    reply = httpx.get(hub.url, headers={"Accept": "text/html"}, trust_env=False)
    assert reply.headers["content-type"].startswith("text/html")
    assert "Citizen Hub" in reply.text
    assert "http" not in reply.text.replace('fetch("/graphql"', "")


@pytest.mark.parametrize(
    ("content", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"[]", "application/json", 400),
        (b"{}", "application/json", 400),
        (b'{"query": "{ __typename }", "variables": []}', "application/json", 400),
        (b'{"query": "{ __typename }"}', "text/plain", 415),
        (b'{"query": "' + b" " * 300_000 + b'"}', "application/json", 413),
    ],
)
def test_an_invalid_request_is_rejected(
    content: bytes, media_type: str, status: int, hub: Hub
) -> None:
    headers = {"Content-Type": media_type}
    reply = httpx.post(hub.url, content=content, headers=headers, trust_env=False)
    assert reply.status_code == status
    (error,) = reply.json()["errors"]
    assert error["extensions"]["code"] == "BAD_REQUEST"


def test_an_invalid_document_gives_400_if_the_client_accepts_graphql_response(hub: Hub) -> None:
    accept = {"Accept": "application/graphql-response+json"}
    wrong = httpx.post(hub.url, json={"query": "{ nope }"}, headers=accept, trust_env=False)
    right = httpx.post(hub.url, json=QUERY, headers=accept, trust_env=False)
    assert (wrong.status_code, right.status_code) == (400, 200)
    assert right.headers["content-type"].startswith("application/graphql-response+json")


def test_the_clients_correlation_id_is_used(hub: Hub) -> None:
    headers = {"X-Correlation-Id": "portal-12345"}
    reply = httpx.post(hub.url, json={"query": "{ nope }"}, headers=headers, trust_env=False)
    assert reply.headers["x-correlation-id"] == "portal-12345"
    assert reply.json()["errors"][0]["extensions"]["correlationId"] == "portal-12345"


@pytest.mark.parametrize(
    ("header", "language"), [("hi-IN,hi;q=0.9,en;q=0.8", Language.HI), ("en-IN", Language.EN)]
)
def test_errors_have_a_sentence_in_the_clients_language(
    header: str, language: Language, hub: Hub
) -> None:
    for query in ("{ nope }", '{ grievance(registrationNumber: "CMOFF/2026/9999999") { id } }'):
        reply = httpx.post(
            hub.url, json={"query": query}, headers={"Accept-Language": header}, trust_env=False
        )
        extensions = reply.json()["errors"][0]["extensions"]
        code = ErrorCode[extensions["code"]]
        assert extensions["localizedMessage"] == error_message(code, language)


def test_other_methods_are_rejected(hub: Hub) -> None:
    reply = httpx.put(hub.url, json=QUERY, trust_env=False)
    assert (reply.status_code, reply.headers["allow"]) == (405, "GET, HEAD, POST")


@pytest.mark.parametrize("path", ["healthz", "readyz"])
def test_the_hub_is_healthy_and_ready(path: str, hub: Hub) -> None:
    assert httpx.get(hub.url.replace("graphql", path), trust_env=False).status_code == 200


def test_introspection_works(hub: Hub) -> None:
    found = hub.data("{ __schema { queryType { name } } }")
    assert found == {"__schema": {"queryType": {"name": "Query"}}}


def test_metrics_count_operations_by_executor(hub: Hub) -> None:
    def count(executor: str) -> float:
        text = httpx.get(hub.url.replace("graphql", "metrics"), trust_env=False).text
        name = f'hub_operations_total{{executor="{executor}"}} '
        return sum(float(line[len(name) :]) for line in text.splitlines() if line.startswith(name))

    before = {name: count(name) for name in ("plan", "graphql-core", "refused")}
    for document in ("{ __typename }", "{ __schema { queryType { name } } }", "{ nope }"):
        httpx.post(hub.url, json={"query": document}, trust_env=False)
    assert {name: count(name) - before[name] for name in before} == dict.fromkeys(before, 1.0)


def test_metrics_count_the_tasks_of_the_event_loop(hub: Hub) -> None:
    assert hub.metric("hub_event_loop_tasks") > 0
