"""A separate hub over the shared mocks, and queries with their expected responses."""

from collections.abc import AsyncIterator, Iterator

import pytest

from mocks.lab.chaos.ground_truth import GroundTruth, prepare_queries
from mocks.lab.chaos.load import LoadClient
from mocks.lab.chaos.queries import LoadQuery
from tests.support.processes import CITIZENS, Hub, Mock

QUERIES_PER_KIND = 4


@pytest.fixture(scope="session")
def impatient_hub(departments: dict[str, Mock]) -> Iterator[Hub]:
    """A hub with a deadline of two seconds, which is what a fault that hangs costs a test.

    With less, departments without a fault would be too slow on a busy machine.
    """
    running = Hub(departments, HUB_REQUEST_DEADLINE="2")
    yield running
    running.stop()


@pytest.fixture(scope="session")
def queries(impatient_hub: Hub, population: Mock, departments: dict[str, Mock]) -> list[LoadQuery]:
    truth = GroundTruth(population.url, CITIZENS, departments)
    return prepare_queries(impatient_hub.url, truth, QUERIES_PER_KIND)


@pytest.fixture
async def client(impatient_hub: Hub) -> AsyncIterator[LoadClient]:
    async with LoadClient(impatient_hub.url) as running:
        yield running
