"""Departments with databases and files return the data of the population."""

import datetime as dt
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import Capability, Rows
from adapters.manifest import find_departments, load_department
from adapters.workbench.contract_tests import checks
from adapters.workbench.look_ups import look_up_all
from mocks.civil_registration.rows import all_rows
from mocks.civil_registration.tables import TABLES
from mocks.databases.tables import write_sqlite
from mocks.options import DEFAULT_SEED
from mocks.population import Population
from schema.application import Application
from schema.provenance import SourceState
from tests.contract.canonical import canonical
from tests.contract.department_set_up import (
    Citizens,
    connected,
    running,
    sampled,
    true_applications,
)
from tests.support.calls import call_context
from tests.support.processes import CITIZENS, Mock, url_variable

SAMPLE = 400
SCHEMES = {
    "civil-registration": "ULB_PERSON_NO",
    "post-matric": "STUDENT_ID",
    "employment": "EMPLOYMENT_REG_NO",
}
FILES = ("post-matric", "employment")


@pytest.fixture(scope="module", params=SCHEMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def mock(name: str) -> Iterator[Mock]:
    with running([name]) as started:
        yield started[name]


@pytest.fixture
async def adapter(name: str, mock: Mock) -> AsyncIterator[ManifestAdapter]:
    async with connected({name: mock}) as built:
        yield built[name]


@pytest.fixture(scope="module")
def citizens(population: Mock) -> Citizens:
    return sampled(population, SAMPLE)


def comparable(application: Application) -> dict[str, Any]:
    """Return the fields that these departments store, in the form of the true data."""
    whole = canonical(application)
    return {name: whole[name] for name in whole if name not in ("channel", "timeline")}


def newest(records: Any) -> dict[str, Application]:
    """Return the newest record per reference, as the federation does."""
    found: dict[str, Application] = {}
    for record in sorted(records, key=lambda each: each.updated_datetime):
        found[record.application_reference_number] = record
    return found


async def test_applications_match_the_population(
    name: str, adapter: ManifestAdapter, citizens: Citizens
) -> None:
    expected = true_applications(name, SCHEMES[name], citizens)
    assert any(expected.values())
    reply = await look_up_all(
        adapter, Capability.APPLICATIONS_BY_CITIZEN, list(expected), call_context()
    )
    for number, applications in expected.items():
        rows = reply.results[number]
        assert isinstance(rows, Rows)
        assert list(rows.warnings) == []
        found = newest(rows.records)
        assert found.keys() == applications.keys()
        for reference, application in found.items():
            found_fields = comparable(application)
            assert found_fields == {key: applications[reference][key] for key in found_fields}
            assert application.applicant_key == number


async def test_references_are_found_in_one_batch(
    name: str, adapter: ManifestAdapter, citizens: Citizens
) -> None:
    expected = true_applications(name, SCHEMES[name], citizens)
    references = [reference for applications in expected.values() for reference in applications]
    assert references
    which = Capability.APPLICATIONS_BY_REFERENCE
    reply = await look_up_all(adapter, which, [*references, "NO-SUCH/2026/1"], call_context())
    for reference in references:
        rows = reply.results[reference]
        assert isinstance(rows, Rows)
        first = rows.records[0]
        assert isinstance(first, Application)
        assert first.application_reference_number == reference
        assert first.updated_datetime == newest(rows.records)[reference].updated_datetime
    unknown = reply.results["NO-SUCH/2026/1"]
    assert isinstance(unknown, Rows)
    assert list(unknown.records) == []


@pytest.mark.parametrize("name", FILES, indirect=True)
async def test_rows_of_files_have_their_age(name: str, adapter: ManifestAdapter) -> None:
    reply = await adapter.look_up(Capability.APPLICATIONS_BY_CITIZEN, ["nobody"], call_context())
    rows = reply.results["nobody"]
    assert isinstance(rows, Rows)
    assert rows.state is SourceState.CACHED
    assert rows.as_of is not None
    assert dt.timedelta(0) <= dt.datetime.now(dt.UTC) - rows.as_of < dt.timedelta(hours=26)


@pytest.mark.parametrize("name", ["civil-registration", "certificates"], indirect=True)
async def test_changes_are_ordered_and_start_at_the_watermark(adapter: ManifestAdapter) -> None:
    which = Capability.APPLICATIONS_CHANGES_SINCE
    everything = await adapter.search(
        which, {"since": dt.datetime(1990, 1, 1, tzinfo=dt.UTC)}, call_context()
    )
    moments = [row.updated_datetime for row in everything.rows.records]  # type: ignore[attr-defined]
    assert len(moments) > 10
    assert moments == sorted(moments)
    watermark = moments[len(moments) // 2]
    later = await adapter.search(which, {"since": watermark}, call_context())
    again = [row.updated_datetime for row in later.rows.records]  # type: ignore[attr-defined]
    assert again == [moment for moment in moments if moment >= watermark]
    await checks.changes_come_in_order(adapter)


async def test_the_sqlite_file_gives_the_same_rows_as_mariadb(
    tmp_path: Path, citizens: Citizens, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "civil-registration"
    path = tmp_path / "ulb.sqlite"
    write_sqlite(path, TABLES, all_rows(Population(CITIZENS, DEFAULT_SEED)))
    monkeypatch.setenv(url_variable(name), f"sqlite:///{path}")
    adapter = build_adapter(load_department(find_departments(only=[name])[0]))
    expected = true_applications(name, SCHEMES[name], citizens)
    reply = await look_up_all(
        adapter, Capability.APPLICATIONS_BY_CITIZEN, list(expected), call_context()
    )
    for number, applications in expected.items():
        rows = reply.results[number]
        assert isinstance(rows, Rows)
        assert list(rows.warnings) == []
        for reference, application in newest(rows.records).items():
            found_fields = comparable(application)
            assert found_fields == {key: applications[reference][key] for key in found_fields}
    since = {"since": dt.datetime(2026, 11, 1, tzinfo=dt.UTC)}
    changes = await adapter.search(Capability.APPLICATIONS_CHANGES_SINCE, since, call_context())
    assert changes.rows.records
    await adapter.close()
