"""Departments that disagree about a person, over the mocks of the demo family."""

from typing import Any

import httpx
import pytest

from tests.integration.queries import HEAD
from tests.support.ids import global_id
from tests.support.processes import Hub, Mock

VALUES = (
    "conflicts { nodes { detail score values"
    " { department { identifier } value sourceField asOf score } } }"
)


def conflicts_of(response: dict[str, Any]) -> dict[str, dict[str, set[str]]]:
    """Return the values of each conflicting detail, by department."""
    return {
        conflict["detail"]: {
            department: {
                v["value"]
                for v in conflict["values"]
                if v["department"]["identifier"] == department
            }
            for department in {v["department"]["identifier"] for v in conflict["values"]}
        }
        for conflict in response["data"]["citizen"]["conflicts"]["nodes"]
    }


@pytest.mark.parametrize("also", ["", "__schema { queryType { name } } "])
def test_the_demos_citizen_shows_three_conflicts(also: str, hub: Hub) -> None:
    """With introspection, graphql-core executes the operation."""
    response = hub.query(
        f"query ($id: String!) {{ {also}"
        "citizen(by: {memberIdentifier: $id}) { "
        + VALUES
        + " applications { totalCount } benefits { totalCount } certificates { totalCount } } }",
        id=HEAD,
    )
    assert "errors" not in response
    assert conflicts_of(response) == {
        "NAME": {
            "registry": {"RAM DEVI", "राम देवी"},
            "pensions": {"RAM DEVI", "राम देवी"},
            "certificates": {"राम देवी", "रामो देवी"},
        },
        "BIRTH_DATE": {"registry": {"1961"}, "pensions": {"1958-01-01"}},
        "LIFE_STATUS": {"registry": {"DECEASED"}, "pensions": {"ALIVE"}},
    }
    name, born, alive = response["data"]["citizen"]["conflicts"]["nodes"]
    assert (name["score"], born["score"], alive["score"]) == (80, 0, 0)
    assert all(value["asOf"] for value in name["values"])
    (other,) = (v for v in name["values"] if v["value"] == "रामो देवी")
    assert other["score"] < min(v["score"] for v in name["values"] if v is not other)


def test_only_records_that_the_operation_reads_are_compared(hub: Hub) -> None:
    query = "query ($id: String!) { citizen(by: {memberIdentifier: $id}) { %s %s } }"
    alone = hub.query(query % (VALUES, ""), id=HEAD)
    assert conflicts_of(alone) == {}
    pensions = hub.query(query % (VALUES, "benefits { totalCount }"), id=HEAD)
    assert conflicts_of(pensions).keys() == {"BIRTH_DATE", "LIFE_STATUS"}
    other_branch = "family { members { citizen { certificates { totalCount } } } }"
    elsewhere = hub.query(
        f"query ($id: String!) {{ citizen(by: {{memberIdentifier: $id}}) {{ {VALUES} }} "
        f"again: citizen(by: {{memberIdentifier: $id}}) {{ {other_branch} }} }}",
        id=HEAD,
    )
    assert conflicts_of(elsewhere).keys() == {"NAME"}


def test_named_departments_are_read_in_addition(hub: Hub, calm: dict[str, Mock]) -> None:
    query = (
        "query ($id: String!, $more: [ID!]) { citizen(by: {memberIdentifier: $id}) {"
        " conflicts(departments: $more)"
        " { nodes { detail values { department { identifier } value } } isComplete"
        " sources { department { identifier } state } } } }"
    )
    found = hub.query(query, id=HEAD, more=["pensions", "certificates", "helpdesk"])
    assert conflicts_of(found).keys() == {"NAME", "BIRTH_DATE", "LIFE_STATUS"}
    calm["pensions"].set_faults(fault200=1)
    partly = hub.query(query, id=HEAD, more=["pensions", "certificates"])
    assert conflicts_of(partly).keys() == {"NAME"}
    assert "errors" not in partly
    conflicts = partly["data"]["citizen"]["conflicts"]
    states = {s["department"]["identifier"]: s["state"] for s in conflicts["sources"]}
    assert states == {"pensions": "UNAVAILABLE", "certificates": "LIVE"}
    assert not conflicts["isComplete"]
    assert found["data"]["citizen"]["conflicts"]["isComplete"]
    wrong = hub.query(query, id=HEAD, more=["forest"])
    assert wrong["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_an_applications_citizen_is_compared_with_the_application(hub: Hub) -> None:
    found = hub.query(
        '{ application(reference: "SJE-OAS/2026/000123") { applicant { conflicts(departments:'
        ' ["certificates"]) { nodes { detail values { department { identifier } } } } } } }'
    )
    conflicts = found["data"]["application"]["applicant"]["conflicts"]["nodes"]
    assert [each["detail"] for each in conflicts] == ["NAME"]
    assert {v["department"]["identifier"] for v in conflicts[0]["values"]} == {
        "registry",
        "pensions",
        "certificates",
    }


def test_departments_that_agree_show_no_conflict(hub: Hub, population: Mock) -> None:
    """Only the demo family's records differ. Others differ in script, spelling and case."""
    reply = httpx.get(f"{population.url}/population/sample", params={"n": 200}, trust_env=False)
    query = (
        "query ($ids: [ID!]!, $more: [ID!]) { nodes(ids: $ids) { ... on Citizen { id"
        " conflicts(departments: $more)"
        " { nodes { detail values { department { identifier } value } } } } } }"
    )
    ids = [global_id("Citizen", each) for each in reply.json()["memberIds"][6:]]
    more = ["pensions", "scholarships", "certificates"]
    found = [
        citizen
        for start in range(0, len(ids), 50)
        for citizen in hub.data(query, ids=ids[start : start + 50], more=more)["nodes"]
    ]
    assert len(found) == len(ids) > 100
    conflicts = [conflict for citizen in found for conflict in citizen["conflicts"]["nodes"]]
    # A pension may still be paid to somebody who is dead in the register.
    assert [each for each in conflicts if each["detail"] != "LIFE_STATUS"] == []
