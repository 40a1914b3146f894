"""Aliases of a look-up field reach a department as few calls with many keys."""

import math

import pytest

from tests.integration.queries import HEAD
from tests.support.processes import Hub, Mock

PENSIONS_AT_ONCE = 50


def aliases(calls: list[str], selection: str) -> str:
    parts = [f"a{number}: {call} {{ {selection} }}" for number, call in enumerate(calls)]
    return f"{{ {' '.join(parts)} }}"


@pytest.mark.parametrize("count", [2, 50, 51, 100])
def test_aliases_of_applications_are_batched(
    count: int, hub: Hub, departments: dict[str, Mock]
) -> None:
    departments["pensions"].clear_calls()
    # No department has these, so every alias has an error of its own.
    calls = [f'application(reference: "SJE-OAS/2026/9{n:05}")' for n in range(count)]
    response = hub.query(aliases(calls, "applicationStatus"))
    assert {each["extensions"]["code"] for each in response["errors"]} == {"NOT_FOUND"}
    assert [each["path"] for each in response["errors"]] == sorted([f"a{n}"] for n in range(count))
    expected = math.ceil(count / PENSIONS_AT_ONCE)
    assert sum(departments["pensions"].calls().values()) == expected


def test_aliases_of_citizens_and_their_lists_are_batched(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    family = hub.data(
        "query ($id: String!) { citizen(by: {memberIdentifier: $id}) {"
        " family { members { citizen { id } } } } }",
        id=HEAD,
    )
    members = [each["citizen"]["id"] for each in family["citizen"]["family"]["members"]]
    assert len(members) == 6
    for mock in departments.values():
        mock.clear_calls()
    calls = [f'citizen(by: {{id: "{each}"}})' for each in members]
    data = hub.data(aliases(calls, "id applications { totalCount }"))
    assert [each["id"] for each in data.values()] == members
    assert {name: mock.calls() for name, mock in departments.items()} == {
        "registry": {"POST /citizens/batch": 1},
        "pensions": {"GetApplications": 1},
        "scholarships": {"GET /api/v1/applications": 1},
        "certificates": {"applications_by_citizen": 1},
        "helpdesk": {},
    }
