"""Keys and criteria that no department can have or receive: handled without a call."""

import pytest

from adapters.contract import Capability, Rows
from schema.errors import HubError
from tests.link.scripted import Stage, fault
from tests.support.calls import call_context

IMPOSSIBLE = ["", "A\x00", "A\x01B", "A\r\nX: 1", "A\x7f", "A\x85", "A\ud800", "A\uffff", "A" * 201]
POSSIBLE = ["A1", "A/1 २", "क्‍ष", "A" * 200, "../x", "O'Neil;--", "\U0001f600"]


@pytest.mark.parametrize("key", IMPOSSIBLE, ids=ascii)
async def test_a_key_that_no_record_has_causes_no_call(key: str) -> None:
    stage = Stage(cache={"fresh": "60s"})
    reply = await stage.look_up("1", key, "2")
    assert [each[1] for each in stage.adapter.calls] == [("1", "2")]
    assert reply.results[key] == Rows((), (), key)
    found = [each for each in reply.results.values() if isinstance(each, Rows) and each.records]
    assert len(found) == 2


@pytest.mark.parametrize("key", POSSIBLE)
async def test_an_unusual_key_is_looked_up(key: str) -> None:
    stage = Stage()
    await stage.look_up(key)
    assert [each[1] for each in stage.adapter.calls] == [(key,)]


async def test_such_keys_count_neither_for_nor_against_the_breaker() -> None:
    stage = Stage(breaker={"consecutive": 3, "probes": 1}, retries={"attempts": 1})
    stage.adapter.script = [fault(), fault(), fault(), None]
    for number in range(3):
        await stage.outcome(str(number))
        await stage.look_up("A\x00")
    assert stage.link.breaker == "open"
    await stage.look_up("A\x00")
    assert stage.link.breaker == "open"
    assert len(stage.adapter.calls) == 3


CRITERIA = [
    ({"name": "A\x00", "district": "Hisar"}, "`name` contains the character U\\+0000"),
    ({"family_identifier": "7\ud800"}, "`familyIdentifier` contains the character U\\+D800"),
    ({"phone_number": "9" * 5000}, "`phoneNumber` has 5,000 characters. The limit is 200."),
]


@pytest.mark.parametrize(("criteria", "message"), CRITERIA)
async def test_criteria_that_no_department_can_receive_are_bad_input(
    criteria: dict[str, object], message: str
) -> None:
    stage = Stage()
    with pytest.raises(HubError, match=message) as caught:
        await stage.link.search(Capability.CITIZENS_SEARCH, criteria, call_context())
    assert caught.value.code == "BAD_USER_INPUT"
    assert stage.adapter.calls == []


async def test_usual_criteria_are_sent() -> None:
    stage = Stage()
    criteria = {"name": "राम", "limit": 10, "statuses": ["APPROVED"], "since": None}
    await stage.link.search(Capability.APPLICATIONS_SEARCH, criteria, call_context())
    assert len(stage.adapter.calls) == 1
