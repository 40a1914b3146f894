"""Paused departments: reported as closed, not called, and still closed after a restart."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.test_command_line import run
from tests.integration.queries import HEAD
from tests.support.processes import ADMIN_TOKEN, Hub, Mock

PAUSE = """mutation ($input: PauseDepartmentInput!) {
  pauseDepartment(input: $input) { department { sourceStatus { state } } }
}"""
BENEFITS = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) {
  benefits { nodes { benefitNumber }
    sources { department { identifier } state backAt message errorCode since } }
} }"""
UNTIL = dt.datetime(2030, 1, 2, 3, 4, tzinfo=dt.UTC)


@pytest.fixture
def opened(hub: Hub) -> Iterator[Hub]:
    yield hub
    hub.reopen()


def test_a_paused_department_is_reported_and_not_called(
    opened: Hub, departments: dict[str, Mock]
) -> None:
    pause = {"department": "pensions", "until": UNTIL.isoformat(), "note": "new server"}
    response = opened.administrate(PAUSE, input=pause)
    status = response["data"]["pauseDepartment"]["department"]["sourceStatus"]
    assert status["state"] == "MAINTENANCE"
    departments["pensions"].clear_calls()
    response = opened.query(BENEFITS, id=HEAD)
    sources = {
        s["department"]["identifier"]: s for s in response["data"]["citizen"]["benefits"]["sources"]
    }
    assert sources["pensions"]["state"] == "MAINTENANCE"
    assert dt.datetime.fromisoformat(sources["pensions"]["backAt"]) == UNTIL
    assert "new server" in sources["pensions"]["message"]
    assert sources["pensions"]["errorCode"] == "DEPARTMENT_MAINTENANCE"
    assert sources["pensions"]["since"] is not None
    assert "errors" not in response
    assert departments["pensions"].calls() == {}
    opened.reopen()
    assert "errors" not in opened.query(BENEFITS, id=HEAD)


def test_only_administrators_pause(hub: Hub) -> None:
    response = hub.query(PAUSE, input={"department": "pensions"})
    assert response["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    assert response["data"] == {"pauseDepartment": None}


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"department": "nope"}, "There is no such department"),
        ({"department": "pensions", "until": "2020-01-01T00:00:00Z"}, "is in the past"),
        ({"department": "pensions", "until": "2030-01-01T00:00:00"}, "has a time zone"),
        ({"department": "pensions", "note": "x" * 201}, "201 characters"),
    ],
)
def test_an_invalid_pause_is_rejected(given: dict[str, str], sentence: str, hub: Hub) -> None:
    response = hub.administrate(PAUSE, input=given)
    assert sentence in response["errors"][0]["message"]


def test_a_pause_survives_a_restart(departments: dict[str, Mock], tmp_path: Path) -> None:
    database = f"sqlite+aiosqlite:///{tmp_path}/hub.db"
    first = Hub(departments, HUB_DATABASE_URL=database)
    first.administrate(PAUSE, input={"department": "helpdesk"})
    first.stop()
    second = Hub(departments, HUB_DATABASE_URL=database)
    try:
        (status,) = (
            each["sourceStatus"]
            for each in second.data("{ departments { identifier sourceStatus { state } } }")[
                "departments"
            ]
            if each["identifier"] == "helpdesk"
        )
        assert status == {"state": "MAINTENANCE"}
    finally:
        second.stop()


def test_the_command_line_pauses_and_resumes(opened: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUB_ADMIN_TOKEN", ADMIN_TOKEN)
    paused = run("department", "pause", "scholarships", "--until", "2h", "--url", opened.url)
    assert (paused.returncode, "closed for maintenance until" in paused.stdout) == (0, True)
    resumed = run("department", "resume", "scholarships", "--url", opened.url)
    assert (resumed.returncode, "are resumed" in resumed.stdout) == (0, True)
    wrong = run("department", "pause", "scholarships", "--until", "soon", "--url", opened.url)
    assert (wrong.returncode, "write it as 2h" in wrong.stderr) == (2, True)


def test_administrators_erase_the_copies_of_a_citizen(hub: Hub) -> None:
    hub.data(BENEFITS, id=HEAD)
    erase = """mutation ($id: String!) {
        eraseCopies(citizen: {memberIdentifier: $id}) { copies complete } }"""
    assert hub.administrate(erase, id=HEAD)["data"] == {
        "eraseCopies": {"copies": 0, "complete": True}
    }
    assert hub.query(erase, id=HEAD)["errors"][0]["extensions"]["code"] == "FORBIDDEN"
