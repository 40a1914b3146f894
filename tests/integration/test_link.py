"""The link over real departments: bounded, honest about its copies, and never writing twice."""

import asyncio
import shutil
import time
from pathlib import Path

import httpx

from adapters.connectors.http import HttpLine
from adapters.contract import CallContext, DepartmentError, LookUpReply
from adapters.manifest import find_departments
from adapters.manifest.limits import Limits
from hub.link.attempts import Attempts
from hub.link.line import IST
from hub.link.maintenance import Maintenance
from hub.observe import Metrics
from tests.integration.queries import HEAD
from tests.running import Hub, Mock, wait_until

BENEFITS = """query ($id: ID!) { citizen(id: $id) { benefits(first: 50) {
  nodes { benefitNumber agencyResponsible { identifier } provenance { state } }
  sources { department state asOf message } } } }"""
CLIENTS = 200
PENSIONS_PLACES = 6


async def test_two_hundred_clients_of_a_hanging_department(
    departments: dict[str, Mock], hub: Hub, calm: dict[str, Mock]
) -> None:
    """They use its places and no more; who does not need it is answered meanwhile."""
    pensions = departments["pensions"]
    pensions.forget_calls()
    pensions.misbehave(hang=1)
    question = {"query": BENEFITS, "variables": {"id": HEAD}}
    catalogue = {"query": "{ services { nodes { serviceCode } } }"}
    limits = httpx.Limits(max_connections=CLIENTS + 10)
    async with httpx.AsyncClient(timeout=30, trust_env=False, limits=limits) as client:
        asking = [
            asyncio.create_task(
                client.post(
                    hub.url, json={**question, "query": BENEFITS.replace("50", str(1 + n % 40))}
                )
            )
            for n in range(CLIENTS)
        ]
        await asyncio.sleep(0.5)
        meanwhile = (await client.post(hub.url, json=catalogue)).json()
        answers = [(await each).json() for each in asking]
    assert "errors" not in meanwhile
    assert pensions.most_calls_at_once() <= PENSIONS_PLACES
    for answer in answers:
        sources = {s["department"]: s for s in answer["data"]["citizen"]["benefits"]["sources"]}
        assert sources["pensions"]["state"] in ("UNAVAILABLE", "CIRCUIT_OPEN")


async def test_a_write_that_was_done_and_then_reset_is_not_sent_again(
    departments: dict[str, Mock], calm: dict[str, Mock]
) -> None:
    helpdesk = departments["helpdesk"]
    helpdesk.misbehave(reset_after_write=1)
    limits = Limits.model_validate({"retries": {"attempts": 5, "backoff": "1ms", "budget": "100%"}})
    attempts = Attempts(
        "helpdesk", limits, Maintenance("helpdesk", (), IST), Metrics().department("helpdesk")
    )
    line = HttpLine("helpdesk", connections=4, reply_bytes=1 << 20)

    async def ask(_context: CallContext) -> LookUpReply:
        await line.send("GET", f"{helpdesk.url}/open311/v2/services.json", headers={})
        raise AssertionError("the connection must have been reset")

    made = {}
    for name, run in (("write", attempts.run_once), ("read", attempts.run)):
        helpdesk.forget_calls()
        context = CallContext("test", asyncio.get_running_loop().time() + 5)
        try:
            await run(ask, context)
        except DepartmentError as error:
            made[name] = (error.code, sum(helpdesk.calls().values()))
    await line.close()
    assert made["write"] == ("DEPARTMENT_UNREACHABLE", 1)
    # The budget allows one second attempt for each call, and one call was a read.
    assert made["read"] == ("DEPARTMENT_UNREACHABLE", 2)


def with_copies(folder: Path) -> Path:
    """The five departments, the pensions of which may be told again."""
    for each in find_departments(None):
        shutil.copytree(each, folder / each.name)
    manifest = folder / "pensions" / "department.yaml"
    text = manifest.read_text(encoding="utf-8")
    cached = text.replace(
        "limits: {", "limits: {cache: {fresh: 300ms, stale: 4d}, retries: {attempts: 1}, "
    )
    assert cached != text
    manifest.write_text(cached, encoding="utf-8")
    return folder


def test_old_rows_are_shown_and_can_be_erased(departments: dict[str, Mock], tmp_path: Path) -> None:
    hub = Hub(departments, HUB_DEPARTMENTS=str(with_copies(tmp_path / "departments")))
    pensions = departments["pensions"]

    def of_pensions() -> tuple[str, int, str | None]:
        found = hub.ask(BENEFITS, id=HEAD)["data"]["citizen"]["benefits"]
        (source,) = (s for s in found["sources"] if s["department"] == "pensions")
        rows = [n for n in found["nodes"] if n["agencyResponsible"]["identifier"] == "pensions"]
        return source["state"], len(rows), source["asOf"]

    try:
        state, count, taken = of_pensions()
        assert state == "LIVE"
        assert count > 0
        assert of_pensions() == ("CACHED", count, taken)
        pensions.kill()
        wait_until(lambda: of_pensions()[0] == "STALE")
        assert of_pensions() == ("STALE", count, taken)
        erased = hub.administrate(
            "mutation ($id: ID!) { eraseCopies(citizen: $id) { copies complete } }", id=HEAD
        )["data"]["eraseCopies"]
        assert erased["complete"]
        assert erased["copies"] > 0
        state, count, _ = of_pensions()
        assert (state, count) in (("UNAVAILABLE", 0), ("CIRCUIT_OPEN", 0))
    finally:
        pensions.revive()
        hub.stop()


def test_the_answer_at_the_deadline_has_what_arrived(departments: dict[str, Mock]) -> None:
    hub = Hub(departments, HUB_REQUEST_DEADLINE="1.5")
    pensions = departments["pensions"]
    pensions.misbehave(hang=1)
    try:
        begun = time.monotonic()
        found = hub.ask(
            BENEFITS.replace("benefits", "applications").replace(
                "benefitNumber", "applicationReferenceNumber"
            ),
            id=HEAD,
        )
        assert time.monotonic() - begun < 4
        sources = {
            s["department"]: s["state"] for s in found["data"]["citizen"]["applications"]["sources"]
        }
        assert sources.pop("pensions") == "UNAVAILABLE"
        assert set(sources.values()) == {"LIVE"}
        assert {e["extensions"]["department"] for e in found["errors"]} == {"pensions"}
    finally:
        pensions.behave()
        hub.stop()
