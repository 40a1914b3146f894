"""Each batch causes at most one call per department and capability, as counted by the mocks."""

from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.support.processes import Hub, Mock


def test_a_family_of_six_causes_one_call_per_department(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    for mock in departments.values():
        mock.clear_calls()
    family = hub.data(FAMILY_APPLICATIONS, id=HEAD)["citizen"]["family"]
    assert len(family["members"]) == 6
    calls = {name: mock.calls() for name, mock in departments.items()}
    assert calls == {
        "registry": {"POST /citizens/batch": 1, "POST /families/batch": 1},
        "pensions": {"GetApplications": 1},
        "scholarships": {"GET /api/v1/applications": 1},
        "certificates": {"applications_by_citizen": 1},
        "helpdesk": {},
    }


def test_two_fields_with_the_same_list_cause_one_call(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    departments["pensions"].clear_calls()
    hub.data(
        """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
             a: applications { totalCount } b: applications(first: 20) { totalCount }
             benefits { totalCount } } }""",
        id=HEAD,
    )
    assert departments["pensions"].calls()["GetPensions"] == 1


def test_operations_on_the_catalogue_cause_no_calls(hub: Hub, departments: dict[str, Mock]) -> None:
    for mock in departments.values():
        mock.clear_calls()
    hub.data("{ services { totalCount } departments { identifier } }")
    assert all(mock.calls() == {} for mock in departments.values())
