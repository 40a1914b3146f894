"""Limits of connections: their number, the size of request headers, the time of a request."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from tests.support.processes import Hub

CONNECTIONS = 3
QUERY = {"query": "{ __typename }"}


@pytest.fixture(scope="module")
def narrow_hub() -> Iterator[Hub]:
    hub = Hub({}, HUB_CONNECTIONS=str(CONNECTIONS), HUB_REQUEST_SECONDS="0.5")
    yield hub
    hub.client.close()
    hub.stop()


@pytest.fixture
def connection(narrow_hub: Hub) -> Iterator[socket.socket]:
    narrow_hub.client.close()
    url = httpx.URL(narrow_hub.url)
    with socket.create_connection((url.host, url.port or 80), timeout=5) as opened:
        yield opened


def test_a_connection_above_the_limit_may_only_read_the_hubs_health(narrow_hub: Hub) -> None:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(httpx.Client(trust_env=False)) for _ in range(CONNECTIONS + 1)
        ]
        replies = [client.post(narrow_hub.url, json=QUERY) for client in clients]
        assert [reply.status_code for reply in replies] == [200] * CONNECTIONS + [503]
        refused = replies[-1]
        assert refused.json()["errors"][0]["extensions"]["code"] == "OVERLOADED"
        assert (refused.headers["connection"], "retry-after" in refused.headers) == ("close", True)
        health = httpx.get(narrow_hub.url.replace("graphql", "readyz"), trust_env=False)
        assert health.status_code == 200
    assert httpx.post(narrow_hub.url, json=QUERY, trust_env=False).status_code == 200


@pytest.mark.parametrize(
    "part",
    [
        b"POST /graphql HTTP/1.1\r\nHost: hub\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
        b"Content-Length: 26\r\n\r\n{",
    ],
    ids=["incomplete headers", "incomplete body"],
)
def test_the_connection_of_an_incomplete_request_is_closed(
    part: bytes, connection: socket.socket
) -> None:
    connection.sendall(part)
    assert connection.recv(1024) == b""


def test_endless_headers_are_rejected(connection: socket.socket) -> None:
    connection.sendall(b"GET / HTTP/1.1\r\nX-Long: " + b"x" * (64 << 10))
    connection.sendall(b"x" * 1024)
    assert connection.recv(1024).startswith(b"HTTP/1.1 400 ")
