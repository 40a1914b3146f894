"""Writes to a REST department: the request, the meaning of replies, and what is never repeated."""

import asyncio
import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web

from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.writes import WriteCapability, WriteReply
from schema.codes import ErrorCode
from tests.connectors.forest_department import row
from tests.connectors.writing_department import (
    FIND,
    RECEIPT,
    application,
    document,
    submit,
    writing_department,
)
from tests.support.servers import byte_server, http_server

WRITE: dict[str, Any] = {
    "call": {
        "path": "/permits",
        "body": {
            "ref": "{receipt}",
            "service": "{service}",
            "citizen": "{citizen}",
            "at": "{submitted_at:dd/mm/yyyy HH:MM}",
            "form": "{fields}",
            "files": "{documents}",
        },
    },
    "documents": {"kind": "{document_type}", "data": "{content}"},
    "reply": {
        "reference": "number",
        "rules": [
            {"path": "msg", "matches": "(?i)already (registered|exists)", "means": "ALREADY_THERE"},
            {"path": "msg", "matches": "(?i)thank you", "means": "DONE"},
            {"path": "code", "one_of": ["E409"], "means": "REFUSED"},
            {"path": "code", "one_of": ["E503"], "means": "NOT_DONE"},
            {"path": "code", "one_of": ["E900"], "means": "UNCLEAR"},
        ],
    },
}


class Forest:
    """Stores each request; answers writes with `reply`, and look-ups with `rows`."""

    def __init__(self, reply: Any = None, status: int = 200) -> None:
        self.reply = {"number": "F/1"} if reply is None else reply
        self.status = status
        self.rows: list[dict[str, Any]] = []
        self.writes: list[Any] = []
        self.logins = 0
        self.valid_token = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            self.logins += 1
            self.valid_token = f"T{self.logins}"
            return web.json_response({"access_token": self.valid_token, "expires_in": 3600})
        if request.method == "GET":
            return web.json_response({"rows": self.rows})
        if self.logins and request.headers["Authorization"] != f"Bearer {self.valid_token}":
            return web.json_response({"code": "E401"}, status=401)
        self.writes.append(orjson.loads(await request.read()))
        if isinstance(self.reply, web.Response):
            return self.reply
        return web.json_response(self.reply, status=self.status)


async def outcome(
    folder: Path, forest: Forest, write: Mapping[str, Any] = WRITE, **more: Any
) -> WriteReply | DepartmentError:
    """Submit an application; return the reply or the error."""
    async with http_server(forest.handle) as url:
        connector = {"kind": "rest", "base_url": url}
        capabilities = {"find_submission": FIND}
        async with writing_department(
            folder,
            connector,
            {"submit_application": write},
            **{"capabilities": capabilities, **more},
        ) as adapter:
            try:
                return await submit(adapter)
            except DepartmentError as error:
                return error


async def test_the_department_receives_the_form_in_its_own_words(tmp_path: Path) -> None:
    forest = Forest()
    async with http_server(forest.handle) as url:
        connector = {"kind": "rest", "base_url": url}
        async with writing_department(
            tmp_path,
            connector,
            {"submit_application": WRITE},
            capabilities={"find_submission": FIND},
        ) as adapter:
            reply = await submit(adapter, application(documents=[document(b"abc")]))
    assert (reply.reference, reply.is_final, reply.already_there) == ("F/1", True, False)
    assert forest.writes == [
        {
            "ref": RECEIPT,
            "service": "TR",
            "citizen": "A1",
            "at": "28/11/2026 16:55",
            "form": {"name": "Asha Devi", "trade": "12", "born": "29/02/1980", "declared": "Y"},
            "files": [{"kind": "PHOTO", "data": base64.b64encode(b"abc").decode()}],
        }
    ]


MEANINGS: list[tuple[Any, int, type[DepartmentError], bool]] = [
    ({"code": "E409", "msg": "Wrong trade"}, 200, DepartmentRefusedError, True),
    ({"code": "E503"}, 500, DepartmentFaultError, True),
    ({"code": "E900", "number": "F/1"}, 200, DepartmentFaultError, False),
    ({"msg": "Thank you"}, 200, MalformedReplyError, False),
    ({"code": "X"}, 200, MalformedReplyError, False),
    ({"code": "X"}, 500, DepartmentFaultError, False),
    ({"code": "X"}, 422, DepartmentRefusedError, True),
    ({"code": "X"}, 403, DepartmentAuthError, True),
    ({"code": "X"}, 302, MalformedReplyError, False),
    (web.Response(body=b"<html>503 maintenance</html>", status=503), 0,
     DepartmentMaintenanceError, True),
    (web.Response(body=b"<html>call maintenance</html>", status=500), 0,
     DepartmentMaintenanceError, False),
    (web.Response(body=b"<html>Hello</html>"), 0, MalformedReplyError, False),
    (web.Response(body=b"{"), 0, MalformedReplyError, False),
]  # fmt: skip


