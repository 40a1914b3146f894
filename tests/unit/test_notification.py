"""Messages to telephones: their texts, the SMS gateway over HTTP, and its failures."""

import asyncio
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

from hub.notification import (
    HttpSmsGateway,
    MessageNotSentError,
    MessagesError,
    Notifier,
    Sms,
    read_messages,
)
from hub.notification.messages import BUILT_IN, CONSENT_CODE, SUBMISSION_NUMBERED
from hub.notification.messages import VALUES as VALUES_OF_MESSAGES
from hub.notification.notifier import FAILED_SECONDS
from hub.notification.sms import mobile_number
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.language import Language, Text
from tests.support.servers import http_server

NUMBER, CODE = "+915904210123", "482913"
VALUES = {"code": CODE, "centre": "Saral Kendra, Kaithal", "purpose": "Help with applications"}


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("5904210123", NUMBER),
        ("05904210123", NUMBER),
        ("+91 59042 10123", NUMBER),
        ("91-5904210123", NUMBER),
        ("(0)5904210123", NUMBER),
        ("590421012", None),
        ("+1 5904210123", None),
        ("0172-2711698", None),
        ("५९०४२१०१२३", None),
        ("", None),
        (None, None),
    ],
)
def test_registered_numbers_get_their_international_form(
    written: str | None, number: str | None
) -> None:
    assert mobile_number(written) == number


def test_the_built_in_messages_equal_their_templates_with_values() -> None:
    messages = read_messages()
    english = messages.messages[CONSENT_CODE].in_language(Language.EN).filled(VALUES)
    assert english == (
        f"{CODE} is the code with which service centre Saral Kendra, Kaithal may see your records "
        "for 30 minutes. Purpose: Help with applications. Give it to nobody else. "
        "Haryana Citizen Hub"
    )
    hindi = messages.messages[CONSENT_CODE].in_language(Language.HI).filled(VALUES)
    assert hindi.startswith(f"{CODE} ")
    assert "{#" not in hindi


def test_a_value_of_more_than_30_characters_is_spread_over_its_placeholders() -> None:
    template = read_messages().messages[CONSENT_CODE].in_language(Language.EN)
    purpose = "0123456789" * 5
    assert f"Purpose: {purpose}." in template.filled({**VALUES, "purpose": purpose})
    long_centre = template.filled({**VALUES, "centre": "c" * 40})
    assert "c" * 30 in long_centre
    assert "c" * 31 not in long_centre


@pytest.mark.parametrize("name", sorted(VALUES_OF_MESSAGES))
@pytest.mark.parametrize("lang", Language)
def test_every_built_in_message_contains_all_values(name: str, lang: Language) -> None:
    values = {each: f"<{each}>" for each in VALUES_OF_MESSAGES[name]}
    text = read_messages().messages[name].in_language(lang).filled(values)
    assert all(each in text for each in values.values())
    assert "{#" not in text


def changed(language: str = "en", **changes: object) -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(BUILT_IN.read_text(encoding="utf-8"))
    content["messages"][CONSENT_CODE][language].update(changes)
    return content


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (changed(text="{#var#} is your code"), "1 placeholders, but `variables` has 4 names"),
        (changed(variables=["code", "name", "purpose", "purpose"]), "no value 'name'"),
        (changed(variables=["code", "purpose", "centre", "purpose"]), "next to each other"),
        (changed(variables=["centre", "centre", "purpose", "purpose"]), "contain `code` once"),
        (changed(text="{#otp#} {#var#} {#var#} {#var#} {#var#}"), "in place of {#otp#}"),
        (changed("hi", text="{#var#} {#var#} {#var#} {#var#}"), "not in Hindi"),
        (changed(templateId="12"), "templateId"),
        ({**changed(), "header": "HARYANAHUB"}, "header"),
        ({**changed(), "entityId": 7}, "entityId"),
        ({**changed(), "messages": {}}, "messages.consentCode is missing"),
        ({**changed(), "color": "red"}, "color"),
        ([], "valid dictionary"),
    ],
)
def test_a_message_that_operators_would_drop_is_refused_at_start(
    tmp_path: Path, content: object, problem: str
) -> None:
    file = tmp_path / "messages.yaml"
    file.write_text(yaml.safe_dump(content), encoding="utf-8")
    with pytest.raises(MessagesError) as refusal:
        read_messages(file)
    assert str(file) in str(refusal.value)
    assert problem in str(refusal.value)


