"""A citizen reads the access log: the calls to departments about them."""

import sqlite3
from pathlib import Path
from typing import Any

from tests.integration.queries import HEAD
from tests.support.processes import Hub, Mock

LOG = """query ($citizen: CitizenKeyInput!, $first: Int! = 50, $after: String) {
  accessLog(citizen: $citizen, first: $first, after: $after) {
    nodes { id correlationId departmentIdentifier capability role succeeded errorCode
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
        assert {node["role"] for node in nodes} == {"DEMO"}
        assert len({node["correlationId"] for node in nodes}) == 1
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
    newest = records(hub, HEAD)[:3]
    (failed,) = [node for node in newest if node["departmentIdentifier"] == "pensions"]
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
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert HEAD.encode() not in kept
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT count(*) FROM access_subject").fetchone()[0] > 0
