"""Trusted documents, hosts and origins, over a real hub."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes import Hub

SERVICES = "{ services(first: 1) { nodes { code } } }"
UNKNOWN = "0" * 64
GRAPHQL = {"accept": "application/graphql-response+json"}


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documents")
    (folder / "services.graphql").write_text(SERVICES)
    (folder / "of-one-portal.graphql").write_text("# clients: portal\n{ departments { name } }")
    return folder


@pytest.fixture(scope="module")
def strict_hub(folder: Path) -> Iterator[Hub]:
    hub = Hub(
        {},
        HUB_TRUSTED_DOCUMENTS=str(folder),
        HUB_DOCUMENT_MODE="only",
        HUB_INTROSPECTION="false",
        HUB_CORS_ORIGINS="https://portal.example",
    )
    yield hub
    hub.stop()


def post(hub: Hub, body: dict[str, Any], **headers: str) -> Any:
    return hub.client.post(hub.url, json=body, headers={**GRAPHQL, **headers})


def first_message(hub: Hub, query: str) -> str:
    message: str = post(hub, {"query": query}).json()["errors"][0]["message"]
    return message


@pytest.mark.parametrize(
    "body",
    [
        {"documentId": "services"},
        {"documentId": f"sha256:{sha256(SERVICES)}"},
        {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": sha256(SERVICES)}}},
        {"query": SERVICES},
    ],
    ids=["name", "sha256", "apollo", "text"],
)
def test_a_trusted_document_runs(strict_hub: Hub, body: dict[str, Any]) -> None:
    reply = post(strict_hub, body)
    assert reply.status_code == 200, reply.text
    assert reply.json()["data"]["services"]["nodes"]


def test_a_trusted_document_runs_by_get(strict_hub: Hub) -> None:
    reply = strict_hub.client.get(strict_hub.url, params={"documentId": "services"})
    assert reply.json()["data"]["services"]["nodes"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"query": "{ departments { name } }"}, 403, "DOCUMENT_NOT_TRUSTED"),
        ({"query": SERVICES + " "}, 403, "DOCUMENT_NOT_TRUSTED"),
        ({"documentId": f"sha256:{UNKNOWN}"}, 404, "DOCUMENT_NOT_FOUND"),
        ({"documentId": "of-one-portal"}, 403, "DOCUMENT_NOT_TRUSTED"),
        ({"documentId": 7}, 400, "BAD_REQUEST"),
        ({"documentId": "services", "query": SERVICES}, 400, "BAD_REQUEST"),
        ({"query": "{ __schema { types { name } } }"}, 403, "DOCUMENT_NOT_TRUSTED"),
    ],
)
def test_other_documents_are_refused(
    strict_hub: Hub, body: dict[str, Any], status: int, code: str
) -> None:
    reply = post(strict_hub, body)
    assert reply.status_code == status
    assert reply.json()["errors"][0]["extensions"]["code"] == code


def test_an_untrusted_document_is_logged_in_audit_mode_without_its_text(folder: Path) -> None:
    hub = Hub({}, HUB_TRUSTED_DOCUMENTS=str(folder), HUB_DOCUMENT_MODE="audit")
    text = '{ service(code: "7KNL042101") { code } }'
    try:
        assert "data" in post(hub, {"query": text}).json()
        assert hub.metric("hub_documents_total", kind="untrusted") == 1
        assert post(hub, {"query": SERVICES}).json()["data"]["services"]
        assert hub.metric("hub_documents_total", kind="trusted") == 1
    finally:
        hub.stop()
    assert f"sha256:{sha256(text)}" in hub.log()
    assert "7KNL042101" not in hub.log()


def test_names_of_the_schema_are_not_suggested_without_introspection() -> None:
    hub = Hub({}, HUB_INTROSPECTION="false")
    try:
        message = first_message(hub, "{ servces { nodes { code } } }")
        assert "services" not in message
        assert "introspection" in first_message(hub, "{ __schema { types { name } } }")
        named = 'query __schema { x: __type(name: "Citizen") { fields { name } } }'
        assert "introspection" in first_message(hub, named)
    finally:
        hub.stop()


def test_a_page_of_an_allowed_site_may_call_the_hub(strict_hub: Hub) -> None:
    origin = {"origin": "https://portal.example"}
    preflight = strict_hub.client.options(
        strict_hub.url,
        headers={
            **origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "authorization,content-type,hub-purpose",
        },
    )
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://portal.example"
    reply = post(strict_hub, {"documentId": "services"}, **origin)
    assert reply.status_code == 200
    assert reply.headers["access-control-allow-origin"] == "https://portal.example"


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://portal.example"])
def test_a_page_of_another_site_may_not(strict_hub: Hub, origin: str) -> None:
    reply = post(strict_hub, {"documentId": "services"}, origin=origin)
    assert reply.status_code == 403
    assert "access-control-allow-origin" not in reply.headers
    assert "services" not in json.dumps(reply.json().get("data"))


def test_a_page_of_the_hub_itself_may_call_it(strict_hub: Hub) -> None:
    own = strict_hub.url.removesuffix("/graphql")
    assert post(strict_hub, {"documentId": "services"}, origin=own).status_code == 200


def test_only_allowed_hosts_are_served() -> None:
    hub = Hub({}, HUB_ALLOWED_HOSTS="hub.example,*.kendra.example")
    try:
        for host, status in (
            ("hub.example", 200),
            ("a.kendra.example", 200),
            ("evil.example", 400),
            ("hub.example.evil", 400),
        ):
            reply = post(hub, {"query": SERVICES}, host=host)
            assert reply.status_code == status, host
    finally:
        hub.stop()


def test_responses_name_no_server_and_forbid_guesses_of_their_type(strict_hub: Hub) -> None:
    reply = post(strict_hub, {"documentId": "services"})
    assert "server" not in reply.headers
    assert reply.headers["x-content-type-options"] == "nosniff"
    refused = post(strict_hub, {"query": "{ departments { name } }"})
    assert refused.headers["cache-control"] == "no-store"
