"""Water, food and power: their adapters return the population's data."""

from typing import Any

import pytest

from adapters.adapter import ManifestAdapter
from adapters.contract import (
    Capability,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentUnreachableError,
    MalformedReplyError,
    Rows,
)
from adapters.workbench.look_ups import look_up_all
from schema.application import Application
from schema.provenance import Record
from tests.contract.canonical import canonical
from tests.contract.department_set_up import (
    Citizens,
    rows_of,
    sampled,
    true_applications,
)
from tests.support.calls import call_context
from tests.support.processes import Mock

SCHEMES = {"water": "WATER_CONSUMER_NO", "food": "RATION_CARD", "power": "CONSUMER_NO"}
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE


@pytest.fixture(scope="module")
def citizens(population: Mock) -> Citizens:
    return sampled(population)


def comparable(record: Record) -> dict[str, Any]:
    """Return a record in the form of the true data."""
    assert isinstance(record, Application)
    return canonical(record)


@pytest.mark.parametrize("name", SCHEMES)
async def test_applications_match_the_population(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    expected = true_applications(name, SCHEMES[name], citizens)
    assert sum(map(len, expected.values())) > 20
    reply = await look_up_all(adapters[name], BY_CITIZEN, list(expected), call_context())
    for number, applications in expected.items():
        rows = rows_of(reply, number)
        assert list(rows.warnings) == []
        found = {each["applicationReferenceNumber"]: each for each in map(comparable, rows.records)}
        assert found == applications


@pytest.mark.parametrize("name", SCHEMES)
async def test_applications_are_found_by_number(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    numbers = [
        reference
        for applications in true_applications(name, SCHEMES[name], citizens).values()
        for reference in applications
    ][:40]
    reply = await look_up_all(
        adapters[name], BY_REFERENCE, [*numbers, "XXX/2026/1"], call_context()
    )
    for number in numbers:
        found = [comparable(record) for record in rows_of(reply, number).records]
        assert [each["applicationReferenceNumber"] for each in found] == [number]
    assert list(rows_of(reply, "XXX/2026/1").records) == []


@pytest.mark.parametrize("name", SCHEMES)
async def test_an_unknown_number_has_no_rows(
    name: str, adapters: dict[str, ManifestAdapter]
) -> None:
    for key in ("999999999", "ढूँढो", "<&|^~'--"):
        reply = await adapters[name].look_up(BY_CITIZEN, [key], call_context())
        assert list(rows_of(reply, key).records) == []


DEMO_NUMBERS = {"water": "WS-KNL-00042", "food": "0699000001", "power": "50600000421"}


async def rows_for(adapter: ManifestAdapter, key: str) -> Rows:
    return rows_of(await adapter.look_up(BY_CITIZEN, [key], call_context()), key)


@pytest.mark.parametrize("name", SCHEMES)
async def test_forbidden_characters_are_a_warning(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    clean = [
        comparable(record)
        for record in (await rows_for(adapters[name], DEMO_NUMBERS[name])).records
    ]
    mocks[name].set_faults(forbidden_characters=1)
    rows = await rows_for(adapters[name], DEMO_NUMBERS[name])
    assert [comparable(record) for record in rows.records] == clean
    assert [each.code for each in rows.warnings] == ["FORBIDDEN_CHARACTERS"]


@pytest.mark.parametrize("name", ["water", "food"])
async def test_http_500_without_a_body_can_mean_no_rows(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(empty_500=1)
    assert list((await rows_for(adapters[name], "nobody")).records) == []
    assert len((await rows_for(adapters[name], DEMO_NUMBERS[name])).records) == 1


async def test_a_reply_of_water_in_another_namespace_is_read(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["water"].set_faults(other_namespace=1)
    assert len((await rows_for(adapters["water"], DEMO_NUMBERS["water"])).records) == 1


@pytest.mark.parametrize("name", SCHEMES)
async def test_an_unknown_code_is_kept(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks[name].set_faults(unknown_code=1)
    rows = await rows_for(adapters[name], DEMO_NUMBERS[name])
    (record,) = map(comparable, rows.records)
    assert record["applicationStatus"] == "UNKNOWN"
    assert record["departmentStatus"]["code"] == "97"
    warned = {(each.code, each.raw) for each in rows.warnings}
    assert warned == {("UNKNOWN_CODE", "97")}


FAULTS: dict[str, tuple[dict[str, float], dict[str, type[DepartmentError]]]] = {
    "error": ({"error": 1}, dict.fromkeys(SCHEMES, DepartmentFaultError)),
    "fault200": ({"fault200": 1}, dict.fromkeys(SCHEMES, DepartmentFaultError)),
    "expired_session": ({"expired_session": 1}, dict.fromkeys(SCHEMES, DepartmentAuthError)),
    "garbage": ({"garbage": 1}, dict.fromkeys(SCHEMES, MalformedReplyError)),
    "maintenance": ({"maintenance": 1}, dict.fromkeys(SCHEMES, DepartmentMaintenanceError)),
    "refuse": ({"refuse": 1}, dict.fromkeys(SCHEMES, DepartmentUnreachableError)),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", SCHEMES)
async def test_each_fault_is_a_typed_error(
    name: str, fault: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    await rows_for(adapters[name], DEMO_NUMBERS[name])
    switches, errors = FAULTS[fault]
    mocks[name].set_faults(**switches)
    with pytest.raises(errors[name]) as caught:
        await rows_for(adapters[name], DEMO_NUMBERS[name])
    assert caught.value.department == name
    mocks[name].clear_faults()
    assert len((await rows_for(adapters[name], DEMO_NUMBERS[name])).records) == 1
