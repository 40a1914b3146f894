"""Kill any one department: the others' rows stay, the dead one is named, and it comes back."""

from typing import Any

import pytest

from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.running import DEPARTMENTS, Hub, Mock

FEEDING = ("pensions", "scholarships", "certificates")


def rows_by_department(response: dict[str, Any]) -> dict[str, set[str]]:
    """Reference numbers by their department, told by their prefix."""
    prefixes = {"SJE": "pensions", "WEL": "scholarships", "REV": "certificates"}
    found: dict[str, set[str]] = {name: set() for name in FEEDING}
    for member in members(response):
        for node in member["applications"]["nodes"]:
            number = node["applicationReferenceNumber"]
            found[prefixes[number[:3]]].add(number)
    return found


def members(response: dict[str, Any]) -> list[dict[str, Any]]:
    family = response["data"]["citizen"]["family"]
    return [entry["member"] for entry in family["memberList"]]


@pytest.mark.parametrize("dead", DEPARTMENTS)
def test_one_dead_department_costs_its_own_rows_only(
    dead: str, hub: Hub, departments: dict[str, Mock]
) -> None:
    before = hub.ask(FAMILY_APPLICATIONS, id=HEAD)
    assert "errors" not in before
    departments[dead].kill()
    try:
        without = hub.ask(FAMILY_APPLICATIONS, id=HEAD)
    finally:
        departments[dead].revive()
        hub.reopen()
    for name in FEEDING:
        expected = set() if name == dead else rows_by_department(before)[name]
        assert rows_by_department(without)[name] == expected
    if dead == "helpdesk":
        assert "errors" not in without
    else:
        assert_named(dead, without)
    assert hub.ask(FAMILY_APPLICATIONS, id=HEAD).keys() == {"data"}
    assert rows_by_department(hub.ask(FAMILY_APPLICATIONS, id=HEAD)) == rows_by_department(before)


def assert_named(dead: str, response: dict[str, Any]) -> None:
    sources = [s for m in members(response) for s in m["applications"]["sources"]]
    told = [source for source in sources if source["department"] == dead]
    assert told
    assert {source["state"] for source in told} == {"UNAVAILABLE"}
    assert all(source["message"] for source in told)
    for error in response["errors"]:
        extensions = error["extensions"]
        assert extensions["code"] == "DEPARTMENT_UNREACHABLE"
        assert extensions["source"] == "DEPARTMENT"
        assert extensions["department"] == dead
        assert extensions["retryable"] is True
        assert extensions["correlationId"]
        assert error["path"]


def test_without_registry_an_unknown_citizen_is_an_error_not_an_absence(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    departments["registry"].kill()
    try:
        response = hub.ask('{ citizen(id: "0AAA000001") { name { fullName } } }')
    finally:
        departments["registry"].revive()
        hub.reopen()
    assert response["data"] == {"citizen": None}
    assert response["errors"][0]["extensions"]["code"] == "DEPARTMENT_UNREACHABLE"
