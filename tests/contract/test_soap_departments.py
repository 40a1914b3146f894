"""Water, food and power, through their adapters: what the population says, and nothing else."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import CallContext, Capability, LookUpReply, Rows
from adapters.manifest import find_departments, load_departments
from schema.application import Application
from schema.provenance import Record
from tests.running import Mock, variable_of

SCHEMES = {"water": "WATER_CONSUMER_NO", "food": "RATION_CARD", "power": "CONSUMER_NO"}
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE


@pytest.fixture(scope="module")
def mocks() -> Iterator[dict[str, Mock]]:
    running: dict[str, Mock] = {}
    try:
        for name in SCHEMES:
            running[name] = Mock(name, 600)
        yield running
    finally:
        for mock in running.values():
            mock.stop()


@pytest.fixture
async def adapters(mocks: dict[str, Mock]) -> AsyncIterator[dict[str, ManifestAdapter]]:
    with pytest.MonkeyPatch.context() as patch:
        for name, mock in mocks.items():
            patch.setenv(variable_of(name), mock.url)
        manifests = load_departments(find_departments(None, tuple(SCHEMES)))
    built = {m.file.department: build_adapter(m) for m in manifests}
    yield built
    for name, adapter in built.items():
        await adapter.close()
        mocks[name].behave()


@pytest.fixture(scope="module")
def truth(population: Mock) -> list[dict[str, Any]]:
    with httpx.Client(base_url=population.url, trust_env=False) as oracle:
        members = oracle.get("/population/sample", params={"n": 600}).json()["memberIds"]
        return [oracle.get(f"/population/citizens/{member}").json() for member in members]


def expected_of(name: str, truth: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The department's applications by its own number of the citizen."""
    return {
        number: [row for row in citizen["applications"] if row["department"] == name]
        for citizen in truth
        for number in citizen["links"].get(SCHEMES[name], [])
    }


def context() -> CallContext:
    return CallContext("soap-test", asyncio.get_running_loop().time() + 20)


def rows_of(reply: LookUpReply, key: str) -> Rows:
    rows = reply.results[key]
    assert isinstance(rows, Rows)
    return rows


def told(record: Record) -> dict[str, Any]:
    """A record in the oracle's words."""
    assert isinstance(record, Application)
    status = record.department_status
    return {
        "applicationReferenceNumber": record.application_reference_number,
        "serviceCode": record.service_code,
        "applicationStatus": record.application_status.value,
        "departmentStatus": {"code": status.code, "label": status.label} if status else None,
        "statusNotes": record.status_notes,
        "requestedDatetime": moment(record.requested_datetime),
        "updatedDatetime": moment(record.updated_datetime),
        "expectedDatetime": moment(record.expected_datetime),
        "source": record.source.value,
        "pendingWith": officer(record.pending_with),
        "timeline": [
            {
                "action": event.action,
                "actionNo": event.action_no,
                "taskName": event.task_name,
                "performedBy": officer(event.performed_by),
                "receivedTime": moment(event.received_time),
                "executedTime": moment(event.executed_time),
                "remarks": event.remarks,
                "currentStatus": event.current_status.value if event.current_status else None,
            }
            for event in record.timeline
        ],
    }


def moment(value: dt.datetime | None) -> str | None:
    return value.isoformat() if value else None


def officer(value: Any) -> dict[str, str] | None:
    if value is None:
        return None
    return {"designation": value.designation, "locationName": value.location_name}


@pytest.mark.parametrize("name", SCHEMES)
async def test_every_citizens_applications_are_those_of_the_population(
    name: str, adapters: dict[str, ManifestAdapter], truth: list[dict[str, Any]]
) -> None:
    expected = expected_of(name, truth)
    assert sum(map(len, expected.values())) > 20
    reply = await adapters[name].look_up(BY_CITIZEN, list(expected), context())
    for number, applications in expected.items():
        rows = rows_of(reply, number)
        assert list(rows.warnings) == []
        found = {each["applicationReferenceNumber"]: each for each in map(told, rows.records)}
        assert found == {
            row["applicationReferenceNumber"]: {k: v for k, v in row.items() if k != "department"}
            for row in applications
        }


@pytest.mark.parametrize("name", SCHEMES)
async def test_applications_are_found_by_their_number(
    name: str, adapters: dict[str, ManifestAdapter], truth: list[dict[str, Any]]
) -> None:
    numbers = [
        row["applicationReferenceNumber"]
        for applications in expected_of(name, truth).values()
        for row in applications
    ][:40]
    reply = await adapters[name].look_up(BY_REFERENCE, [*numbers, "XXX/2026/1"], context())
    for number in numbers:
        found = [told(record) for record in rows_of(reply, number).records]
        assert [each["applicationReferenceNumber"] for each in found] == [number]
    assert list(rows_of(reply, "XXX/2026/1").records) == []


@pytest.mark.parametrize("name", SCHEMES)
async def test_an_unknown_number_is_no_rows(
    name: str, adapters: dict[str, ManifestAdapter]
) -> None:
    for key in ("999999999", "ढूँढो", "<&|^~'--"):
        reply = await adapters[name].look_up(BY_CITIZEN, [key], context())
        assert list(rows_of(reply, key).records) == []
