"""Each fault at a REST, a SOAP and an SQL department: the others' rows stay as they are."""

import asyncio
from collections.abc import Iterator, Sequence

import pytest

from hub.cli.chaos.cases import FAULTS, KILL, Fault
from hub.cli.chaos.load import Asker, Observation
from hub.cli.chaos.questions import Question
from mocks.faults import DATABASE_FAULTS, HTTP_FAULTS
from tests.running import Mock

BACK_SECONDS = 30.0
READ_ALL_THE_SAME = {("pensions", "charset")}
"""An XML reader sees by itself that it reads UTF-16."""


def cases() -> Iterator[tuple[str, str]]:
    for department in ("scholarships", "pensions", "certificates"):
        for name, fault in FAULTS.items():
            playable = DATABASE_FAULTS if department == "certificates" else HTTP_FAULTS
            if name != KILL and fault.settings.keys() <= set(playable):
                yield department, name


async def ask_all(asker: Asker, questions: Sequence[Question]) -> list[Observation]:
    return list(await asyncio.gather(*(asker.ask(question) for question in questions)))


def assert_only_missing(observations: Sequence[Observation], department: str, fault: Fault) -> int:
    """Every flaw is that department's, is told rightly, and no row is wrong; how many there are."""
    assert {each.failure for each in observations} == {None}
    flaws = [flaw for each in observations for flaw in each.flaws]
    assert [flaw.wrong for flaw in flaws if flaw.wrong] == []
    assert {flaw.department for flaw in flaws} <= {department}
    assert [flaw for flaw in flaws if not flaw.states & fault.states] == []
    return len(flaws)


async def until_whole(asker: Asker, questions: Sequence[Question]) -> None:
    """Asks again and again until every department is back."""
    async with asyncio.timeout(BACK_SECONDS):
        observations = await ask_all(asker, questions)
        while any(each.flaws or each.failure for each in observations):
            observations = await ask_all(asker, questions)


@pytest.mark.parametrize(("department", "name"), list(cases()))
async def test_a_fault_costs_its_own_rows_only(
    department: str,
    name: str,
    asker: Asker,
    questions: list[Question],
    calm: dict[str, Mock],
) -> None:
    fault, mock = FAULTS[name], calm[department]
    await until_whole(asker, questions)
    mock.forget_calls()
    mock.misbehave(**fault.settings)
    missing = assert_only_missing(await ask_all(asker, questions), department, fault)
    certain = all(setting >= 1 for setting in fault.settings.values())
    if certain and (department, name) not in READ_ALL_THE_SAME:
        # Nothing is missing only where the hub had copies, and then it did not ask.
        assert missing or not mock.calls()
    mock.behave()
    await until_whole(asker, questions)


@pytest.mark.parametrize("department", ["scholarships", "pensions", "certificates"])
async def test_a_killed_department_costs_its_own_rows_only(
    department: str, asker: Asker, questions: list[Question], calm: dict[str, Mock]
) -> None:
    await until_whole(asker, questions)
    calm[department].kill()
    try:
        assert_only_missing(await ask_all(asker, questions), department, FAULTS[KILL])
    finally:
        calm[department].revive()
    await until_whole(asker, questions)


async def test_two_faults_at_once_cost_two_departments(
    asker: Asker, questions: list[Question], calm: dict[str, Mock]
) -> None:
    await until_whole(asker, questions)
    calm["pensions"].misbehave(garbage=1)
    calm["helpdesk"].misbehave(maintenance=1)
    observations = await ask_all(asker, questions)
    flaws = [flaw for each in observations for flaw in each.flaws]
    assert [flaw.wrong for flaw in flaws if flaw.wrong] == []
    assert {flaw.department for flaw in flaws} == {"pensions", "helpdesk"}
