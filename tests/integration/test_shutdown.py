"""The hub on SIGTERM: it reports that it is not ready, finishes running operations and exits."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.support.processes import Hub, Mock, wait_until

QUERY = {"query": '{ application(reference: "SJE-OAS/2026/000123") { applicationStatus } }'}

Start = Callable[..., Hub]
Send = Callable[[Hub], Future[httpx.Response]]


@pytest.fixture
def slow_pensions(calm: dict[str, Mock]) -> dict[str, Mock]:
    calm["pensions"].set_faults(latency=2.0)
    return calm


@pytest.fixture
def start() -> Iterator[Start]:
    """Return a function that starts hubs. They are stopped after the test."""
    hubs: list[Hub] = []

    def starting(departments: dict[str, Mock], **environment: str) -> Hub:
        hubs.append(Hub(departments, **environment))
        return hubs[-1]

    yield starting
    for hub in hubs:
        hub.stop()


@pytest.fixture
def send() -> Iterator[Send]:
    """Return a function that sends an operation to the slow department and waits until it runs."""
    with ThreadPoolExecutor(1) as pool:

        def sending(hub: Hub) -> Future[httpx.Response]:
            sent = pool.submit(httpx.post, hub.url, json=QUERY, timeout=30, trust_env=False)
            wait_until(lambda: hub.metric("hub_operations_in_flight") == 1)
            return sent

        yield sending


def test_running_operations_finish_before_the_hub_exits(
    slow_pensions: dict[str, Mock], start: Start, send: Send
) -> None:
    hub = start(slow_pensions)
    sent = send(hub)
    hub.signal(signal.SIGTERM)
    reply = sent.result()
    assert reply.json() == {"data": {"application": {"applicationStatus": "DELIVERED"}}}
    assert reply.headers["connection"] == "close"
    assert hub.exit_code(5) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(hub.url, trust_env=False)


def test_the_hub_is_not_ready_but_still_accepts_requests_during_the_notice(
    calm: dict[str, Mock], start: Start
) -> None:
    hub = start(calm, HUB_DRAIN_NOTICE="2")
    assert hub.get("readyz").status_code == 200
    hub.signal(signal.SIGTERM)
    wait_until(lambda: hub.get("readyz").status_code == 503, 1)
    on_a_new_connection = httpx.post(hub.url, json={"query": "{ __typename }"}, trust_env=False)
    assert on_a_new_connection.json() == {"data": {"__typename": "Query"}}
    assert hub.get("healthz").status_code == 200
    assert hub.exit_code(5) == 0


def test_a_running_operation_does_not_delay_the_exit_beyond_its_deadline(
    calm: dict[str, Mock], start: Start, send: Send
) -> None:
    calm["pensions"].set_faults(hang=1.0)
    hub = start(calm, HUB_REQUEST_DEADLINE="1")
    sent = send(hub)
    hub.signal(signal.SIGTERM)
    assert sent.result().json()["errors"][0]["extensions"]["code"] == "DEPARTMENT_TIMEOUT"
    assert hub.exit_code(3) == 0


def test_a_second_signal_ends_the_hub_immediately(
    slow_pensions: dict[str, Mock], start: Start, send: Send
) -> None:
    hub = start(slow_pensions, HUB_DRAIN_NOTICE="10")
    sent = send(hub)
    hub.signal(signal.SIGTERM)
    wait_until(lambda: hub.get("readyz").status_code == 503, 1)
    hub.signal(signal.SIGTERM)
    assert hub.exit_code(1) == -signal.SIGTERM
    with pytest.raises(httpx.RemoteProtocolError):
        sent.result()
