"""Mocks for the tests: each is started once; each test gets it without faults and call counts."""

from collections.abc import Iterator

import pytest

from tests.support.processes import Mock


def _session(name: str) -> Iterator[Mock]:
    mock = Mock(name)
    try:
        yield mock
    finally:
        mock.stop()


@pytest.fixture(scope="session")
def population_process() -> Iterator[Mock]:
    yield from _session("population")


@pytest.fixture(scope="session")
def registry_process() -> Iterator[Mock]:
    yield from _session("registry")


@pytest.fixture(scope="session")
def pensions_process() -> Iterator[Mock]:
    yield from _session("pensions")


@pytest.fixture(scope="session")
def scholarships_process() -> Iterator[Mock]:
    yield from _session("scholarships")


@pytest.fixture(scope="session")
def helpdesk_process() -> Iterator[Mock]:
    yield from _session("helpdesk")


@pytest.fixture(scope="session")
def certificates_process() -> Iterator[Mock]:
    yield from _session("certificates")


@pytest.fixture(scope="session")
def labour_process() -> Iterator[Mock]:
    yield from _session("labour")


@pytest.fixture(scope="session")
def labour_welfare_process() -> Iterator[Mock]:
    yield from _session("labour-welfare")


@pytest.fixture(scope="session")
def trade_licences_process() -> Iterator[Mock]:
    yield from _session("trade-licences")


@pytest.fixture
def oracle(population_process: Mock) -> Mock:
    population_process.clear()
    return population_process


@pytest.fixture
def registry(registry_process: Mock) -> Mock:
    registry_process.clear()
    registry_process.http.headers["X-Client-Id"] = "tests"
    return registry_process


@pytest.fixture
def pensions(pensions_process: Mock) -> Mock:
    pensions_process.clear()
    return pensions_process


@pytest.fixture
def scholarships(scholarships_process: Mock) -> Mock:
    scholarships_process.clear()
    scholarships_process.http.headers["X-Api-Key"] = "demo-scholarship-key"
    return scholarships_process


@pytest.fixture
def helpdesk(helpdesk_process: Mock) -> Mock:
    helpdesk_process.clear()
    return helpdesk_process


@pytest.fixture
def certificates(certificates_process: Mock) -> Mock:
    certificates_process.clear()
    return certificates_process


@pytest.fixture
def labour(labour_process: Mock) -> Mock:
    labour_process.clear()
    return labour_process


@pytest.fixture
def labour_welfare(labour_welfare_process: Mock) -> Mock:
    labour_welfare_process.clear()
    labour_welfare_process.http.auth = ("citizen-hub", "demo-welfare-password")
    return labour_welfare_process


@pytest.fixture
def trade_licences(trade_licences_process: Mock) -> Mock:
    trade_licences_process.clear()
    trade_licences_process.http.headers["X-Road-Client"] = "HR/GOV/CRID/CITIZEN-HUB"
    return trade_licences_process


@pytest.fixture(scope="session")
def water_process() -> Iterator[Mock]:
    yield from _session("water")


@pytest.fixture
def water(water_process: Mock) -> Mock:
    water_process.clear()
    return water_process


@pytest.fixture(scope="session")
def food_process() -> Iterator[Mock]:
    yield from _session("food")


@pytest.fixture
def food(food_process: Mock) -> Mock:
    food_process.clear()
    return food_process


@pytest.fixture(scope="session")
def power_process() -> Iterator[Mock]:
    yield from _session("power")


@pytest.fixture
def power(power_process: Mock) -> Mock:
    power_process.clear()
    return power_process
