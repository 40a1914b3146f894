"""Each operation of a portal gives its answer with the calls beside it, as the mocks count them."""

import pytest

from tests.portal.portal_case import NAMES, load, run
from tests.support.processes import Hub, Mock

PAGES = 15


def test_there_are_fifteen_operations() -> None:
    assert len(NAMES) == PAGES


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_and_the_calls_are_as_written(
    name: str, demo: Hub, demo_mocks: dict[str, Mock], request: pytest.FixtureRequest
) -> None:
    case = load(name)
    hub = request.getfixturevalue("new_hub") if case.after else demo
    found = run(case, hub, demo_mocks)
    assert found["data"] == case.expected["data"]
    assert found["calls"] == case.expected["calls"]


def test_the_home_page_makes_one_call_per_department_and_capability() -> None:
    calls = load("home").expected["calls"]
    assert {count for each in calls.values() for count in each.values()} == {1}