def test_a_purpose_must_fit_into_its_placeholders() -> None:
    messages = read_messages()
    messages.check_purposes([Text("x" * 60, "क" * 60)], BUILT_IN)
    with pytest.raises(MessagesError, match=r"room for 60 characters .* has 61"):
        messages.check_purposes([Text("short", "क" * 61)], BUILT_IN)


class FakeGateway:
    """An SMS gateway that answers with the given statuses, then with 202."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.bodies: list[Mapping[str, Any]] = []
        self.authorization: str | None = None

    async def __call__(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.json())
        self.authorization = request.headers.get("authorization")
        status = self.statuses.pop(0) if self.statuses else 202
        return web.Response(status=status, headers={"location": "http://127.0.0.1:9/"})


SMS = Sms("id-1", NUMBER, f"{CODE} is your code", "en", "1" * 19, "HRYHUB", "2" * 19)


async def test_a_message_is_sent_with_the_registrations() -> None:
    fake = FakeGateway()
    async with http_server(fake) as url:
        gateway = HttpSmsGateway(url, "secret")
        await gateway.send(SMS)
        await gateway.close()
    assert fake.bodies == [
        {
            "messageId": "id-1",
            "entityId": "1" * 19,
            "header": "HRYHUB",
            "templateId": "2" * 19,
            "language": "en",
            "to": NUMBER,
            "text": f"{CODE} is your code",
        }
    ]
    assert fake.authorization == "Bearer secret"


@pytest.mark.parametrize("statuses", [(503,), (429, 500)])
async def test_a_failing_gateway_is_tried_again_with_the_same_id(statuses: tuple[int]) -> None:
    fake = FakeGateway(*statuses)
    async with http_server(fake) as url:
        gateway = HttpSmsGateway(url, None)
        await gateway.send(SMS)
        await gateway.close()
    assert len(fake.bodies) == len(statuses) + 1
    assert {each["messageId"] for each in fake.bodies} == {"id-1"}
    assert fake.authorization is None


@pytest.mark.parametrize(
    ("statuses", "calls", "is_temporary"),
    [([503] * 5, 3, True), ([400], 1, False), ([307], 1, False)],
)
async def test_a_message_that_is_not_accepted_is_an_error_without_its_content(
    statuses: list[int], calls: int, is_temporary: bool
) -> None:
    fake = FakeGateway(*statuses)
    async with http_server(fake) as url:
        gateway = HttpSmsGateway(url, None)
        with pytest.raises(MessageNotSentError) as refusal:
            await gateway.send(SMS)
        await gateway.close()
    assert len(fake.bodies) == calls
    assert refusal.value.is_temporary is is_temporary
    assert str(refusal.value) == f"HTTP status {statuses[0]}"


async def test_an_unreachable_gateway_is_a_temporary_error() -> None:
    gateway = HttpSmsGateway("http://127.0.0.1:9/", None)
    with pytest.raises(MessageNotSentError, match="no reply") as refusal:
        await gateway.send(SMS)
    await gateway.close()
    assert refusal.value.is_temporary


def test_a_message_shows_neither_number_nor_code() -> None:
    assert NUMBER not in repr(SMS)
    assert CODE not in repr(SMS)


class ScriptedGateway:
    """Fails with the given errors, then sends."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.sent: list[Sms] = []

    async def send(self, sms: Sms) -> None:
        await asyncio.sleep(0)
        if self.errors:
            raise self.errors.pop(0)
        self.sent.append(sms)

    async def close(self) -> None:
        return


