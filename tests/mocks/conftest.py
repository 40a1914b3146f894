"""Mocks for the tests: each is started once; each test gets it without faults and call counts."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.support.processes import Mock, stop_all


@pytest.fixture(scope="session")
def started() -> Iterator[Callable[[str], Mock]]:
    """Return a function that starts a mock once and clears it at each call."""
    running: dict[str, Mock] = {}

    def start(name: str) -> Mock:
        if name not in running:
            running[name] = Mock(name)
        running[name].clear()
        return running[name]

    yield start
    stop_all(running.values())


def _fixture(name: str, *, auth: tuple[str, str] | None = None, **headers: str) -> Any:
    """Return the fixture of a mock; its client sends these credentials."""

    @pytest.fixture(name=name.replace("-", "_"))
    def mock(started: Callable[[str], Mock]) -> Mock:
        found = started(name)
        if auth is not None:
            found.http.auth = auth
        found.http.headers.update({key.replace("_", "-"): text for key, text in headers.items()})
        return found

    return mock


@pytest.fixture
def oracle(started: Callable[[str], Mock]) -> Mock:
    return started("population")


registry = _fixture("registry", X_Client_Id="tests")
pensions = _fixture("pensions")
scholarships = _fixture("scholarships", X_Api_Key="demo-scholarship-key")
helpdesk = _fixture("helpdesk")
certificates = _fixture("certificates")
labour = _fixture("labour")
labour_welfare = _fixture("labour-welfare", auth=("citizen-hub", "demo-welfare-password"))
trade_licences = _fixture("trade-licences", X_Road_Client="HR/GOV/CRID/CITIZEN-HUB")
water = _fixture("water")
food = _fixture("food")
power = _fixture("power")
post_matric = _fixture("post-matric")
employment = _fixture("employment")
identity = _fixture("identity")
sms = _fixture("sms")
