"""Fixtures shared by all tests: one set of mock departments and one hub a session."""

from collections.abc import Iterator

import pytest

from tests.running import DEPARTMENTS, Hub, Mock

CITIZENS = 600


@pytest.fixture(scope="session")
def population() -> Iterator[Mock]:
    mock = Mock("population", CITIZENS)
    yield mock
    mock.stop()


@pytest.fixture(scope="session")
def departments() -> Iterator[dict[str, Mock]]:
    mocks: dict[str, Mock] = {}
    try:
        for name in DEPARTMENTS:
            mocks[name] = Mock(name, CITIZENS)
        yield mocks
    finally:
        for mock in mocks.values():
            mock.stop()


@pytest.fixture(scope="session")
def hub(departments: dict[str, Mock]) -> Iterator[Hub]:
    running = Hub(departments)
    yield running
    running.stop()


@pytest.fixture
def calm(departments: dict[str, Mock], hub: Hub) -> Iterator[dict[str, Mock]]:
    """Departments that behave, before and after a test that makes them misbehave."""
    yield departments
    for mock in departments.values():
        mock.behave()
    hub.reopen()
