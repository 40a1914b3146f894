"""A hub of its own over the shared mocks, and questions whose true answers are known."""

from collections.abc import AsyncIterator, Iterator

import pytest

from hub.cli.chaos.load import Asker
from hub.cli.chaos.preparing import Population, prepare
from hub.cli.chaos.questions import Question
from tests.conftest import CITIZENS
from tests.running import Hub, Mock

QUESTIONS_OF_A_KIND = 4


@pytest.fixture(scope="session")
def hasty_hub(departments: dict[str, Mock]) -> Iterator[Hub]:
    """Gives departments two seconds: those that hang cost a test that much, and others are sooner.

    Less would be too little for those that are well, on a busy machine.
    """
    running = Hub(departments, HUB_REQUEST_DEADLINE="2")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def questions(hasty_hub: Hub, population: Mock, departments: dict[str, Mock]) -> list[Question]:
    truth = Population(population.url, CITIZENS, departments)
    return prepare(hasty_hub.url, truth, QUESTIONS_OF_A_KIND)


@pytest.fixture
async def asker(hasty_hub: Hub) -> AsyncIterator[Asker]:
    async with Asker(hasty_hub.url) as running:
        yield running
