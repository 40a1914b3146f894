"""Hostile requests are refused with a clear error, and other callers do not notice them."""

import http.client
import json
import socket
import statistics
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from mocks.lab.hub_process import NO_BUDGETS
from tests.integration.hostile_requests import Hostile, hostile_requests
from tests.support.processes import Hub

HOSTILE = hostile_requests()
CANARY = json.dumps({"query": "{ departments { identifier } }"})
CANARY_SECONDS = 0.02
MAX_DELAY = 0.1
MAX_GROWTH_MIB = 40


@pytest.fixture(scope="module")
def lone_hub() -> Iterator[Hub]:
    """A hub without departments: hostile requests must not get as far as these."""
    hub = Hub({}, HUB_REQUEST_SECONDS="1")
    yield hub
    hub.stop()


def send(hub: Hub, hostile: Hostile) -> httpx.Response:
    headers = {"Accept": "application/graphql-response+json", **hostile.headers}
    return hub.client.request(
        hostile.method, hub.url, content=hostile.body, headers=headers, params=hostile.parameters
    )


def test_there_are_enough_hostile_requests() -> None:
    assert len(HOSTILE) >= 60
    assert len({each.name for each in HOSTILE}) == len(HOSTILE)


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: each.name)
def test_a_hostile_request_is_refused(hostile: Hostile, lone_hub: Hub) -> None:
    reply = send(lone_hub, hostile)
    errors = reply.json()["errors"]
    assert {each["extensions"]["code"] for each in errors} & set(hostile.codes), errors[:2]
    assert any(hostile.text in each["message"] for each in errors), errors[:2]
    assert len(errors) <= 101
    assert len(reply.content) < 200_000
    assert "data" not in reply.json() or reply.json()["data"] is None or "INPUT" in str(errors)


def test_limits_name_the_count_and_where(lone_hub: Hub) -> None:
    query = "{\n  " + " ".join(f"a{n}: __typename" for n in range(250)) + "}"
    error = lone_hub.query(query)["errors"][0]
    assert error["message"] == (
        "250 root fields in the operation, fragments expanded; the limit is 200 "
        "(HUB_MAX_ROOT_FIELDS). Split the operation into several."
    )
    assert error["locations"] == [{"line": 1, "column": 1}]


HEAD = b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
RAW = {
    "10 GB announced": HEAD + b"Content-Length: 10737418240\r\n\r\n{",
    "two lengths": HEAD
    + b"Content-Length: 27\r\nContent-Length: 5\r\n\r\n"
    + b'{"query": "{ __typename }"}',
    "length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    b"GET /smuggled HTTP/1.1\r\n\r\n",
    "an obscured coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "a space before the colon": b"POST /graphql HTTP/1.1\r\nHost: hub\r\n"
    b"Content-Length : 3\r\n\r\n{}\n",
    "a folded header": b"GET /healthz HTTP/1.1\r\nHost: hub\r\nX: a\r\n b: c\r\nX y: z\r\n\r\n",
    "a negative length": b"POST /graphql HTTP/1.1\r\nHost: hub\r\nContent-Length: -1\r\n\r\n",
    "a chunk size that is no number": HEAD
    + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 100,
    "a line without end": b"GET /" + b"a" * 200_000,
}


@pytest.mark.parametrize("name", RAW)
def test_bytes_that_proxies_may_read_differently_are_refused(name: str, lone_hub: Hub) -> None:
    answer = _exchange(lone_hub, RAW[name])
    assert answer.count(b"HTTP/1.1 ") <= 1, answer
    assert b"smuggled" not in answer
    assert answer == b"" or answer.split()[1] in (b"400", b"413", b"415"), answer[:200]


def test_endless_chunks_are_cut_at_the_limit(lone_hub: Hub) -> None:
    head = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"
    chunk = b"8000\r\n" + b" " * 0x8000 + b"\r\n"
    with closing(_connect(lone_hub)) as connection:
        connection.sendall(head)
        sent = 0
        try:
            while sent < 20_000_000:
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        assert sent < 20_000_000


def test_a_slow_body_is_cut(lone_hub: Hub) -> None:
    head = HEAD + b"Content-Length: 1000\r\n\r\n"
    began = time.monotonic()
    with closing(_connect(lone_hub)) as connection:
        connection.sendall(head)
        try:
            while time.monotonic() - began < 8:
                connection.sendall(b" ")
                time.sleep(0.1)
        except OSError:
            pass
    assert time.monotonic() - began < 8


