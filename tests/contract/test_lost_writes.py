"""The contract of writes, checked with the recorded submissions and the mocks of departments."""

from collections.abc import Callable, Iterator

import pytest

from adapters.manifest import find_departments
from adapters.workbench.contract_tests.suite import test_a_lost_write_arrives_once
from adapters.writes import WriteCapability
from tests.support.processes import Mock

__all__ = ["test_a_lost_write_arrives_once"]

NAMES = (
    "labour",
    "labour-welfare",
    "helpdesk",
    "registry",
    "pensions",
    "water",
    "food",
    "power",
    "trade-licences",
)
SCHEMES = dict.fromkeys(NAMES, "")
DEPARTMENTS_UNDER_TEST = find_departments(None, NAMES)
DEPARTMENTS_MODE = "mock"


class LosingMock:
    """A mock that can lose the replies to writes."""

    def __init__(self, mock: Mock) -> None:
        self._mock = mock
        mock.clear()

    def lose_replies(self, is_lost: bool, /) -> None:
        if is_lost:
            self._mock.set_faults(lost_reply=1)
        else:
            self._mock.clear_faults()

    def copies_of(self, receipt: str, /) -> int:
        received = self._mock.submissions()
        return sum(each["copies"] for each in received if each["hubReference"] == receipt)


@pytest.fixture(scope="module")
def department_urls(mocks: dict[str, Mock]) -> Callable[[str], str | None]:
    return lambda name: mocks[name].url


@pytest.fixture
def department_writes(
    mocks: dict[str, Mock],
) -> Iterator[Callable[[str, WriteCapability], LosingMock | None]]:
    def find(name: str, capability: WriteCapability) -> LosingMock | None:
        # Feedback is about a grievance that was answered, and the mock has none yet.
        is_feedback = capability is WriteCapability.GIVE_FEEDBACK
        return None if is_feedback else LosingMock(mocks[name])

    yield find
    for mock in mocks.values():
        mock.clear_faults()
