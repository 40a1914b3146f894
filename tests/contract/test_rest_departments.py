"""Labour, the Labour Welfare Board and trade licences: adapters over their mock departments, held
against the population.
"""

import asyncio
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
from schema.application import Application
from schema.errors import ErrorSource
from schema.status import ApplicationStatus
from tests.contract.canonical import canonical
from tests.contract.department_set_up import Citizens, connected, context, sampled
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


def told_by(name: str, citizens: Citizens) -> dict[str, list[dict[str, Any]]]:
    """By number at the department, its applications as the oracle has them."""
    expected: dict[str, list[dict[str, Any]]] = {}
    for citizen in citizens:
        own = [row for row in citizen["applications"] if row["department"] == name]
        held = citizen["links"].get(SCHEMES[name], [])
        # Who is registered twice has applications under both; the oracle does not say which.
        if len(held) == 1:
            expected[held[0]] = own
    return expected


def in_order(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return sorted(rows, key=lambda row: str(row["applicationReferenceNumber"]))


@pytest.mark.parametrize("name", SCHEMES)
async def test_everybodys_applications_are_what_the_population_says(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    expected = told_by(name, citizens)
    assert sum(map(len, expected.values())) > 20
    reply = await adapters[name].look_up(BY_CITIZEN, list(expected), context(30))
    assert reply.results.keys() == expected.keys()
    for number, rows in reply.results.items():
        assert isinstance(rows, Rows)
        assert list(rows.warnings) == []
        found = [canonical(record) for record in rows.records if isinstance(record, Application)]
        assert in_order(found) == in_order(expected[number])


@pytest.mark.parametrize("name", SCHEMES)
async def test_each_application_is_found_by_its_number(
    name: str, adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    expected = {
        row["applicationReferenceNumber"]: row
        for rows in told_by(name, citizens).values()
        for row in rows
    }
    wanted = [*list(expected)[:30], "no such number", "ढूँढो", "..", "a/../..", ""]
    reply = await adapters[name].look_up(BY_REFERENCE, wanted, context(30))
    for reference in wanted:
        rows = reply.results[reference]
        assert isinstance(rows, Rows)
        found = [canonical(record) for record in rows.records if isinstance(record, Application)]
        assert found == ([expected[reference]] if reference in expected else [])


async def test_an_attribute_is_found_in_each_version_of_the_form(
    adapters: dict[str, ManifestAdapter], citizens: Citizens
) -> None:
    who: dict[str, dict[str, Any]] = {
        citizen["links"]["SERVICEPLUS_ID"][0]: citizen
        for citizen in citizens
        if len(citizen["links"].get("SERVICEPLUS_ID", ())) == 1
    }
    reply = await adapters["trade-licences"].look_up(BY_CITIZEN, list(who), context(30))
    told = 0
    for number, rows in reply.results.items():
        assert isinstance(rows, Rows)
        for record in rows.records:
            assert isinstance(record, Application)
            assert record.applicant_name == who[number]["name"]
            assert record.applicant_phone == who[number]["phoneNumber"]
            told += 1
    assert told > 20


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
async def test_what_a_department_does_wrong_has_its_own_error(
    name: str,
    faults: dict[str, float],
    error: type[DepartmentError],
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    # A token is there already: the fault strikes the question, not the login.
    await adapters[name].look_up(BY_CITIZEN, ["1"], context())
    mocks[name].set_faults(**faults)
    with pytest.raises(error) as caught:
        await adapters[name].look_up(BY_CITIZEN, ["1"], context())
    assert caught.value.department == name


@pytest.mark.parametrize(
    ("quirk", "error", "code"),
    [
        ("exchange_down", DepartmentUnreachableError, "Server.ServerProxy.NetworkError"),
        ("exchange_closed", DepartmentMaintenanceError, "maintenance_mode"),
    ],
)
async def test_what_the_exchange_says_is_told_as_its_own(
    quirk: str,
    error: type[DepartmentError],
    code: str,
    adapters: dict[str, ManifestAdapter],
    mocks: dict[str, Mock],
) -> None:
    mocks["trade-licences"].set_faults(**{quirk: 1})
    with pytest.raises(error) as caught:
        await adapters["trade-licences"].look_up(BY_CITIZEN, ["1"], context())
    assert caught.value.source is ErrorSource.EXCHANGE
    assert caught.value.fault is not None
    assert caught.value.fault.code == code


async def test_a_reply_to_another_question_is_shown_to_nobody(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["trade-licences"].set_faults(exchange_mixup=1)
    with pytest.raises(MalformedReplyError) as caught:
        await adapters["trade-licences"].look_up(BY_CITIZEN, ["1"], context())
    assert caught.value.source is ErrorSource.EXCHANGE


@pytest.mark.parametrize("name", SCHEMES)
async def test_a_code_that_is_in_no_table_is_told_and_kept(
    name: str, adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock], citizens: Citizens
) -> None:
    number = next(number for number, rows in told_by(name, citizens).items() if rows)
    mocks[name].set_faults(unknown_code=1)
    rows = (await adapters[name].look_up(BY_CITIZEN, [number], context())).results[number]
    assert isinstance(rows, Rows)
    assert rows.records
    for record in rows.records:
        assert isinstance(record, Application)
        assert record.application_status is ApplicationStatus.UNKNOWN
        assert record.department_status.code == "97"
    told = {(w.code, w.field_path, w.raw) for w in rows.warnings}
    assert ("UNKNOWN_CODE", "applicationStatus", "97") in told


async def test_labour_is_logged_in_to_once_for_fifty_questions(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    mocks["labour"].clear_calls()
    ask = adapters["labour"].look_up
    await asyncio.gather(*(ask(BY_CITIZEN, [str(n)], context()) for n in range(50)))
    calls = mocks["labour"].calls()
    assert calls == {"POST /oauth/token": 1, "GET /bocw/v1/registrations": 50}


async def test_the_welfare_boards_queries_go_by_their_hash_once_it_knows_them(
    adapters: dict[str, ManifestAdapter], mocks: dict[str, Mock]
) -> None:
    ask = adapters["labour-welfare"].look_up
    await ask(BY_REFERENCE, ["1", "2"], context())
    mocks["labour-welfare"].clear_calls()
    await ask(BY_REFERENCE, ["3", "4"], context())
    assert mocks["labour-welfare"].calls() == {"POST /graphql": 1}


async def test_the_registers_failure_with_http_200_is_not_nobody(
    departments: dict[str, Mock],
) -> None:
    registry = departments["registry"]
    async with connected({"registry": registry}) as built:
        registry.set_faults(fault200=1)
        try:
            with pytest.raises(DepartmentFaultError) as caught:
                await built["registry"].look_up(
                    Capability.CITIZENS_BY_IDENTIFIER, ["7KNL042101"], context()
                )
        finally:
            registry.clear_faults()
    assert caught.value.fault is not None
    assert caught.value.fault.code == "INTERNAL"