def test_other_callers_do_not_notice_hostile_requests(
    lone_hub: Hub, record_property: Callable[[str, object], None]
) -> None:
    quiet = Canary(lone_hub)
    with quiet:
        time.sleep(1)
    for _ in range(2):
        _attack(lone_hub, 0)
    before = resident_mib(lone_hub.process_id)
    canary = Canary(lone_hub)
    with canary:
        attackers = [
            threading.Thread(target=_attack, args=(lone_hub, number)) for number in range(1, 3)
        ]
        for each in attackers:
            each.start()
        for each in attackers:
            each.join()
    growth = resident_mib(lone_hub.process_id) - before
    delay = max(canary.seconds) - statistics.median(quiet.seconds)
    record_property("canary_delay_ms", round(delay * 1000, 1))
    record_property("canary_median_ms", round(statistics.median(canary.seconds) * 1000, 1))
    record_property("growth_mib", round(growth, 1))
    print(
        f"canary: {len(canary.seconds)} queries, median {statistics.median(canary.seconds):.4f} s, "
        f"longest {max(canary.seconds):.4f} s; without attack median "
        f"{statistics.median(quiet.seconds):.4f} s, longest {max(quiet.seconds):.4f} s; "
        f"memory {growth:+.1f} MiB"
    )
    assert not canary.failures
    # Other tests run on the same processors: their share is in the quiet canary too.
    assert delay < MAX_DELAY + max(quiet.seconds)
    assert growth < MAX_GROWTH_MIB


def test_a_budget_that_is_used_up_gives_429() -> None:
    hub = Hub({}, **{**NO_BUDGETS, "HUB_COST_PER_MINUTE": "200"})
    try:
        replies = [
            hub.client.post(hub.url, json={"query": "{ departments { identifier } }"})
            for _ in range(30)
        ]
        assert replies[0].status_code == 200
        last = replies[-1]
        assert last.status_code == 429
        assert 1 <= int(last.headers["retry-after"]) <= 120
        assert last.json()["errors"][0]["extensions"]["code"] == "COST_BUDGET_EXCEEDED"
    finally:
        hub.stop()


class Canary:
    """Sends a query every 20 ms over a connection of its own.

    Attributes:
        seconds: time of each query.
        failures: responses that are not right.
    """

    def __init__(self, hub: Hub) -> None:
        url = httpx.URL(hub.url)
        self._connection = http.client.HTTPConnection(url.host, url.port or 80, timeout=10)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self.seconds: list[float] = []
        self.failures: list[bytes] = []

    def __enter__(self) -> "Canary":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()
        self._connection.close()

    def _run(self) -> None:
        while not self._stop.wait(CANARY_SECONDS):
            began = time.perf_counter()
            self._connection.request(
                "POST", "/graphql", CANARY, {"Content-Type": "application/json"}
            )
            reply = self._connection.getresponse()
            body = reply.read()
            self.seconds.append(time.perf_counter() - began)
            if reply.status != 200 or b"errors" in body:
                self.failures.append(body)


def _attack(hub: Hub, number: int) -> None:
    """Send all hostile requests, with documents that no other attack sends."""
    with httpx.Client(timeout=30, trust_env=False) as client:
        for hostile in HOSTILE:
            body = hostile.body.replace(b'"query": "', b'"query": "' + b" " * number, 1)
            client.request(
                hostile.method,
                hub.url,
                content=body,
                headers=hostile.headers,
                params=hostile.parameters,
            )


def resident_mib(process_id: int) -> float:
    pages = int(Path(f"/proc/{process_id}/statm").read_text().split()[1])
    return pages * 4096 / 2**20


def _connect(hub: Hub) -> socket.socket:
    url = httpx.URL(hub.url)
    return socket.create_connection((url.host, url.port or 80), timeout=5)


def _exchange(hub: Hub, content: bytes) -> bytes:
    """Send bytes and return everything that the hub sends until it closes the connection."""
    answer = b""
    with closing(_connect(hub)) as connection:
        try:
            connection.sendall(content)
            while part := connection.recv(65_536):
                answer += part
        except (ConnectionError, TimeoutError):
            pass
    return answer