@pytest.mark.parametrize(("reply", "status", "kind", "not_done"), MEANINGS)
async def test_a_reply_that_confirms_nothing_is_an_error_that_says_whether_it_had_an_effect(
    reply: Any, status: int, kind: type[DepartmentError], not_done: bool, tmp_path: Path
) -> None:
    forest = Forest(reply, status)
    error = await outcome(tmp_path, forest)
    assert isinstance(error, kind)
    assert error.not_done is not_done
    assert len(forest.writes) == 1


async def test_prose_is_a_success_if_a_rule_says_so(tmp_path: Path) -> None:
    forest = Forest({"msg": "THANK YOU, your number is F/7."}, 500)
    number = {"path": "msg", "matches": r"number is (\S+)\."}
    write = {**WRITE, "reply": {**WRITE["reply"], "reference": number}}
    reply = await outcome(tmp_path, forest, write)
    assert isinstance(reply, WriteReply)
    assert reply.reference == "F/7"


async def test_prose_on_a_web_page_is_a_success_if_a_rule_says_so(tmp_path: Path) -> None:
    page = b"<html><body>Thank you! Permit no. <b>F/8</b>. Maintenance on Sunday.</body></html>"
    rules = [{"path": "@text", "matches": "Thank you!", "means": "DONE"}]
    number = {"path": "@text", "matches": "<b>([^<]+)</b>"}
    write = {**WRITE, "reply": {"reference": number, "rules": rules}}
    reply = await outcome(tmp_path, Forest(web.Response(body=page)), write)
    assert isinstance(reply, WriteReply)
    assert reply.reference == "F/8"


@pytest.mark.parametrize(
    ("rows", "reference"), [([row("F/3", "A1", ref=RECEIPT)], "F/3"), ([], None)]
)
async def test_already_there_is_a_success_only_if_the_department_finds_the_receipt_number(
    rows: list[dict[str, Any]], reference: str | None, tmp_path: Path
) -> None:
    forest = Forest({"msg": "Applicant already registered", "number": "F/99"}, 409)
    forest.rows = rows
    reply = await outcome(tmp_path, forest)
    if reference is None:
        assert isinstance(reply, DepartmentRefusedError)
        assert reply.not_done
        assert "another submission" in reply.message
    else:
        assert isinstance(reply, WriteReply)
        assert (reply.reference, reply.already_there) == (reference, True)


@pytest.mark.parametrize(("receipt", "ours"), [(RECEIPT, True), ("CH0000000000XX", False)])
async def test_a_reply_with_the_receipt_number_of_another_submission_confirms_nothing(
    receipt: str, ours: bool, tmp_path: Path
) -> None:
    write = {**WRITE, "reply": {**WRITE["reply"], "receipt": "ref"}}
    done = await outcome(tmp_path, Forest({"number": "F/1", "ref": receipt}), write)
    there = await outcome(
        tmp_path, Forest({"msg": "already exists", "number": "F/1", "ref": receipt}), write
    )
    if ours:
        assert isinstance(done, WriteReply)
        assert isinstance(there, WriteReply)
        assert there.already_there
    else:
        assert isinstance(done, MalformedReplyError)
        assert not done.not_done
        assert isinstance(there, DepartmentRefusedError)


@pytest.mark.parametrize(
    ("request_type", "reply", "expected"),
    [
        ("REALTIME", {"number": "F/1"}, ("F/1", None, True)),
        ("BATCH", {"token": "T-5"}, (None, "T-5", False)),
        ("BATCH", {"number": "F/1"}, ("F/1", None, True)),
        ("BLACKBOX", {"msg": "thank you"}, (None, None, True)),
    ],
)
async def test_the_service_says_whether_a_number_will_come_later(
    request_type: str,
    reply: Any,
    expected: tuple[str | None, str | None, bool],
    tmp_path: Path,
) -> None:
    write = {**WRITE, "reply": {**WRITE["reply"], "token": "token"}}
    found = await outcome(tmp_path, Forest(reply), write, request_type=request_type)
    assert isinstance(found, WriteReply)
    assert (found.reference, found.token, found.is_final) == expected


