"""Each mock is started once for all tests; each test finds it without faults and calls."""

from collections.abc import Iterator

import pytest

from tests.mocks.running import RunningMock


def _session(name: str) -> Iterator[RunningMock]:
    mock = RunningMock(name)
    try:
        yield mock
    finally:
        mock.stop()


@pytest.fixture(scope="session")
def population_process() -> Iterator[RunningMock]:
    yield from _session("population")


@pytest.fixture(scope="session")
def registry_process() -> Iterator[RunningMock]:
    yield from _session("registry")


@pytest.fixture(scope="session")
def pensions_process() -> Iterator[RunningMock]:
    yield from _session("pensions")


@pytest.fixture(scope="session")
def scholarships_process() -> Iterator[RunningMock]:
    yield from _session("scholarships")


@pytest.fixture(scope="session")
def helpdesk_process() -> Iterator[RunningMock]:
    yield from _session("helpdesk")


@pytest.fixture(scope="session")
def certificates_process() -> Iterator[RunningMock]:
    yield from _session("certificates")


@pytest.fixture(scope="session")
def labour_process() -> Iterator[RunningMock]:
    yield from _session("labour")


@pytest.fixture(scope="session")
def labour_welfare_process() -> Iterator[RunningMock]:
    yield from _session("labour-welfare")


@pytest.fixture(scope="session")
def trade_licences_process() -> Iterator[RunningMock]:
    yield from _session("trade-licences")


@pytest.fixture
def oracle(population_process: RunningMock) -> RunningMock:
    population_process.clear()
    return population_process


@pytest.fixture
def registry(registry_process: RunningMock) -> RunningMock:
    registry_process.clear()
    registry_process.http.headers["X-Client-Id"] = "tests"
    return registry_process


@pytest.fixture
def pensions(pensions_process: RunningMock) -> RunningMock:
    pensions_process.clear()
    return pensions_process


@pytest.fixture
def scholarships(scholarships_process: RunningMock) -> RunningMock:
    scholarships_process.clear()
    scholarships_process.http.headers["X-Api-Key"] = "demo-scholarship-key"
    return scholarships_process


@pytest.fixture
def helpdesk(helpdesk_process: RunningMock) -> RunningMock:
    helpdesk_process.clear()
    return helpdesk_process


@pytest.fixture
def certificates(certificates_process: RunningMock) -> RunningMock:
    certificates_process.clear()
    return certificates_process


@pytest.fixture
def labour(labour_process: RunningMock) -> RunningMock:
    labour_process.clear()
    return labour_process


@pytest.fixture
def labour_welfare(labour_welfare_process: RunningMock) -> RunningMock:
    labour_welfare_process.clear()
    labour_welfare_process.http.auth = ("citizen-hub", "demo-welfare-password")
    return labour_welfare_process


@pytest.fixture
def trade_licences(trade_licences_process: RunningMock) -> RunningMock:
    trade_licences_process.clear()
    trade_licences_process.http.headers["X-Road-Client"] = "HR/GOV/CRID/CITIZEN-HUB"
    return trade_licences_process


@pytest.fixture(scope="session")
def water_process() -> Iterator[RunningMock]:
    yield from _session("water")


@pytest.fixture
def water(water_process: RunningMock) -> RunningMock:
    water_process.clear()
    return water_process


@pytest.fixture(scope="session")
def food_process() -> Iterator[RunningMock]:
    yield from _session("food")


@pytest.fixture
def food(food_process: RunningMock) -> RunningMock:
    food_process.clear()
    return food_process


@pytest.fixture(scope="session")
def power_process() -> Iterator[RunningMock]:
    yield from _session("power")


@pytest.fixture
def power(power_process: RunningMock) -> RunningMock:
    power_process.clear()
    return power_process
