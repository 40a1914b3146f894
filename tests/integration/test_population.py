"""Responses of the hub equal the mock population: no rows lost or invented, raw codes kept."""

import copy
from typing import Any

import httpx

from mocks.lab.population_check import check_population, differences_of
from tests.support.processes import Hub, Mock

SAMPLE = 200


def test_responses_about_200_citizens_match_the_population(hub: Hub, population: Mock) -> None:
    assert check_population(hub.url, population.url, SAMPLE) == []


def test_the_comparison_finds_lost_invented_and_changed_rows() -> None:
    row = {"certificateNumber": "C-1", "certificateStatus": "ISSUED", "department": "certificates"}
    names = ("personName", "personNameLocal", "sex", "birthDate", "deathDate", "maritalStatus")
    person = dict.fromkeys((*names, "phoneNumber", "guardianName", "guardianRelation"))
    expected: dict[str, Any] = {**person, "applications": [], "benefits": [], "grievances": []}
    expected["certificates"] = [row]
    shown = {
        "certificateNumber": "C-1",
        "certificateStatus": "ISSUED",
        "department": {"identifier": "certificates"},
    }
    empty: dict[str, object] = {"nodes": []}
    citizen = {**person, "applications": empty, "benefits": empty, "grievances": empty}
    citizen["certificates"] = {"nodes": [shown]}

    def differences(**changes: object) -> list[str]:
        response = {"data": {"citizen": copy.deepcopy({**citizen, **changes})}}
        return differences_of(expected, response)

    assert differences() == []
    assert differences(certificates={"nodes": []}) == ["certificates: C-1 is missing"]
    revoked = {"nodes": [{**shown, "certificateStatus": "REVOKED"}]}
    assert "'REVOKED'" in differences(certificates=revoked)[0]
    other = {"nodes": [shown, {**shown, "certificateNumber": "C-2"}]}
    assert differences(certificates=other) == ["certificates: C-2 is invented"]
    assert differences(sex="MALE") == ["citizen sex is 'MALE', not None"]


def test_the_family_of_the_story_is_complete(hub: Hub, population: Mock) -> None:
    story = httpx.get(f"{population.url}/population/demo-family", trust_env=False).json()
    query = """query ($id: String!) { family(by: {familyIdentifier: $id}) {
        memberCount annualIncome { amount currencyCode }
        head { personName { fullName } }
        members { relationship citizen { personName { fullName script } } } } }"""
    family = hub.data(query, id=story["familyId"])["family"]
    assert family["memberCount"] == len(family["members"]) == 6
    assert family["head"] == {"personName": {"fullName": "RAM DEVI"}}
    assert family["annualIncome"]["currencyCode"] == "INR"
    assert family["annualIncome"]["amount"] % 100 == 0
    assert family["members"][0]["relationship"] == "SELF"
