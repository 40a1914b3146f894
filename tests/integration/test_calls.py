"""At most one call per department and capability per batch, counted in the mocks."""

from tests.integration.queries import FAMILY_APPLICATIONS, HEAD
from tests.running import Hub, Mock


def test_a_family_of_six_costs_one_call_a_department(
    hub: Hub, departments: dict[str, Mock]
) -> None:
    for mock in departments.values():
        mock.forget_calls()
    family = hub.data(FAMILY_APPLICATIONS, id=HEAD)["citizen"]["family"]
    assert len(family["memberList"]) == 6
    calls = {name: mock.calls() for name, mock in departments.items()}
    assert calls == {
        "registry": {"POST /citizens/batch": 1, "POST /families/batch": 1},
        "pensions": {"GetApplications": 1},
        "scholarships": {"GET /api/v1/applications": 1},
        "certificates": {"applications_by_citizen": 1},
        "helpdesk": {},
    }


def test_lists_of_one_citizen_are_read_once_each(hub: Hub, departments: dict[str, Mock]) -> None:
    departments["pensions"].forget_calls()
    hub.data(
        """query ($id: ID!) { citizen(id: $id) {
             a: applications { totalCount } b: applications(first: 20) { totalCount }
             benefits { totalCount } } }""",
        id=HEAD,
    )
    assert departments["pensions"].calls()["GetPensions"] == 1


def test_local_questions_ask_nobody(hub: Hub, departments: dict[str, Mock]) -> None:
    for mock in departments.values():
        mock.forget_calls()
    hub.data("{ services { totalCount } departments { identifier } }")
    assert all(mock.calls() == {} for mock in departments.values())
