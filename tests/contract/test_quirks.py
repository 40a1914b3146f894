"""Quirks of departments that no other adapter test covers (docs/quirks.md)."""

import datetime as dt
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import (
    Capability,
    DepartmentError,
    DepartmentFaultError,
    IncompleteReplyError,
    Rows,
)
from adapters.manifest import find_departments, load_departments
from adapters.workbench.look_ups import look_up_all
from schema.application import Application
from schema.benefit import Benefit
from schema.needed_fields import NeededFields
from schema.person import Script
from schema.provenance import SourceState
from schema.status import ApplicationStatus
from tests.support.calls import call_context
from tests.support.processes import Mock, stop_all, url_variable


@pytest.fixture(scope="module")
def started() -> Iterator[Callable[[str], Mock]]:
    running: dict[str, Mock] = {}

    def start(name: str) -> Mock:
        if name not in running:
            running[name] = Mock(name)
        return running[name]

    yield start
    stop_all(running.values())


@asynccontextmanager
async def adapter_of(mock: Mock) -> AsyncIterator[ManifestAdapter]:
    """Build the adapter of a mock; at the end, switch all faults off."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(url_variable(mock.name), mock.url)
        (manifest,) = load_departments(find_departments(None, [mock.name]))
    adapter = build_adapter(manifest)
    try:
        yield adapter
    finally:
        mock.clear_faults()
        await adapter.close()


def rows_in(result: Rows | DepartmentError) -> Rows:
    assert isinstance(result, Rows)
    return result


async def rows_of(adapter: ManifestAdapter, capability: Capability, key: str) -> Rows:
    return rows_in((await adapter.look_up(capability, [key], call_context())).results[key])


@pytest.fixture(scope="module")
def citizens(population: Mock) -> list[dict[str, Any]]:
    with httpx.Client(base_url=population.url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": 600}).json()["memberIds"]
        return [oracle.get(f"/population/citizens/{member}").json() for member in members]


async def test_hindi_names_in_an_old_font_or_with_other_code_points(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    expected = {
        row["benefitId"]: row["holderNameLocal"]
        for citizen in citizens
        for row in citizen["benefits"]
        if row["department"] == "pensions"
    }
    keys = [n for each in citizens for n in each["links"].get("PENSION_PPO", ())]
    async with adapter_of(started("pensions")) as adapter:
        reply = await look_up_all(adapter, Capability.BENEFITS_BY_CITIZEN, keys, call_context())
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


async def test_the_first_day_of_sql_server_means_no_date(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    keys = [n for each in citizens for n in each["links"].get("PENSION_PPO", ())]
    async with adapter_of(started("pensions")) as adapter:
        reply = await look_up_all(adapter, Capability.BENEFITS_BY_CITIZEN, keys, call_context())
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
    async with adapter_of(started("labour")) as adapter:
        rows = await rows_of(adapter, Capability.APPLICATIONS_BY_CITIZEN, "BOCW/KNL/000021")
    (record,) = rows.records
    assert isinstance(record, Application)
    assert record.updated_datetime is not None
    assert record.updated_datetime.isoformat() == "2026-10-05T11:05:00+05:30"


async def test_xml_inside_a_text(started: Callable[[str], Mock]) -> None:
    async with adapter_of(started("food")) as adapter:
        which = Capability.APPLICATIONS_BY_REFERENCE
        (record,) = (await rows_of(adapter, which, "FDS-RCN/2025/000042")).records
        assert isinstance(record, Application)
        assert record.applicant_key == "0699000001"
        assert record.application_status is ApplicationStatus.DELIVERED
        assert list((await rows_of(adapter, which, "FDS-RCN/2025/999999")).records) == []


async def test_rows_of_other_people_are_left_out_when_a_filter_is_ignored(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    number = next(
        each["links"]["LWB_NO"][0]
        for each in citizens
        if len(each["links"].get("LWB_NO", ())) == 1
        and any(row["department"] == "labour-welfare" for row in each["applications"])
    )
    mock = started("labour-welfare")
    async with adapter_of(mock) as adapter:
        which = Capability.APPLICATIONS_BY_CITIZEN
        filtered = await rows_of(adapter, which, number)
        mock.set_faults(ignored_filter=1)
        rows = await rows_of(adapter, which, number)
        unknown = await adapter.look_up(which, ["LWB-NOBODY"], call_context())
    assert [numbers(each) for each in rows.records] == [numbers(each) for each in filtered.records]
    assert [warning.code for warning in rows.warnings] == ["UNREQUESTED_ROW"]
    # The record of an unknown number may be among the rows of others.
    assert isinstance(unknown.results["LWB-NOBODY"], IncompleteReplyError)


def numbers(record: object) -> str:
    assert isinstance(record, Application)
    return str(record.application_reference_number)


def is_known(record: object) -> bool:
    """Return False for an unknown status code, which the hub cannot compare with the filter."""
    assert isinstance(record, Application)
    return record.application_status is not ApplicationStatus.UNKNOWN


@pytest.mark.parametrize("name", ["pensions", "scholarships"])
async def test_a_search_returns_only_matching_rows_when_its_filter_is_ignored(
    name: str, started: Callable[[str], Mock]
) -> None:
    mock = started(name)
    criteria = {
        "statuses": [ApplicationStatus.UNDER_PROCESS],
        "since": dt.date(2026, 11, 1),
        "offset": 0,
        "limit": 50,
    }
    # The query requests none of the fields that the filter compares.
    needed = NeededFields({"Application": frozenset({"application_reference_number"})})
    async with adapter_of(mock) as adapter:
        search = Capability.APPLICATIONS_SEARCH
        filtered = await adapter.search(search, criteria, call_context(needed=needed))
        assert list(filtered.rows.warnings) == []
        mock.set_faults(ignored_filter=1)
        unfiltered = await adapter.search(search, criteria, call_context(needed=needed))
    assert {warning.code for warning in unfiltered.rows.warnings} == {
        "UNREQUESTED_ROW",
        "UNKNOWN_CODE",
    }
    found = [numbers(record) for record in unfiltered.rows.records if is_known(record)]
    # The newest rows come first, so the matching rows are the first of the filtered result.
    assert found == [numbers(record) for record in filtered.rows.records][: len(found)]
    assert 0 < len(found) < 50


async def test_a_misspelt_error_keeps_its_spelling(started: Callable[[str], Mock]) -> None:
    mock = started("scholarships")
    async with adapter_of(mock) as adapter:
        mock.set_faults(misspelt_error=1)
        with pytest.raises(DepartmentFaultError) as caught:
            await rows_of(adapter, Capability.APPLICATIONS_BY_CITIZEN, "STU2024000123")
    assert caught.value.fault is not None
    assert caught.value.fault.code == "bad_gatewy"


@pytest.mark.parametrize("fault", ["short_pages", "lost_rows"])
@pytest.mark.parametrize("name", ["pensions", "scholarships"])
async def test_a_worklist_with_fewer_rows_than_announced_is_never_shown_as_complete(
    name: str, fault: str, started: Callable[[str], Mock]
) -> None:
    mock, search = started(name), Capability.APPLICATIONS_SEARCH
    criteria: dict[str, object] = {"statuses": [], "since": None, "offset": 0, "limit": 10}
    async with adapter_of(mock) as adapter:
        whole = await adapter.search(search, criteria, call_context())
        mock.set_faults(**{fault: 1})
        spoilt = await adapter.search(search, criteria, call_context())
    expected, found = ([numbers(each) for each in r.rows.records] for r in (whole, spoilt))
    assert whole.rows.state is SourceState.LIVE
    assert len(expected) == 10
    assert len(found) == len(set(found))
    if spoilt.rows.state is SourceState.LIVE:
        assert (fault, found) == ("short_pages", expected)
    else:
        assert spoilt.rows.state is SourceState.INCOMPLETE
        assert "INCOMPLETE" in {warning.code for warning in spoilt.rows.warnings}


async def test_a_citizens_row_that_is_announced_and_not_sent_is_reported(
    started: Callable[[str], Mock],
) -> None:
    mock, student = started("scholarships"), "STU2024000123"
    async with adapter_of(mock) as adapter:
        mock.set_faults(lost_rows=1)
        found = await rows_of(adapter, Capability.APPLICATIONS_BY_CITIZEN, student)
    assert (list(found.records), found.state) == ([], SourceState.INCOMPLETE)
    assert [each.raw for each in found.warnings] == ["0 of 1 rows were received"]


async def test_an_array_with_fewer_items_than_it_announces_is_reported(
    started: Callable[[str], Mock], citizens: list[dict[str, Any]]
) -> None:
    references = [
        row["applicationReferenceNumber"]
        for citizen in citizens
        for row in citizen["applications"]
        if row["department"] == "water"
    ][:3]
    mock, capability = started("water"), Capability.APPLICATIONS_BY_REFERENCE
    async with adapter_of(mock) as adapter:
        mock.set_faults(lost_rows=1)
        reply = await look_up_all(adapter, capability, references, call_context())
    rows = list(map(rows_in, reply.results.values()))
    assert sorted(len(each.records) for each in rows) == [0, 1, 1]
    assert {each.state for each in rows} == {SourceState.INCOMPLETE}
    warned = {(warning.code, warning.raw) for each in rows for warning in each.warnings}
    assert ("INCOMPLETE", "2 of 3 items of an array were received") in warned


FILES = {"post-matric": "STUDENT_ID", "employment": "EMPLOYMENT_REG_NO"}
WARNINGS = {
    "late": {"LATE_FILE"},
    "duplicated": set(),
    "bad_row": {"BAD_LINE"},
    "wrong_count": {"BAD_LINE"},
    "lost_rows": {"BAD_LINE"},
    "empty_file": {"BAD_LINE"},
    "half_written": {"BAD_LINE"},
}
"""Warnings by fault. No row is lost, because the file before has it too."""


@pytest.mark.parametrize("fault", WARNINGS)
@pytest.mark.parametrize("name", FILES)
async def test_no_application_is_lost_with_a_faulty_file(
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
    async with adapter_of(mock) as adapter:
        reply = await look_up_all(adapter, Capability.APPLICATIONS_BY_CITIZEN, keys, call_context())
    found = [numbers(record) for each in reply.results.values() for record in rows_in(each).records]
    assert len(found) == len(set(found))
    assert set(found) == expected
    is_cut = fault in ("half_written", "wrong_count", "lost_rows", "empty_file")
    for each in map(rows_in, reply.results.values()):
        warned = {warning.code for warning in each.warnings}
        is_old = is_cut or "LATE_FILE" in warned
        assert each.state is (SourceState.STALE if is_old else SourceState.CACHED)
        # At some times of the day the file before a cut one is late.
        assert warned - ({"LATE_FILE"} if is_cut else set()) == WARNINGS[fault]
