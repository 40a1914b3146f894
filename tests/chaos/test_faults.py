"""Each fault at a REST, a SOAP and an SQL department leaves the rows of the others unchanged."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from mocks.faults import DATABASE_FAULTS, HTTP_FAULTS
from mocks.faults.pages import PAGE_FAULTS
from mocks.lab.chaos.experiments import FAULTS, KILL, ChaosFault
from mocks.lab.chaos.load import LoadClient, Observation
from mocks.lab.chaos.queries import LoadQuery
from tests.support.processes import Mock

BACK_SECONDS = 30.0
HARMLESS = {("pensions", "charset"), ("scholarships", "charset"), ("pensions", "short-pages")}
"""The readers of XML and JSON detect UTF-16, whatever charset the reply declares. A search by
offset goes on where a short page ends."""


def experiments() -> Iterator[tuple[str, str]]:
    for department in ("scholarships", "pensions", "certificates"):
        for name, fault in FAULTS.items():
            supported = (
                DATABASE_FAULTS if department == "certificates" else (*HTTP_FAULTS, *PAGE_FAULTS)
            )
            if name != KILL and fault.settings.keys() <= set(supported):
                yield department, name


async def send_all(client: LoadClient, queries: Sequence[LoadQuery]) -> list[Observation]:
    return list(await asyncio.gather(*(client.send(query) for query in queries)))


def assert_contained(
    observations: Sequence[Observation], department: str, fault: ChaosFault
) -> int:
    """Assert that only this department's rows are missing, and are reported correctly.

    Returns: the number of missing parts.
    """
    assert {each.failure for each in observations} == {None}
    flaws = [flaw for each in observations for flaw in each.flaws]
    assert [flaw.wrong for flaw in flaws if flaw.wrong] == []
    assert {flaw.department for flaw in flaws} <= {department}
    assert [flaw for flaw in flaws if not flaw.states & fault.states] == []
    return len(flaws)


async def wait_until_complete(client: LoadClient, queries: Sequence[LoadQuery]) -> None:
    """Repeat the queries until every department is back."""
    async with asyncio.timeout(BACK_SECONDS):
        observations = await send_all(client, queries)
        while any(each.flaws or each.failure for each in observations):
            observations = await send_all(client, queries)


@pytest.mark.parametrize(("department", "name"), list(experiments()))
async def test_a_fault_affects_only_its_department(
    department: str,
    name: str,
    client: LoadClient,
    queries: list[LoadQuery],
    calm: dict[str, Mock],
) -> None:
    fault, mock = FAULTS[name], calm[department]
    await wait_until_complete(client, queries)
    mock.clear_calls()
    mock.set_faults(**fault.settings)
    missing = assert_contained(await send_all(client, queries), department, fault)
    certain = all(setting >= 1 for setting in fault.settings.values())
    if certain and (department, name) not in HARMLESS:
        # If nothing is missing, the rows came from the cache without a call.
        assert missing or not mock.calls()
    mock.clear_faults()
    await wait_until_complete(client, queries)


@pytest.mark.parametrize("department", ["scholarships", "pensions", "certificates"])
async def test_a_killed_department_affects_only_its_own_rows(
    department: str, client: LoadClient, queries: list[LoadQuery], calm: dict[str, Mock]
) -> None:
    await wait_until_complete(client, queries)
    calm[department].kill()
    try:
        assert_contained(await send_all(client, queries), department, FAULTS[KILL])
    finally:
        calm[department].revive()
    await wait_until_complete(client, queries)


async def test_two_faults_at_once_affect_two_departments(
    client: LoadClient, queries: list[LoadQuery], calm: dict[str, Mock]
) -> None:
    await wait_until_complete(client, queries)
    calm["pensions"].set_faults(garbage=1)
    calm["helpdesk"].set_faults(maintenance=1)
    observations = await send_all(client, queries)
    flaws = [flaw for each in observations for flaw in each.flaws]
    assert [flaw.wrong for flaw in flaws if flaw.wrong] == []
    assert {flaw.department for flaw in flaws} == {"pensions", "helpdesk"}