async def test_a_number_may_come_in_a_header_of_a_reply_without_a_body(tmp_path: Path) -> None:
    reply = web.Response(status=201, headers={"Location": "/permits/F-12"})
    number = {"path": "@header/Location", "matches": "([^/]+)$"}
    write = {**WRITE, "reply": {"reference": number}}
    found = await outcome(tmp_path, Forest(reply), write)
    assert isinstance(found, WriteReply)
    assert found.reference == "F-12"


async def test_an_envelope_reports_the_failure_of_a_write_too(tmp_path: Path) -> None:
    async def after(reply: Any) -> WriteReply | DepartmentError:
        forest = Forest(reply)
        async with http_server(forest.handle) as url:
            envelope = {"ok": "ok=true", "empty": ["NONE"]}
            connector = {"kind": "rest", "base_url": url, "envelope": envelope}
            writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
            async with writing_department(tmp_path, connector, writes) as adapter:
                try:
                    return await submit(adapter)
                except DepartmentError as error:
                    return error

    assert isinstance(await after({"ok": True, "number": "F/1"}), WriteReply)
    for reply in ({"ok": False, "code": "X"}, {"ok": False, "code": "NONE"}, {"number": "F/1"}):
        error = await after(reply)
        assert isinstance(error, DepartmentError)
        assert not error.not_done


OAUTH = {
    "kind": "oauth2",
    "client_id": "hub",
    "client_secret": "${env:FOREST_SECRET}",
}


async def test_a_write_with_an_expired_token_is_sent_once_more_with_a_new_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")
    forest = Forest()
    async with http_server(forest.handle) as url:
        auth = {**OAUTH, "token_url": f"{url}/token"}
        connector = {"kind": "rest", "base_url": url, "auth": auth}
        writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
        async with writing_department(tmp_path, connector, writes) as adapter:
            await submit(adapter)
            # Another client's login ends the hub's.
            forest.valid_token = "other"
            await submit(adapter)
            forest.reply, forest.status = {"code": "E401"}, 401
            rejected = {"path": "code", "one_of": ["E401"], "means": "UNCLEAR"}
            write = {**WRITE, "reply": {"reference": "number", "rules": [rejected]}}
    assert (len(forest.writes), forest.logins) == (2, 2)
    async with http_server(forest.handle) as url:
        auth = {**OAUTH, "token_url": f"{url}/token"}
        connector = {"kind": "rest", "base_url": url, "auth": auth}
        writes = {"submit_application": write}
        async with writing_department(tmp_path, connector, writes) as adapter:
            with pytest.raises(DepartmentFaultError) as caught:
                await submit(adapter)
    assert not caught.value.not_done
    assert len(forest.writes) == 3


async def test_a_failed_login_leaves_a_write_unsent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")
    forest = Forest()
    async with http_server(forest.handle) as url:
        auth = {**OAUTH, "token_url": "http://127.0.0.1:9/token"}
        connector = {"kind": "rest", "base_url": url, "auth": auth}
        async with writing_department(
            tmp_path,
            connector,
            {"submit_application": {**WRITE, "reply": {"reference": "number"}}},
        ) as adapter:
            with pytest.raises(DepartmentUnreachableError) as caught:
                await submit(adapter)
    assert caught.value.not_done
    assert not forest.writes


