"""A department that delivers files, in a running hub: rows, their age, bad lines, erasure."""

import datetime as dt
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.processes import Hub, Mock, wait_until

ANKIT = "7KNL042104"
APPLICATIONS = """query ($id: String!) { citizen(by: {memberIdentifier: $id}) { applications {
  nodes { applicationReferenceNumber provenance { adapter state asOf } }
  sources { department { identifier } state asOf message warnings { code raw } }
} } }"""
ERASE = (
    "mutation ($id: String!) { eraseCopies(citizen: {memberIdentifier: $id}) { copies complete } }"
)


@pytest.fixture(scope="module")
def employment() -> Iterator[Mock]:
    mock = Mock("employment")
    mock.set_faults(bad_row=1)
    yield mock
    mock.stop()


@pytest.fixture
def hub(departments: dict[str, Mock], employment: Mock, tmp_path: Path) -> Iterator[Hub]:
    running = Hub(
        {"registry": departments["registry"], "employment": employment},
        HUB_DATABASE_URL=f"sqlite+aiosqlite:///{tmp_path}/hub.db",
    )
    yield running
    running.stop()


def test_rows_show_their_age_and_bad_lines_and_can_be_erased(hub: Hub, tmp_path: Path) -> None:
    def applications_of_ankit() -> tuple[list[str], dict[str, object]]:
        found = hub.data(APPLICATIONS, id=ANKIT)["citizen"]["applications"]
        (source,) = (
            each for each in found["sources"] if each["department"]["identifier"] == "employment"
        )
        for node in found["nodes"]:
            provenance = node["provenance"]
            assert (provenance["adapter"], provenance["state"]) == ("files", "CACHED")
            assert provenance["asOf"] == source["asOf"]
        return [each["applicationReferenceNumber"] for each in found["nodes"]], source

    references, source = applications_of_ankit()
    assert references == ["EMP-REG/2026/000042"]
    assert source["state"] == "CACHED"
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(str(source["asOf"]))
    assert dt.timedelta(0) <= age < dt.timedelta(minutes=46)
    warnings = source["warnings"]
    assert isinstance(warnings, list)
    bad = [each["raw"] for each in warnings if each["code"] == "BAD_LINE"]
    assert bad
    assert all(each.startswith("EMP_2") and ".csv:" in each for each in bad)

    department = hub.data(
        '{ department(by: {identifier: "employment"}) { sourceStatus { state asOf message } } }'
    )["department"]["sourceStatus"]
    assert department == {"state": "CACHED", "asOf": source["asOf"], "message": None}

    listed = subprocess.run(
        [sys.executable, "-m", "hub", "files", "employment", "--json", "--database",
         f"sqlite+aiosqlite:///{tmp_path}/hub.db"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    newest, *older = json.loads(listed.stdout)
    problems = [f"{newest['file']}:{each['line']}: {each['reason']}" for each in newest["problems"]]
    assert problems == bad
    assert [each["problems"] for each in older] == [[], [], []]

    erased = hub.administrate(ERASE, id=ANKIT)["data"]["eraseCopies"]
    assert erased == {"copies": 1, "complete": True}
    wait_until(lambda: applications_of_ankit()[0] == [])


def test_a_department_without_files_affects_only_its_own_rows(
    departments: dict[str, Mock], tmp_path: Path
) -> None:
    (tmp_path / "delivery").mkdir()
    mocks = {"registry": departments["registry"], "scholarships": departments["scholarships"]}
    running = Hub(
        mocks,
        HUB_ONLY_DEPARTMENTS="registry,scholarships,employment",
        HUB_EMPLOYMENT_URL=(tmp_path / "delivery").as_uri(),
    )
    try:
        response = running.query(APPLICATIONS, id=ANKIT)
        found = response["data"]["citizen"]["applications"]
        states = {each["department"]["identifier"]: each["state"] for each in found["sources"]}
        assert states == {"employment": "UNAVAILABLE", "scholarships": "LIVE"}
        assert found["nodes"]
        assert "errors" not in response
        (source,) = (each for each in found["sources"] if each["state"] == "UNAVAILABLE")
        assert "does not answer" in source["message"]
    finally:
        running.stop()
