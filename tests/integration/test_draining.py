"""The hub asked to stop: it says so, ends what runs, and goes."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.running import Hub, Mock, wait_until

QUERY = {"query": '{ application(reference: "SJE-OAS/2026/000123") { applicationStatus } }'}

Start = Callable[..., Hub]
Ask = Callable[[Hub], Future[httpx.Response]]


@pytest.fixture
def slow_pensions(calm: dict[str, Mock]) -> dict[str, Mock]:
    calm["pensions"].misbehave(latency=2.0)
    return calm


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts hubs that are gone after the test, whatever it found."""
    hubs: list[Hub] = []

    def starting(departments: dict[str, Mock], **environment: str) -> Hub:
        hubs.append(Hub(departments, **environment))
        return hubs[-1]

    yield starting
    for hub in hubs:
        hub.stop()


@pytest.fixture
def ask() -> Iterator[Ask]:
    """Asks the slow department; returns when the operation runs."""
    with ThreadPoolExecutor(1) as pool:

        def asking(hub: Hub) -> Future[httpx.Response]:
            asked = pool.submit(httpx.post, hub.url, json=QUERY, timeout=30, trust_env=False)
            wait_until(lambda: hub.metric("hub_operations_in_flight") == 1)
            return asked

        yield asking


def test_what_runs_is_ended_before_the_hub_stops(
    slow_pensions: dict[str, Mock], start: Start, ask: Ask
) -> None:
    hub = start(slow_pensions)
    asked = ask(hub)
    hub.signal(signal.SIGTERM)
    reply = asked.result()
    assert reply.json() == {"data": {"application": {"applicationStatus": "DELIVERED"}}}
    assert reply.headers["connection"] == "close"
    assert hub.exit_code(5) == 0
    with pytest.raises(httpx.ConnectError):
        httpx.get(hub.url, trust_env=False)


def test_load_balancers_are_told_while_requests_are_still_taken(
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


def test_an_operation_has_no_longer_than_its_deadline(
    calm: dict[str, Mock], start: Start, ask: Ask
) -> None:
    calm["pensions"].misbehave(hang=1.0)
    hub = start(calm, HUB_REQUEST_DEADLINE="1")
    asked = ask(hub)
    hub.signal(signal.SIGTERM)
    assert asked.result().json()["errors"][0]["extensions"]["code"] == "DEPARTMENT_TIMEOUT"
    assert hub.exit_code(3) == 0


def test_a_second_signal_ends_it_at_once(
    slow_pensions: dict[str, Mock], start: Start, ask: Ask
) -> None:
    hub = start(slow_pensions, HUB_DRAIN_NOTICE="10")
    asked = ask(hub)
    hub.signal(signal.SIGTERM)
    wait_until(lambda: hub.get("readyz").status_code == 503, 1)
    hub.signal(signal.SIGTERM)
    assert hub.exit_code(1) == -signal.SIGTERM
    with pytest.raises(httpx.RemoteProtocolError):
        asked.result()
