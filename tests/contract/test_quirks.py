"""Quirks of departments that no other test of their adapters meets (docs/quirks.md)."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import CallContext, Capability, DepartmentError, DepartmentFaultError, Rows
from adapters.manifest import find_departments, load_departments
from schema.application import Application
from schema.benefit import Benefit
from schema.person import Script
from schema.provenance import SourceState
from schema.status import ApplicationStatus
from tests.support.processes import Mock, url_variable


@pytest.fixture(scope="module")
def started() -> Iterator[Callable[[str], Mock]]:
    running: dict[str, Mock] = {}

    def start(name: str) -> Mock:
        if name not in running:
            running[name] = Mock(name)
        return running[name]

    yield start
    for mock in running.values():
        mock.stop()


@asynccontextmanager
async def asked(mock: Mock) -> AsyncIterator[ManifestAdapter]:
    """The department's adapter over its mock, which behaves again afterwards."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(url_variable(mock.name), mock.url)
        (manifest,) = load_departments(find_departments(None, [mock.name]))
    adapter = build_adapter(manifest)
    try:
        yield adapter
    finally:
        mock.clear_faults()
        await adapter.close()


def context() -> CallContext:
    return CallContext("quirks-test", asyncio.get_running_loop().time() + 20)


def rows_in(result: Rows | DepartmentError) -> Rows:
    assert isinstance(result, Rows)
    return result


async def rows_of(adapter: ManifestAdapter, capability: Capability, key: str) -> Rows:
    return rows_in((await adapter.look_up(capability, [key], context())).results[key])


