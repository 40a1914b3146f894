"""A citizen reads the access log: the calls to departments about them."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.integration.queries import HEAD
from tests.support.processes import PROJECT, Hub, Mock, module_command

LOG = """query ($citizen: CitizenKeyInput!, $first: Int! = 50, $after: String) {
  accessLog(citizen: $citizen, first: $first, after: $after) {
    nodes { id correlationId departmentIdentifier capability role isOwn portal fields purposeCode
            purposeTitle(lang: HI) accessBasis succeeded errorCode
            calledDatetime respondedDatetime department { identifier } }
    pageInfo { hasNextPage endCursor }
  }
}"""
OWN = "{ accessLog { nodes { departmentIdentifier capability } } }"
BENEFITS = (
    "query ($id: String!) { citizen(by: {memberIdentifier: $id}) {"
    " benefits { nodes { benefitNumber } } } }"
)
OTHER = "7KNL042102"


def key(citizen: str) -> dict[str, str]:
    """Return the key of a citizen, from an id or from Family ID and member number."""
    return {"memberIdentifier" if len(citizen) == len(OTHER) else "id": citizen}


def records(hub: Hub, citizen: str) -> list[dict[str, Any]]:
    nodes: list[dict[str, Any]] = hub.data(LOG, citizen=key(citizen))["accessLog"]["nodes"]
    return nodes


def calls_in(nodes: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(node["departmentIdentifier"], node["capability"]) for node in nodes]


def test_all_calls_about_a_citizen_are_in_the_log_immediately(departments: dict[str, Mock]) -> None:
    hub = Hub(departments)
    try:
        assert records(hub, HEAD) == []
        hub.data(BENEFITS, id=HEAD)
        nodes = records(hub, HEAD)
        assert set(calls_in(nodes)) == {
            ("registry", "CITIZENS_BY_IDENTIFIER"),
            ("pensions", "BENEFITS_BY_CITIZEN"),
        } | ({("scholarships", "BENEFITS_BY_CITIZEN")} & set(calls_in(nodes)))
        assert all(node["succeeded"] and node["errorCode"] is None for node in nodes)
        assert {node["role"] for node in nodes} == {"CITIZEN"}
        assert {node["isOwn"] for node in nodes} == {True}
        benefits = next(each for each in nodes if each["departmentIdentifier"] == "pensions")
        assert benefits["fields"] == ["Benefit.benefitNumber"]
        assert all(node["calledDatetime"] <= node["respondedDatetime"] for node in nodes)
        ends = [node["respondedDatetime"] for node in nodes]
        assert ends == sorted(ends, reverse=True)
        assert nodes[0]["department"] == {"identifier": nodes[0]["departmentIdentifier"]}
        assert records(hub, OTHER) == []
    finally:
        hub.stop()


def test_an_application_by_its_number_is_logged_for_the_applicant(
    departments: dict[str, Mock],
) -> None:
    hub = Hub(departments)
    try:
        found = hub.data(
            "query ($id: String!) { citizen(by: {memberIdentifier: $id}) {"
            " family { members { citizen { id"
            " applications { nodes { applicationReferenceNumber } } } } } } }",
            id=HEAD,
        )
        members = [entry["citizen"] for entry in found["citizen"]["family"]["members"]]
        member = next(each for each in members if each["applications"]["nodes"])
        number = member["applications"]["nodes"][0]["applicationReferenceNumber"]
        who = member["id"]
        before = len(records(hub, who))
        hub.data(
            "query ($n: String!) { application(reference: $n) { applicationStatus } }", n=number
        )
        added = records(hub, who)[: len(records(hub, who)) - before]
        assert [code for _, code in calls_in(added)] == ["APPLICATIONS_BY_REFERENCE"]
    finally:
        hub.stop()


def test_a_failed_call_is_logged_with_its_error_code(hub: Hub, calm: dict[str, Mock]) -> None:
    calm["pensions"].set_faults(error=1)
    hub.query(BENEFITS, id=HEAD)
    # The records are newest first.
    of_pensions = (n for n in records(hub, HEAD) if n["departmentIdentifier"] == "pensions")
    failed = next(of_pensions)
    assert (failed["succeeded"], failed["errorCode"]) == (False, "DEPARTMENT_FAULT")


def test_the_pages_of_the_log_contain_each_entry_once(hub: Hub) -> None:
    for _ in range(3):
        hub.data(BENEFITS, id=HEAD)
    whole = records(hub, HEAD)
    seen: list[dict[str, Any]] = []
    after = None
    while len(seen) < 6:
        page = hub.data(LOG, citizen=key(HEAD), first=2, after=after)["accessLog"]
        seen += page["nodes"]
        assert page["pageInfo"]["hasNextPage"] or len(seen) == len(whole)
        after = page["pageInfo"]["endCursor"]
    assert seen == whole[:6]


def test_an_unknown_citizen_has_no_log(hub: Hub) -> None:
    (error,) = hub.query(LOG, citizen=key("9ZZZ999999"))["errors"]
    (expected,) = hub.query(BENEFITS, id="9ZZZ999999")["errors"]
    assert error["extensions"]["code"] == "NOT_FOUND"
    assert error["message"] == expected["message"]


def test_a_record_can_be_fetched_by_its_id(hub: Hub, departments: dict[str, Mock]) -> None:
    hub.data(BENEFITS, id=HEAD)
    query = "query ($id: ID!) { node(id: $id) { ... on AccessRecord { id capability } } }"
    for record in records(hub, HEAD)[:5]:
        expected = {"id": record["id"], "capability": record["capability"]}
        assert hub.data(query, id=record["id"])["node"] == expected


def test_without_the_argument_citizen_the_log_is_the_callers_own(hub: Hub) -> None:
    hub.data("{ me { personName { fullName } } }")
    own = hub.data(OWN)
    assert calls_in(own["accessLog"]["nodes"])[0] == ("registry", "CITIZENS_BY_IDENTIFIER")


def test_the_log_survives_a_restart_and_contains_no_citizen_numbers(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    database = tmp_path / "hub.db"
    first = Hub(departments, HUB_DATABASE_URL=f"sqlite+aiosqlite:///{database}")
    first.data(BENEFITS, id=HEAD)
    # Stopped immediately: the remaining entries are written during the stop.
    first.stop()
    second = Hub(departments, HUB_DATABASE_URL=f"sqlite+aiosqlite:///{database}")
    try:
        assert ("pensions", "BENEFITS_BY_CITIZEN") in calls_in(records(second, HEAD))
    finally:
        second.stop()
    kept = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    assert HEAD.encode() not in kept


def test_a_person_who_is_known_later_finds_the_earlier_access(departments: dict[str, Mock]) -> None:
    """Anybody tracks an application before the hub knows the applicant."""
    hub = Hub(departments)
    try:
        found = hub.data(APPLICATIONS, id=HEAD)
        member, number, phone = _application_in(found)
    finally:
        hub.stop()
    track = "query ($n: String!, $p: String!) { trackApplication(reference: $n, phoneLast4: $p)"
    hub = Hub(departments)
    try:
        hub.query(track + " { applicationStatus } }", token="", n=number, p=phone)
        nodes = records(hub, member)
        assert ("APPLICATIONS_BY_REFERENCE", "ANONYMOUS") in [
            (node["capability"], node["role"]) for node in nodes
        ]
    finally:
        hub.stop()


CERTIFICATE = '{ certificate(number: "HR-SCC-2026-001234") { document { url } } }'
APPLICATIONS = (
    "query ($id: String!) { citizen(by: {memberIdentifier: $id}) {"
    " family { members { citizen { id"
    " applications { nodes { applicationReferenceNumber } } } } } } }"
)


def _application_in(found: dict[str, Any]) -> tuple[str, str, str]:
    members = [entry["citizen"] for entry in found["citizen"]["family"]["members"]]
    member = next(each for each in members if each["applications"]["nodes"])
    number = member["applications"]["nodes"][0]["applicationReferenceNumber"]
    return member["id"], number, "0000"


def test_every_answer_that_left_a_killed_hub_is_in_the_log(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    hub = Hub(departments, HUB_DATABASE_URL=url)
    for _ in range(5):
        hub.data(BENEFITS, id=HEAD)
    hub.signal(signal.SIGKILL)
    hub.stop()
    again = Hub(departments, HUB_DATABASE_URL=url)
    try:
        calls = calls_in(records(again, HEAD))
        assert calls.count(("pensions", "BENEFITS_BY_CITIZEN")) == 5
    finally:
        again.stop()


def test_without_the_log_no_data_leaves_and_a_stop_keeps_the_entries(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    hub = Hub(departments, HUB_DATABASE_URL=url)
    hub.data(BENEFITS, id=HEAD)
    address = hub.data(CERTIFICATE)["certificate"]["document"]["url"].removeprefix("/")
    assert hub.get(address).content.startswith(b"%PDF-")
    with sqlite3.connect(tmp_path / "hub-access-log.db", isolation_level=None) as blocker:
        blocker.execute("BEGIN IMMEDIATE")
        response = hub.query(BENEFITS, id=HEAD)
        assert "data" not in response
        assert response["errors"][0]["extensions"]["code"] == "STORE_UNAVAILABLE"
        file = hub.get(address)
        assert (file.status_code, file.content[:5]) == (503, b'{"err')
        assert hub.query("{ services { totalCount } }")["data"]
        assert hub.metric("hub_access_log_failures_total") >= 1
        hub.signal(signal.SIGTERM)
        assert hub.exit_code(30) == 2
        blocker.execute("ROLLBACK")
    blocker.close()
    hub.stop()
    assert "entries are in" in hub.log()
    again = Hub(departments, HUB_DATABASE_URL=url)
    try:
        calls = calls_in(records(again, HEAD))
        assert calls.count(("pensions", "BENEFITS_BY_CITIZEN")) == 2
    finally:
        again.stop()


def test_an_auditor_verifies_exports_and_lists_the_people_of_a_breach(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    url = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    hub = Hub(departments, HUB_DATABASE_URL=url)
    try:
        hub.data(BENEFITS, id=HEAD)
        resumed = hub.administrate(
            'mutation { resumeDepartment(department: "pensions") { __typename } }'
        )
        assert "errors" not in resumed, resumed
        checkpoint = hub.get("access-log/checkpoint")
        assert checkpoint.text.startswith("citizen-hub-access-log/")
        (tmp_path / "kept").write_bytes(checkpoint.content)
        assert hub.get("access-log/checkpoint?tree=7").status_code == 404
        # While the hub runs.
        verified = _command(url, "audit", "verify", "--checkpoint", str(tmp_path / "kept"))
        assert "complete and unchanged" in verified
    finally:
        hub.stop()
    assert "RESUME_DEPARTMENT pensions by ADMIN" in hub.log()
    key = tmp_path / "key"
    key.write_text(_command(url, "audit", "key"))
    _command(url, "audit", "export", str(tmp_path / "export"))
    verify = [sys.executable, "-I", str(tmp_path / "export/verify.py"), str(tmp_path / "export")]
    options = ["--key", str(key), "--checkpoint", str(tmp_path / "kept")]
    done = subprocess.run([*verify, *options], capture_output=True, text=True, check=True)
    assert "complete and unchanged" in done.stdout
    span = ("--from", "2020-01-01", "--to", "2999-01-01")
    people = json.loads(_command(url, "breach", *span, "--department", "pensions", "--json"))
    assert [each["person"] for each in people] == [HEAD]
    assert people[0]["fields"] == ["Benefit.benefitNumber"]
    table = _command(url, "breach", *span, "--department", "registry", "--csv")
    assert table.startswith("person,accesses,first,last,departments,fields")
    with sqlite3.connect(tmp_path / "hub-access-log.db") as connection:
        connection.execute("UPDATE access_log_leaf SET body = CAST(body || ' ' AS BLOB)")
    connection.close()
    assert "BAD: tree 1, record 0" in _command(url, "audit", "verify", status=1)


def _command(url: str, *arguments: str, status: int = 0) -> str:
    """Return the standard output of a command `hub …`."""
    done = subprocess.run(
        module_command("hub", *arguments),
        capture_output=True,
        text=True,
        check=False,
        cwd=PROJECT,
        env={**os.environ, "HUB_DATABASE_URL": url},
    )
    assert done.returncode == status, done.stdout + done.stderr
    return done.stdout
