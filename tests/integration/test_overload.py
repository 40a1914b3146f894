"""Too many operations on a hanging department: refused early, with a time to retry."""

import shutil
import socket
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import httpx
import pytest

from adapters.manifest import find_departments
from schema.codes import ErrorCode
from schema.error_messages import error_message
from schema.language import Language
from tests.support.processes import DEPARTMENTS, Hub, Mock, wait_until

RUNNING, WAITING, FLOOD = 8, 4, 40
TO_PENSIONS = '{ application(reference: "SJE-OAS/2026/000123") { applicationStatus } }'
SERVICES = "{ services { nodes { code } } }"
TRACK = """query ($reference: String!) {
  trackApplication(reference: $reference, phoneLast4: "0000") { applicationStatus }
}"""
TO_SCHOLARSHIPS = {"query": TRACK, "variables": {"reference": "WEL-PMS/2026/000001"}}


@pytest.fixture(scope="module")
def small_hub(
    departments: dict[str, Mock], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Hub]:
    """A hub that waits for the pensions department until the test ends its process."""
    folder = tmp_path_factory.mktemp("departments")
    copied = find_departments(None, DEPARTMENTS)
    for each in [*copied, copied[0].parent / "shared"]:
        shutil.copytree(each, folder / each.name)
    manifest = folder / "pensions" / "department.yaml"
    text = manifest.read_text(encoding="utf-8")
    patient = text.replace("deadline: 4s", "deadline: 100s")
    assert patient != text
    manifest.write_text(patient, encoding="utf-8")
    hub = Hub(
        departments,
        HUB_DEPARTMENTS=str(folder),
        HUB_RUNNING_OPERATIONS=str(RUNNING),
        HUB_WAITING_OPERATIONS=str(WAITING),
        HUB_LONGEST_WAIT="30",
        HUB_REQUEST_DEADLINE="100",
    )
    yield hub
    hub.stop()


@contextmanager
def hanging(pensions: Mock) -> Iterator[None]:
    """Pensions hang until the block ends; then all calls to them break."""
    pensions.set_faults(hang=1.0)
    try:
        yield
    finally:
        pensions.kill()
        pensions.revive()


def post(hub: Hub, content: object) -> httpx.Response:
    return httpx.post(hub.url, json=content, timeout=120, trust_env=False)


def address_of(hub: Hub) -> tuple[str, int]:
    url = httpx.URL(hub.url)
    return url.host, url.port or 80


def flood(hub: Hub, pool: ThreadPoolExecutor) -> list[Future[httpx.Response]]:
    """Send more operations than may run and wait. Return when all slots are used."""
    sent = [pool.submit(post, hub, {"query": TO_PENSIONS}) for _ in range(FLOOD)]
    wait_until(lambda: hub.metric("hub_refused_total", reason="full") > 0)
    return sent


def test_excess_operations_are_refused_and_tracking_still_works(
    small_hub: Hub, calm: dict[str, Mock]
) -> None:
    post(small_hub, TO_SCHOLARSHIPS)
    assert small_hub.metric("hub_refused_total") == 0
    with ThreadPoolExecutor(FLOOD) as pool, hanging(calm["pensions"]):
        sent = flood(small_hub, pool)
        assert post(small_hub, TO_SCHOLARSHIPS).status_code == 200
        # Tracking has priority over the operations that came before it.
        assert 200 not in [each.result().status_code for each in sent if each.done()]
        assert small_hub.metric("hub_operations_in_flight") == RUNNING - 1
        assert small_hub.get("readyz").status_code == 200
    replies = [future.result() for future in sent]
    statuses = Counter(reply.status_code for reply in replies)
    # Slow operations return 200, with an error of the department.
    assert statuses.keys() == {200, 503}
    for reply in replies:
        if reply.status_code == 503:
            assert_overloaded(reply)
    assert small_hub.metric("hub_refused_total") == statuses[503]
    assert small_hub.metric("hub_operations_in_flight") == 0
    assert small_hub.metric("hub_operations_waiting") == 0
    assert post(small_hub, {"query": SERVICES}).status_code == 200


def assert_overloaded(reply: httpx.Response) -> None:
    assert 1 <= int(reply.headers["retry-after"]) <= 5
    (error,) = reply.json()["errors"]
    assert error["extensions"] == {
        "code": "OVERLOADED",
        "source": "HUB",
        "department": None,
        "retryable": True,
        "departmentFault": None,
        "correlationId": reply.headers["x-correlation-id"],
        "localizedMessage": error_message(ErrorCode.OVERLOADED, Language.EN),
    }


def test_a_client_that_disconnects_while_waiting_leaves_the_queue(
    small_hub: Hub, calm: dict[str, Mock]
) -> None:
    small_hub.reopen()
    with ThreadPoolExecutor(RUNNING) as pool, hanging(calm["pensions"]):
        sent = [pool.submit(post, small_hub, {"query": TO_PENSIONS}) for _ in range(RUNNING)]
        # All slots are used.
        wait_until(lambda: small_hub.metric("hub_operations_waiting") > 0)
        waiting = small_hub.metric("hub_operations_waiting")
        with socket.create_connection(address_of(small_hub)) as client:
            client.sendall(b"GET /graphql?query={__typename} HTTP/1.1\r\nHost: hub\r\n\r\n")
            wait_until(lambda: small_hub.metric("hub_operations_waiting") > waiting)
        wait_until(lambda: small_hub.metric("hub_refused_total", reason="gone") == 1)
    statuses = Counter(future.result().status_code for future in sent)
    assert statuses[200] >= RUNNING - 1