async def test_a_lost_reply_may_have_had_an_effect_and_a_refused_connection_not(
    tmp_path: Path,
) -> None:
    connections = 0

    async def lose(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")

    writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
    async with byte_server(lose) as address:
        connector = {"kind": "rest", "base_url": f"http://{address}"}
        async with writing_department(tmp_path, connector, writes) as adapter:
            with pytest.raises(DepartmentUnreachableError) as lost:
                await submit(adapter)
            assert (connections, lost.value.not_done) == (1, False)
    async with writing_department(tmp_path, connector, writes) as adapter:
        with pytest.raises(DepartmentUnreachableError) as refused:
            await submit(adapter)
    assert refused.value.not_done
    unknown = {"kind": "rest", "base_url": "http://no-such-host.invalid"}
    async with writing_department(tmp_path, unknown, writes) as adapter:
        with pytest.raises(DepartmentUnreachableError) as nameless:
            await submit(adapter)
    assert nameless.value.not_done


async def test_a_reply_that_does_not_come_in_time_may_have_had_an_effect(tmp_path: Path) -> None:
    async def hang(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        await reader.read()

    writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
    async with byte_server(hang) as address:
        connector = {"kind": "rest", "base_url": f"http://{address}"}
        limits = {"first_byte": "100ms"}
        async with writing_department(tmp_path, connector, writes, limits=limits) as adapter:
            with pytest.raises(DepartmentTimeoutError) as caught:
                await submit(adapter)
    assert not caught.value.not_done


async def test_a_value_without_a_code_is_refused_before_the_department_is_called(
    tmp_path: Path,
) -> None:
    forest = Forest()
    async with http_server(forest.handle) as url:
        connector = {"kind": "rest", "base_url": url}
        writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
        async with writing_department(tmp_path, connector, writes) as adapter:
            with pytest.raises(DepartmentRefusedError, match="no code for 'ASTRONAUT'") as caught:
                await submit(adapter, application(values={"trade": "ASTRONAUT"}))
    assert caught.value.code == ErrorCode.DEPARTMENT_REFUSED
    assert caught.value.not_done
    assert not forest.writes


async def test_a_number_in_the_path_can_not_change_the_address(tmp_path: Path) -> None:
    forest = Forest()
    withdraw = {
        "call": {"method": "DELETE", "path": "/permits/{reference}", "body": {"ref": "{receipt}"}}
    }
    async with http_server(forest.handle) as url:
        connector = {"kind": "rest", "base_url": url}
        async with writing_department(
            tmp_path, connector, {"withdraw_application": withdraw}, forms={}
        ) as adapter:
            capability = WriteCapability.WITHDRAW_APPLICATION
            request = application(reference="../F", service_code="")
            with pytest.raises(DepartmentRefusedError) as caught:
                await submit(adapter, request, capability)
            reply = await submit(adapter, application(reference="F/1"), capability)
    assert caught.value.not_done
    assert (reply.is_final, reply.reference) == (True, None)
    assert len(forest.writes) == 1


async def test_a_connection_that_is_not_open_in_time_has_sent_nothing(tmp_path: Path) -> None:
    async def accept_silently(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
    async with byte_server(accept_silently) as address:
        # The server never answers the TLS handshake.
        connector = {"kind": "rest", "base_url": f"https://{address}"}
        limits = {"deadline": "200ms"}
        async with writing_department(tmp_path, connector, writes, limits=limits) as adapter:
            with pytest.raises(DepartmentUnreachableError, match="in time") as caught:
                await submit(adapter)
    assert caught.value.not_done


async def test_a_proxy_that_refuses_has_sent_nothing(tmp_path: Path) -> None:
    writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}

    async def refuse(_: web.Request) -> web.Response:
        return web.Response(status=407)

    async with http_server(refuse) as url:
        proxy = {"url": url}
        connector = {"kind": "rest", "base_url": "http://forest.invalid", "proxy": proxy}
        async with writing_department(tmp_path, connector, writes) as adapter:
            with pytest.raises(DepartmentUnreachableError, match="proxy") as caught:
                await submit(adapter)
    assert caught.value.not_done


XROAD = {
    "client": "HR/GOV/70000001/hub",
    "service": "HR/GOV/70000002/forest/permits",
}


@pytest.mark.parametrize(
    ("code", "not_done"),
    [
        ("Server.ServerProxy.AccessDenied", True),
        ("Server.ServerProxy.ServiceDisabled", True),
        ("Server.ClientProxy.UnknownMember", True),
        ("Server.ServerProxy.ServiceFailed.InvalidSoap", False),
        ("Server.ClientProxy.InvalidSignatureValue", False),
        ("Server.ClientProxy.NetworkError", False),
        ("Server.ServerProxy.InternalError", False),
    ],
)
async def test_an_error_of_xroad_may_concern_the_reply(
    code: str, not_done: bool, tmp_path: Path
) -> None:
    reply = web.Response(status=500, headers={"X-Road-Error": code}, body=b"{}")
    forest = Forest(reply)
    writes = {"submit_application": {**WRITE, "reply": {"reference": "number"}}}
    async with http_server(forest.handle) as url:
        connector = {"kind": "rest", "base_url": url, "xroad": XROAD}
        async with writing_department(tmp_path, connector, writes) as adapter:
            with pytest.raises(DepartmentError) as caught:
                await submit(adapter)
    assert caught.value.not_done is not_done
    assert len(forest.writes) == 1
