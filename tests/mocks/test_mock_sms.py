"""The mock of the SMS gateway."""

import uuid
from typing import Any

import pytest

from tests.support.processes import Mock

TO = "+915904210123"


def message(**changed: Any) -> dict[str, Any]:
    return {
        "messageId": str(uuid.uuid4()),
        "entityId": "1001000000000000001",
        "header": "HRYHUB",
        "templateId": "1007000000000000001",
        "language": "en",
        "to": TO,
        "text": "123456 is the code <b>",
        **changed,
    }


def test_messages_are_kept_and_shown(sms: Mock) -> None:
    first, second = message(), message(text="दूसरा संदेश", to="+915904219999")
    for each in (first, second):
        reply = sms.http.post("/messages", json=each)
        assert (reply.status_code, reply.json()["status"]) == (202, "ACCEPTED")
    newest = sms.http.get("/messages").json()["messages"][0]
    assert newest.items() >= second.items()
    mine = sms.http.get("/messages", params={"to": TO}).json()["messages"]
    assert mine[0].items() >= first.items()
    assert {each["to"] for each in mine} == {TO}
    page = sms.http.get("/inbox").text
    assert "दूसरा संदेश" in page
    assert "123456 is the code &lt;b&gt;" in page


def test_a_repeated_message_is_kept_once(sms: Mock) -> None:
    given = message(to="+915904218888")
    for _ in range(2):
        assert sms.http.post("/messages", json=given).status_code == 202
    found = sms.http.get("/messages", params={"to": "+915904218888"}).json()["messages"]
    assert len(found) == 1


@pytest.mark.parametrize(
    "changed",
    [{"to": "5904210123"}, {"to": None}, {"text": ""}, {"templateId": "1"}, {"language": "fr"}],
)
def test_a_message_that_operators_would_drop_is_refused(sms: Mock, changed: dict[str, Any]) -> None:
    reply = sms.http.post("/messages", json=message(**changed))
    assert reply.status_code == 400
    assert next(iter(changed)) in reply.json()["message"]