@pytest.fixture(scope="module")
def citizens(population: Mock) -> list[dict[str, Any]]:
    with httpx.Client(base_url=population.url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": 600}).json()["memberIds"]
        return [oracle.get(f"/population/citizens/{member}").json() for member in members]


async def test_hindi_names_in_an_old_font_and_with_letters_of_two_codes(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    expected = {
        row["benefitId"]: row["holderNameLocal"]
        for citizen in citizens
        for row in citizen["benefits"]
        if row["department"] == "pensions"
    }
    keys = [n for each in citizens for n in each["links"].get("PENSION_PPO", ())]
    async with asked(started("pensions")) as adapter:
        reply = await adapter.look_up(Capability.BENEFITS_BY_CITIZEN, keys, context())
    names: dict[str, str | None] = {}
    for rows in reply.results.values():
        assert isinstance(rows, Rows)
        assert list(rows.warnings) == []
        for record in rows.records:
            assert isinstance(record, Benefit)
            name = record.holder_name_local
            assert name is None or name.script is Script.DEVANAGARI
            names[record.benefit_number] = name.full_name if name else None
    assert names == expected
    assert names["PN-000123"] == "राम देवी"
    assert None in names.values()


async def test_the_first_day_of_sql_server_is_no_day(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    keys = [n for each in citizens for n in each["links"].get("PENSION_PPO", ())]
    async with asked(started("pensions")) as adapter:
        reply = await adapter.look_up(Capability.BENEFITS_BY_CITIZEN, keys, context())
    days = [
        record.status_change_date
        for rows in reply.results.values()
        if isinstance(rows, Rows)
        for record in rows.records
        if isinstance(record, Benefit)
    ]
    assert None in days
    assert all(day is None or day.year > 2000 for day in days)


async def test_a_day_and_its_time_in_two_fields(started: Callable[[str], Mock]) -> None:
    async with asked(started("labour")) as adapter:
        rows = await rows_of(adapter, Capability.APPLICATIONS_BY_CITIZEN, "BOCW/KNL/000021")
    (record,) = rows.records
    assert isinstance(record, Application)
    assert record.updated_datetime is not None
    assert record.updated_datetime.isoformat() == "2026-10-05T11:05:00+05:30"


async def test_xml_in_a_text_and_prose_in_it(started: Callable[[str], Mock]) -> None:
    async with asked(started("food")) as adapter:
        which = Capability.APPLICATIONS_BY_REFERENCE
        (record,) = (await rows_of(adapter, which, "FDS-RCN/2025/000042")).records
        assert isinstance(record, Application)
        assert record.applicant_key == "0699000001"
        assert record.application_status is ApplicationStatus.DELIVERED
        assert list((await rows_of(adapter, which, "FDS-RCN/2025/999999")).records) == []


async def test_a_graph_that_ignores_its_filter_shows_nobody_elses_rows(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    number = next(
        each["links"]["LWB_NO"][0]
        for each in citizens
        if len(each["links"].get("LWB_NO", ())) == 1
        and any(row["department"] == "labour-welfare" for row in each["applications"])
    )
    mock = started("labour-welfare")
    async with asked(mock) as adapter:
        which = Capability.APPLICATIONS_BY_CITIZEN
        honest = await rows_of(adapter, which, number)
        mock.set_faults(ignored_filter=1)
        rows = await rows_of(adapter, which, number)
        nobody = await rows_of(adapter, which, "LWB-NOBODY")
    assert [numbers(each) for each in rows.records] == [numbers(each) for each in honest.records]
    assert [warning.code for warning in rows.warnings] == ["UNASKED_ROW"]
    assert list(nobody.records) == []


def numbers(record: object) -> str:
    assert isinstance(record, Application)
    return record.application_reference_number


def is_known(record: object) -> bool:
    """Of a code that the hub does not know, only the department can say that it fits."""
    assert isinstance(record, Application)
    return record.application_status is not ApplicationStatus.UNKNOWN


@pytest.mark.parametrize("name", ["pensions", "scholarships"])
async def test_a_search_that_ignores_its_filter_shows_what_was_asked_for(
    name: str, started: Callable[[str], Mock]
) -> None:
    mock = started(name)
    criteria = {
        "statuses": [ApplicationStatus.UNDER_PROCESS],
        "since": dt.date(2026, 11, 1),
        "offset": 0,
        "limit": 50,
    }
    # Nothing of what the rows are held against is asked for.
    needed = {"Application": frozenset({"application_reference_number"})}
    async with asked(mock) as adapter:
        search = Capability.APPLICATIONS_SEARCH
        honest = await adapter.search(search, criteria, replace(context(), needed=needed))
        assert list(honest.rows.warnings) == []
        mock.set_faults(ignored_filter=1)
        lied = await adapter.search(search, criteria, replace(context(), needed=needed))
    assert {warning.code for warning in lied.rows.warnings} == {"UNASKED_ROW", "UNKNOWN_CODE"}
    told = [numbers(record) for record in lied.rows.records if is_known(record)]
    # The newest come first, so what was asked for among the first rows is its beginning.
    assert told == [numbers(record) for record in honest.rows.records][: len(told)]
    assert 0 < len(told) < 50


async def test_a_misspelt_error_keeps_its_spelling(started: Callable[[str], Mock]) -> None:
    mock = started("scholarships")
    async with asked(mock) as adapter:
        mock.set_faults(misspelt_error=1)
        with pytest.raises(DepartmentFaultError) as caught:
            await rows_of(adapter, Capability.APPLICATIONS_BY_CITIZEN, "STU2024000123")
    assert caught.value.fault is not None
    assert caught.value.fault.code == "bad_gatewy"


FILES = {"post-matric": "STUDENT_ID", "employment": "EMPLOYMENT_REG_NO"}
GOES_WRONG = {
    "late": {"LATE_FILE"},
    "duplicated": set(),
    "bad_row": {"BAD_LINE"},
    "wrong_count": {"BAD_LINE"},
    "half_written": {"BAD_LINE"},
}
"""What is told of the rows then; none of them is lost, as the file before has them too."""


@pytest.mark.parametrize("fault", GOES_WRONG)
@pytest.mark.parametrize("name", FILES)
async def test_files_that_go_wrong_cost_no_application(
    name: str, fault: str, started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    expected = {
        row["applicationReferenceNumber"]
        for citizen in citizens
        for row in citizen["applications"]
        if row["department"] == name
    }
    keys = [n for each in citizens for n in each["links"].get(FILES[name], ())]
    mock = started(name)
    mock.set_faults(**{fault: 1})
    async with asked(mock) as adapter:
        reply = await adapter.look_up(Capability.APPLICATIONS_BY_CITIZEN, keys, context())
    told = [numbers(record) for each in reply.results.values() for record in rows_in(each).records]
    assert len(told) == len(set(told))
    assert set(told) == expected
    for each in map(rows_in, reply.results.values()):
        warned = {warning.code for warning in each.warnings}
        is_late = "LATE_FILE" in warned
        assert each.state is (SourceState.STALE if is_late else SourceState.CACHED)
        # The file before a half written one is too old at some times of the day.
        assert warned - ({"LATE_FILE"} if fault == "half_written" else set()) == GOES_WRONG[fault]
