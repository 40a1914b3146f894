"""Stop one department: the others' rows stay, its failure is reported, and it recovers."""

from typing import Any

import pytest

from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.support.processes import DEPARTMENTS, Hub, Mock

FEEDING = ("pensions", "scholarships", "certificates")


def rows_by_department(response: dict[str, Any]) -> dict[str, set[str]]:
    """Return the reference numbers by department, which their prefix determines."""
    prefixes = {"SJE": "pensions", "WEL": "scholarships", "REV": "certificates"}
    found: dict[str, set[str]] = {name: set() for name in FEEDING}
    for member in members(response):
        for node in member["applications"]["nodes"]:
            number = node["applicationReferenceNumber"]
            found[prefixes[number[:3]]].add(number)
    return found


def members(response: dict[str, Any]) -> list[dict[str, Any]]:
    family = response["data"]["citizen"]["family"]
    return [entry["citizen"] for entry in family["members"]]


@pytest.mark.parametrize("dead", DEPARTMENTS)
def test_a_dead_department_affects_only_its_own_rows(
    dead: str, hub: Hub, departments: dict[str, Mock]
) -> None:
    before = hub.query(FAMILY_APPLICATIONS, id=HEAD)
    assert "errors" not in before
    departments[dead].kill()
    try:
        without = hub.query(FAMILY_APPLICATIONS, id=HEAD)
    finally:
        departments[dead].revive()
        hub.reopen()
    for name in FEEDING:
        expected = set() if name == dead else rows_by_department(before)[name]
        assert rows_by_department(without)[name] == expected
    if dead == "helpdesk":
        assert "errors" not in without
    else:
        assert_reported(dead, without)
    assert hub.query(FAMILY_APPLICATIONS, id=HEAD).keys() == {"data"}
    assert rows_by_department(hub.query(FAMILY_APPLICATIONS, id=HEAD)) == rows_by_department(before)


def assert_reported(dead: str, response: dict[str, Any]) -> None:
    sources = [s for m in members(response) for s in m["applications"]["sources"]]
    found = [source for source in sources if source["department"]["identifier"] == dead]
    assert found
    assert {source["state"] for source in found} == {"UNAVAILABLE"}
    assert all(source["message"] for source in found)
    assert {source["errorCode"] for source in found} == {"DEPARTMENT_UNREACHABLE"}
    assert all(source["isRetryable"] and source["since"] for source in found)
    assert "errors" not in response
    for member in members(response):
        states = {source["state"] for source in member["applications"]["sources"]}
        whole = states <= {"LIVE", "CACHED", "STALE"}
        assert member["applications"]["isComplete"] == whole
        assert (member["applications"]["totalCount"] is not None) == whole


def test_while_the_registry_is_down_an_unknown_citizen_is_not_reported_as_not_found(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    departments["registry"].kill()
    try:
        response = hub.query(
            '{ citizen(by: {memberIdentifier: "0AAA000001"}) { personName { fullName } } }'
        )
    finally:
        departments["registry"].revive()
        hub.reopen()
    assert response["data"] == {"citizen": None}
    assert response["errors"][0]["extensions"]["code"] == "DEPARTMENT_UNREACHABLE"
