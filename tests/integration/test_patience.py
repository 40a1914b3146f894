"""`waitAtMostMs` on a hub: late departments are PENDING, and the next query gets their rows."""

import time
from typing import Any

import pytest

from tests.integration.queries import HEAD
from tests.support.processes import Hub, Mock, wait_until

LIST = """ benefits(first: 50, waitAtMostMs: %d) { totalCount isComplete nodes { benefitNumber }
  sources { department { identifier } state message errorCode isRetryable since } } """
INTROSPECTION = "__schema { queryType { name } } "
"""With introspection, graphql-core executes the operation."""


@pytest.fixture(autouse=True)
def no_kept_replies(hub: Hub) -> None:
    """Delete what other tests left: the hub keeps late replies for half a minute."""
    erased = hub.administrate(
        "mutation ($id: String!) { eraseCopies(citizen: {memberIdentifier: $id}) { complete } }",
        id=HEAD,
    )
    assert erased["data"]["eraseCopies"]["complete"]


def benefits(hub: Hub, wait: int, also: str = "") -> dict[str, Any]:
    """Return the list of the head's benefits."""
    key = "by: {memberIdentifier: $id}"
    document = f"query ($id: String!) {{ {also} citizen({key}) {{ {LIST % wait} }} }}"
    found: dict[str, Any] = hub.data(document, id=HEAD)["citizen"]["benefits"]
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    return {each["department"]["identifier"]: each["state"] for each in found["sources"]}


@pytest.mark.parametrize("also", ["", INTROSPECTION])
def test_a_slow_departments_rows_come_with_the_next_query(
    also: str, hub: Hub, calm: dict[str, Mock]
) -> None:
    whole = benefits(hub, 10_000, also)
    assert whole["isComplete"]
    calm["pensions"].set_faults(latency=1.0)
    calm["pensions"].clear_calls()
    started = time.monotonic()
    found = benefits(hub, 200, also)
    assert time.monotonic() - started < 0.9
    assert states(found)["pensions"] == "PENDING"
    assert (found["isComplete"], found["totalCount"]) == (False, None)
    (pending,) = (each for each in found["sources"] if each["state"] == "PENDING")
    assert pending["message"]
    assert (pending["errorCode"], pending["isRetryable"]) == ("DEPARTMENT_PENDING", True)
    assert pending["since"] is None
    later = benefits(hub, 5_000, also)
    assert states(later) == states(whole)
    assert later["nodes"] == whole["nodes"]
    assert sum(calm["pensions"].calls().values()) == 1


def test_rows_that_arrived_meanwhile_are_kept_for_the_next_query(
    hub: Hub, calm: dict[str, Mock]
) -> None:
    whole = benefits(hub, 10_000)
    calm["pensions"].set_faults(latency=0.4)
    calm["pensions"].clear_calls()
    before = hub.metric("hub_department_calls_total", department="pensions")
    assert states(benefits(hub, 100))["pensions"] == "PENDING"
    wait_until(lambda: hub.metric("hub_department_in_flight", department="pensions") == 0)
    later = benefits(hub, 0)
    assert states(later)["pensions"] == "CACHED"
    assert {each["benefitNumber"] for each in later["nodes"]} >= {
        each["benefitNumber"] for each in whole["nodes"] if states(later).keys() == {"pensions"}
    }
    assert hub.metric("hub_department_calls_total", department="pensions") == before + 1
    assert sum(calm["pensions"].calls().values()) == 1


def test_a_hanging_department_fails_at_its_deadline(hub: Hub, calm: dict[str, Mock]) -> None:
    calm["pensions"].set_faults(hang=1)
    assert states(benefits(hub, 100))["pensions"] == "PENDING"
    found = benefits(hub, 9_000)
    assert states(found)["pensions"] == "UNAVAILABLE"
    (failed,) = (each for each in found["sources"] if each["state"] == "UNAVAILABLE")
    assert failed["errorCode"] == "DEPARTMENT_TIMEOUT"
    assert failed["since"] is not None
    assert hub.metric("hub_department_in_flight", department="pensions") == 0
    hub.reopen()


@pytest.mark.parametrize("wait", [-1, 60_001])
def test_a_wait_out_of_bounds_is_refused(wait: int, hub: Hub) -> None:
    for name in ("applications", "benefits", "certificates", "grievances"):
        response = hub.query(
            "query ($id: String!) { citizen(by: {memberIdentifier: $id})"
            f" {{ {name}(waitAtMostMs: {wait}) {{ totalCount }} }} }}",
            id=HEAD,
        )
        (error,) = response["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert f"`waitAtMostMs` is {wait}; it must be 0 to 60000" in error["message"]


def test_the_access_log_shows_that_no_data_was_read(hub: Hub, calm: dict[str, Mock]) -> None:
    calm["pensions"].set_faults(latency=0.5)
    assert states(benefits(hub, 50))["pensions"] == "PENDING"
    benefits(hub, 5_000)
    log = """query ($id: String!) { accessLog(citizen: {memberIdentifier: $id}, first: 20) { nodes {
      department { identifier } capability succeeded errorCode } } }"""
    nodes = hub.data(log, id=HEAD)["accessLog"]["nodes"]
    shown = [
        (each["succeeded"], each["errorCode"])
        for each in nodes
        if each["department"]["identifier"] == "pensions"
    ]
    assert shown[:2] == [(True, None), (False, "DEPARTMENT_PENDING")]