DOWN = MessageNotSentError("HTTP status 503", is_temporary=True)
REFUSED = MessageNotSentError("HTTP status 400", is_temporary=False)


async def test_messages_are_sent_in_the_background_to_usable_numbers_only() -> None:
    gateway, counted = ScriptedGateway(), list[str]()
    notifier = Notifier(gateway, read_messages(), counted.append)
    notifier.check_available()
    for telephone in ("5904210123", None, "12"):
        notifier.start_sending(telephone, CONSENT_CODE, Language.EN, VALUES)
    assert gateway.sent == []
    await notifier.close()
    assert [each.telephone for each in gateway.sent] == [NUMBER]
    assert counted == ["sent"]


async def test_after_a_failure_of_the_gateway_all_callers_get_the_same_error(
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = 100.0
    gateway = ScriptedGateway(DOWN)
    notifier = Notifier(gateway, read_messages(), clock=lambda: now)
    notifier.start_sending(NUMBER, CONSENT_CODE, Language.EN, VALUES)
    with caplog.at_level(logging.DEBUG):
        await notifier.close()
    with pytest.raises(HubError) as refusal:
        notifier.check_available()
    assert refusal.value.code is ErrorCode.MESSAGES_UNAVAILABLE
    assert refusal.value.retryable
    now += FAILED_SECONDS
    notifier.check_available()
    assert "HTTP status 503" in caplog.text
    assert NUMBER[3:] not in caplog.text
    assert CODE not in caplog.text


@pytest.mark.parametrize("error", [REFUSED, RuntimeError(f"{NUMBER} {CODE}")])
async def test_a_message_that_is_refused_does_not_stop_others(
    error: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    counted = list[str]()
    notifier = Notifier(ScriptedGateway(error), read_messages(), counted.append)
    notifier.start_sending(NUMBER, CONSENT_CODE, Language.EN, VALUES)
    with caplog.at_level(logging.DEBUG):
        await notifier.close()
    notifier.check_available()
    assert len(counted) == 1
    assert NUMBER[3:] not in caplog.text
    assert CODE not in caplog.text


async def test_without_a_gateway_the_error_names_the_setting() -> None:
    notifier = Notifier(None, read_messages())
    with pytest.raises(HubError, match="HUB_SMS_URL is not set") as refusal:
        notifier.check_available()
    assert refusal.value.code is ErrorCode.MESSAGES_UNAVAILABLE
    notifier.start_sending(NUMBER, CONSENT_CODE, Language.EN, VALUES)
    await notifier.close()


async def test_a_repeated_message_of_one_occasion_has_the_same_id() -> None:
    gateway = ScriptedGateway()
    notifier = Notifier(gateway, read_messages())
    values = {"receipt": "CH7K3M9QXT2VDAB", "department": "Food & Supplies", "number": "F/12"}
    for occasion in ("CH7K3M9QXT2VDAB", "CH7K3M9QXT2VDAB", "CH0000000000000"):
        await notifier.send_once(NUMBER, SUBMISSION_NUMBERED, Language.EN, values, occasion)
    first, again, other = gateway.sent
    assert first == again
    assert first.message_id != other.message_id
    assert first.text.startswith("Food & Supplies has received your request. Its number: F/12.")


async def test_a_message_that_cannot_be_sent_raises_nothing() -> None:
    notifier = Notifier(ScriptedGateway(DOWN), read_messages())
    values = {"receipt": "CH7K3M9QXT2VDAB", "department": "Food & Supplies", "number": "F/12"}
    await notifier.send_once(NUMBER, SUBMISSION_NUMBERED, Language.HI, values, "1")
    await notifier.send_once(None, SUBMISSION_NUMBERED, Language.HI, values, "2")
