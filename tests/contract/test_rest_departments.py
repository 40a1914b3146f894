"""Labour, Labour Welfare Board and trade licences: their adapters return the population's data."""

import asyncio
from collections.abc import Iterable
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
from schema.errors import ErrorSource
from schema.status import ApplicationStatus
from tests.contract.canonical import canonical
from tests.contract.department_set_up import Citizens, connected, sampled, true_applications
from tests.support.calls import call_context
from tests.support.processes import Mock

SCHEMES = {
    "labour": "BOCW_NO",
    "labour-welfare": "LWB_NO",
    "trade-licences": "SERVICEPLUS_ID",
}
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN
BY_REFERENCE = Capability.APPLICATIONS_BY_REFERENCE


@pytest.fixture(scope="module")
def citizens(population: Mock) -> Citizens:
    return sampled(population)


def by_reference(records: Iterable[object]) -> dict[str, dict[str, Any]]:
    found = [canonical(record) for record in records if isinstance(record, Application)]
    return {row["applicationReferenceNumber"]: row for row in found}


@pytest.mark.parametrize("name", SCHEMES)
async def test_applications_match_the_population(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    expected = true_applications(name, SCHEMES[name], citizens)
    assert sum(map(len, expected.values())) > 20
    reply = await look_up_all(adapters[name], BY_CITIZEN, list(expected), call_context(30))
    assert reply.results.keys() == expected.keys()
    for number, rows in reply.results.items():
        assert isinstance(rows, Rows)
        assert list(rows.warnings) == []
        assert len(rows.records) == len(expected[number])
        assert by_reference(rows.records) == expected[number]


@pytest.mark.parametrize("name", SCHEMES)
async def test_applications_are_found_by_number(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    expected = {
        reference: row
        for rows in true_applications(name, SCHEMES[name], citizens).values()
        for reference, row in rows.items()
    }
    wanted = [*list(expected)[:30], "no such number", "ढूँढो", "..", "a/../..", ""]
    reply = await look_up_all(adapters[name], BY_REFERENCE, wanted, call_context(30))
    for reference in wanted:
        rows = reply.results[reference]
        assert isinstance(rows, Rows)
        assert len(rows.records) == (reference in expected)
        assert by_reference(rows.records) == (
            {reference: expected[reference]} if reference in expected else {}
        )


async def test_an_attribute_is_found_in_each_version_of_the_form(
    adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    applicants: dict[str, dict[str, Any]] = {
        citizen["links"]["SERVICEPLUS_ID"][0]: citizen
        for citizen in citizens
        if len(citizen["links"].get("SERVICEPLUS_ID", ())) == 1
    }
    reply = await look_up_all(
        adapters["trade-licences"], BY_CITIZEN, list(applicants), call_context(30)
    )
    compared = 0
    for number, rows in reply.results.items():
        assert isinstance(rows, Rows)
        for record in rows.records:
            assert isinstance(record, Application)
            assert record.applicant_name == applicants[number]["personName"]
            assert record.applicant_phone == applicants[number]["phoneNumber"]
            compared += 1
    assert compared > 20


FAULTS: list[tuple[dict[str, float], type[DepartmentError]]] = [
    ({"error": 1}, DepartmentFaultError),
    ({"fault200": 1}, DepartmentFaultError),
    ({"garbage": 1}, MalformedReplyError),
    ({"maintenance": 1}, DepartmentMaintenanceError),
    ({"expired_session": 1}, DepartmentAuthError),
    ({"redirect_loop": 1}, MalformedReplyError),
]


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize(("faults", "error"), FAULTS)
async def test_each_fault_is_a_typed_error(
    name: str,
    faults: dict[str, float],
    error: type[DepartmentError],
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    # The first call logs in, so that the fault affects the second call only.
    await adapters[name].look_up(BY_CITIZEN, ["1"], call_context())
    mocks[name].set_faults(**faults)
    with pytest.raises(error) as caught:
        await adapters[name].look_up(BY_CITIZEN, ["1"], call_context())
    assert caught.value.department == name


@pytest.mark.parametrize(
    ("quirk", "error", "code"),
    [
        ("exchange_down", DepartmentUnreachableError, "Server.ServerProxy.NetworkError"),
        ("exchange_closed", DepartmentMaintenanceError, "maintenance_mode"),
    ],
)
async def test_errors_of_the_exchange_are_reported_as_such(
    quirk: str,
    error: type[DepartmentError],
    code: str,
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    mocks["trade-licences"].set_faults(**{quirk: 1})
    with pytest.raises(error) as caught:
        await adapters["trade-licences"].look_up(BY_CITIZEN, ["1"], call_context())
    assert caught.value.source is ErrorSource.EXCHANGE
    assert caught.value.fault is not None
    assert caught.value.fault.code == code


async def test_the_reply_to_another_request_is_not_returned(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["trade-licences"].set_faults(exchange_mixup=1)
    with pytest.raises(MalformedReplyError) as caught:
        await adapters["trade-licences"].look_up(BY_CITIZEN, ["1"], call_context())
    assert caught.value.source is ErrorSource.EXCHANGE


@pytest.mark.parametrize("name", SCHEMES)
async def test_an_unknown_code_is_a_warning_and_kept(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], citizens: Citizens
) -> None:
    number = next(
        number for number, rows in true_applications(name, SCHEMES[name], citizens).items() if rows
    )
    mocks[name].set_faults(unknown_code=1)
    rows = (await adapters[name].look_up(BY_CITIZEN, [number], call_context())).results[number]
    assert isinstance(rows, Rows)
    assert rows.records
    for record in rows.records:
        assert isinstance(record, Application)
        assert record.application_status is ApplicationStatus.UNKNOWN
        assert record.department_status.code == "97"
    warned = {(w.code, w.field_path, w.raw) for w in rows.warnings}
    assert ("UNKNOWN_CODE", "applicationStatus", "97") in warned


async def test_fifty_calls_to_labour_need_one_login(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["labour"].clear_calls()
    look_up = adapters["labour"].look_up
    await asyncio.gather(*(look_up(BY_CITIZEN, [str(n)], call_context()) for n in range(50)))
    calls = mocks["labour"].calls()
    assert calls == {"POST /oauth/token": 1, "GET /bocw/v1/registrations": 50}


async def test_known_queries_of_the_welfare_board_are_sent_by_hash(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    look_up = adapters["labour-welfare"].look_up
    await look_up(BY_REFERENCE, ["1", "2"], call_context())
    mocks["labour-welfare"].clear_calls()
    await look_up(BY_REFERENCE, ["3", "4"], call_context())
    assert mocks["labour-welfare"].calls() == {"POST /graphql": 1}


async def test_a_failure_of_the_register_with_http_200_is_not_an_empty_result(
    departments: dict[str, Mock],
) -> None:
    registry = departments["registry"]
    async with connected({"registry": registry}) as built:
        registry.set_faults(fault200=1)
        try:
            with pytest.raises(DepartmentFaultError) as caught:
                await built["registry"].look_up(
                    Capability.CITIZENS_BY_IDENTIFIER, ["7KNL042101"], call_context()
                )
        finally:
            registry.clear_faults()
    assert caught.value.fault is not None
    assert caught.value.fault.code == "INTERNAL"
