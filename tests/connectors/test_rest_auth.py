"""Authentication over HTTP: every kind of `auth`, accepted and rejected, with few logins."""

import asyncio
import base64
import hashlib
import hmac
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.connectors.http.authentication import signature
from adapters.connectors.http.settings import HmacAuth
from adapters.connectors.http.transport import HttpRequest
from adapters.connectors.secrets import Referred
from adapters.contract import (
    DepartmentAuthError,
    DepartmentFaultError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from adapters.manifest import ManifestError, load_department
from tests.connectors.forest_department import department, numbers, row, write_department
from tests.support.calls import call_context
from tests.support.servers import http_server

CAPABILITY = {
    "call": {"path": "/applications", "query": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}
POSTED = {
    "call": {"method": "POST", "path": "/applications", "body": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}
SECRET = "${env:FOREST_SECRET}"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")
    monkeypatch.setenv("FOREST_WRONG", "wrong")


def connector(url: str, auth: Mapping[str, Any]) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url, "auth": auth}


def rows_for(request: web.Request) -> web.Response:
    return web.json_response({"rows": [row("F/1", request.query.get("of", "7"))]})


BASIC = "Basic " + base64.b64encode(b"hub:made-up").decode()
STATIC: list[tuple[dict[str, Any], str, str, str]] = [
    ({"kind": "api_key", "header": "X-Key", "value": SECRET}, "headers", "X-Key", "made-up"),
    ({"kind": "api_key", "query": "api_key", "value": SECRET}, "query", "api_key", "made-up"),
    (
        {"kind": "basic", "username": "hub", "password": SECRET},
        "headers",
        "Authorization",
        BASIC,
    ),
]


@pytest.mark.parametrize(("auth", "part", "name", "value"), STATIC)
async def test_keys_and_passwords_are_sent_with_every_request(
    auth: dict[str, Any], part: str, name: str, value: str, tmp_path: Path
) -> None:
    async def handler(request: web.Request) -> web.Response:
        if getattr(request, part).get(name) != value:
            return web.json_response({"error": "who are you?"}, status=401)
        return rows_for(request)

    async with http_server(handler) as url:
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            assert await numbers(adapter, "7") == {"7": ["F/1"]}
        wrong = {key: "${env:FOREST_WRONG}" if each == SECRET else each
                 for key, each in auth.items()}  # fmt: skip
        async with department(tmp_path, connector(url, wrong), CAPABILITY) as adapter:
            with pytest.raises(DepartmentAuthError) as caught:
                await numbers(adapter, "7")
    assert caught.value.code == "DEPARTMENT_AUTH_FAILED"
    assert "wrong" not in str(caught.value)


class TokenServer:
    """Issues tokens, and accepts only the newest."""

    def __init__(self, lasts: int | None = 300, wait: float = 0.05) -> None:
        self.issued = 0
        self.calls = 0
        self.lasts = lasts
        self.wait = wait
        self.accept_secret = "made-up"
        self.break_with: web.Response | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            return await self._issue(request)
        self.calls += 1
        if request.headers.get("Authorization") != f"Bearer token-{self.issued}":
            return web.json_response({"error": "expired"}, status=401)
        return rows_for(request)

    async def _issue(self, request: web.Request) -> web.Response:
        self.issued += 1
        form = await request.post()
        await asyncio.sleep(self.wait)
        if self.break_with is not None:
            return self.break_with
        expected = base64.b64encode(f"hub:{self.accept_secret}".encode()).decode()
        if form["grant_type"] != "client_credentials":
            return web.json_response({"error": "unsupported_grant_type"}, status=400)
        if request.headers.get("Authorization") != f"Basic {expected}":
            return web.json_response({"error": "invalid_client"}, status=401)
        body: dict[str, Any] = {"access_token": f"token-{self.issued}", "token_type": "Bearer"}
        if self.lasts is not None:
            body["expires_in"] = self.lasts
        return web.json_response(body)


def oauth2(url: str, **more: Any) -> dict[str, Any]:
    return {
        "kind": "oauth2",
        "token_url": f"{url}/token",
        "client_id": "hub",
        "client_secret": SECRET,
        **more,
    }


async def test_fifty_concurrent_calls_request_one_token(tmp_path: Path) -> None:
    server = TokenServer()
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        found = await asyncio.gather(*(numbers(adapter, str(n)) for n in range(50)))
        assert found == [{str(n): ["F/1"]} for n in range(50)]
        assert (server.issued, server.calls) == (1, 50)


async def test_a_rejected_token_is_renewed_once_for_all_calls(tmp_path: Path) -> None:
    server = TokenServer()
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        await numbers(adapter, "7")
        # The department loses its tokens, for example in a restart.
        server.issued += 100
        found = await asyncio.gather(*(numbers(adapter, str(n)) for n in range(50)))
        assert found == [{str(n): ["F/1"]} for n in range(50)]
        assert server.issued == 102


async def test_a_token_that_stays_rejected_is_an_auth_error(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/token":
            return web.json_response({"access_token": "never good"})
        return web.json_response({}, status=401)

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        with pytest.raises(DepartmentAuthError):
            await numbers(adapter, "7")


async def test_rejected_credentials_are_not_tried_again_by_waiting_calls(tmp_path: Path) -> None:
    server = TokenServer()
    server.accept_secret = "another"
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        calls = (numbers(adapter, str(n)) for n in range(50))
        outcomes = await asyncio.gather(*calls, return_exceptions=True)
        assert {type(each) for each in outcomes} == {DepartmentAuthError}
        with pytest.raises(DepartmentAuthError) as caught:
            await numbers(adapter, "after them")
        assert (server.issued, server.calls) == (1, 0)
    assert caught.value.fault is not None
    assert caught.value.fault.code == "invalid_client"


BROKEN_LOGINS: list[tuple[web.Response, type[Exception]]] = [
    (web.json_response({"error": "invalid_grant"}, status=400), DepartmentAuthError),
    (web.json_response({}, status=503), DepartmentFaultError),
    (web.json_response({"access_token": ""}), MalformedReplyError),
    (web.json_response({"access_token": "x", "expires_in": "soon"}), MalformedReplyError),
    (web.json_response({"access_token": "x", "expires_in": -1}), MalformedReplyError),
    (web.Response(text="not JSON"), MalformedReplyError),
]


@pytest.mark.parametrize(("answer", "error"), BROKEN_LOGINS)
async def test_each_failure_of_a_login_has_its_own_error(
    answer: web.Response, error: type[Exception], tmp_path: Path
) -> None:
    body, status = answer.body, answer.status

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=body, status=status)

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        with pytest.raises(error):
            await numbers(adapter, "7")


async def test_a_login_that_hangs_ends_with_the_deadline(tmp_path: Path) -> None:
    server = TokenServer(wait=60)
    limits = {"deadline": "200ms"}
    async with http_server(server) as url:
        auth = oauth2(url)
        async with department(tmp_path, connector(url, auth), CAPABILITY, limits=limits) as adapter:
            with pytest.raises(DepartmentTimeoutError):
                await numbers(adapter, "7")


async def test_a_login_server_that_is_down(tmp_path: Path) -> None:
    auth = oauth2("http://127.0.0.1:1")
    async with department(tmp_path, connector("http://127.0.0.1:1", auth), CAPABILITY) as adapter:
        with pytest.raises(DepartmentUnreachableError):
            await numbers(adapter, "7")


async def test_a_cancelled_call_does_not_cancel_the_login_of_others(tmp_path: Path) -> None:
    server = TokenServer(wait=0.3)
    async with (
        http_server(server) as url,
        department(tmp_path, connector(url, oauth2(url)), CAPABILITY) as adapter,
    ):
        impatient = asyncio.create_task(numbers(adapter, "1"))
        patient = asyncio.create_task(numbers(adapter, "2"))
        await asyncio.sleep(0.1)
        impatient.cancel()
        assert await patient == {"2": ["F/1"]}
        with pytest.raises(asyncio.CancelledError):
            await impatient
        assert server.issued == 1


async def test_client_and_parameters_are_sent_in_the_body(tmp_path: Path) -> None:
    seen: dict[str, Any] = {}

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/token":
            seen.update(await request.post())
            return web.json_response({"access_token": "t"})
        return rows_for(request)

    async with http_server(handler) as url:
        auth = oauth2(url, send="body", scope="read", parameters={"audience": "forest"})
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            await numbers(adapter, "7")
    assert seen == {
        "grant_type": "client_credentials",
        "client_id": "hub",
        "client_secret": "made-up",
        "scope": "read",
        "audience": "forest",
    }


async def test_signed_bodies(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        body = await request.read()
        digest = hmac.digest(b"made-up", body, hashlib.sha256)
        if request.headers.get("x-digilocker-hmac") != base64.b64encode(digest).decode():
            return web.json_response({"error": "bad signature"}, status=401)
        return web.json_response({"rows": [row("F/1", "7")]})

    async with http_server(handler) as url:
        auth = {"kind": "hmac", "secret": SECRET}
        async with department(tmp_path, connector(url, auth), POSTED) as adapter:
            assert await numbers(adapter, "7") == {"7": ["F/1"]}
        wrong = {"kind": "hmac", "secret": "${env:FOREST_WRONG}"}
        async with department(tmp_path, connector(url, wrong), POSTED) as adapter:
            with pytest.raises(DepartmentAuthError):
                await numbers(adapter, "7")


def test_a_signature_over_time_and_address() -> None:
    settings = HmacAuth.model_validate(
        {
            "kind": "hmac",
            "secret": Referred("k"),
            "header": "Authorization",
            "prefix": "HMAC ",
            "encoding": "hex",
            "signs": ["method", "url", "timestamp", "body"],
            "timestamp": {"header": "X-At", "format": "iso"},
        }
    )
    signed = signature(settings, clock=lambda: 1_764_000_000.5)(
        HttpRequest("GET", "https://forest.example/a%2Fb", {}, {"x": "1"})
    )
    expected = hmac.new(
        b"k", b"GET\n/a%2Fb?x=1\n2025-11-24T16:00:00.500Z\n", hashlib.sha256
    ).hexdigest()
    assert signed.headers == {
        "X-At": "2025-11-24T16:00:00.500Z",
        "Authorization": f"HMAC {expected}",
    }


class SessionServer:
    """Logs in with a password, and ends sessions when the test says so."""

    def __init__(self, carried_by: str) -> None:
        self.carried_by = carried_by
        self.logins = 0
        self.expiry: web.Response | None = None

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/login":
            body = await request.json()
            if body != {"user": "hub", "password": "made-up"}:
                return web.json_response({"session": None})
            self.logins += 1
            await asyncio.sleep(0.05)
            answer = web.json_response({"session": {"id": f"s{self.logins}", "seconds": 600}})
            answer.headers["X-Session"] = f"s{self.logins}"
            answer.headers.add("Set-Cookie", "theme=dark")
            answer.headers.add("Set-Cookie", f"SID=s{self.logins}; Path=/; HttpOnly")
            return answer
        if self._carried(request) != f"s{self.logins}":
            return web.json_response({"error": "Session Expired. Please Login Again"})
        return rows_for(request)

    def _carried(self, request: web.Request) -> str | None:
        if self.carried_by == "query":
            return request.query.get("sid")
        if self.carried_by == "cookie":
            return request.cookies.get("SID")
        return request.headers.get("X-Sid", "").removeprefix("Sid ")


def session(url: str, **more: Any) -> dict[str, Any]:
    login = {"url": f"{url}/login", "body": {"user": "hub", "password": SECRET}}
    return {
        "kind": "session",
        "login": {**login, **more.pop("login", {"token": "session/id"})},
        "expired_texts": ["Session Expired"],
        **more,
    }


SESSIONS: list[tuple[str, dict[str, Any]]] = [
    ("query", {"query": "sid", "login": {"token": "session/id"}}),
    ("cookie", {"cookie": "SID", "login": {"token_cookie": "SID"}}),
    (
        "header",
        {"header": "X-Sid", "prefix": "Sid ", "login": {"token_header": "X-Session"}},
    ),
    (
        "header",
        {
            "header": "X-Sid",
            "login": {"token": "session/id", "expires_in": "session/seconds"},
        },
    ),
]


@pytest.mark.parametrize(("carried_by", "more"), SESSIONS)
async def test_fifty_calls_share_one_login_and_one_renewal(
    carried_by: str, more: dict[str, Any], tmp_path: Path
) -> None:
    server = SessionServer(carried_by)
    async with http_server(server) as url:
        auth = session(url, **more)
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            found = await asyncio.gather(*(numbers(adapter, str(n)) for n in range(50)))
            assert found == [{str(n): ["F/1"]} for n in range(50)]
            assert server.logins == 1
            server.logins += 10
            found = await asyncio.gather(*(numbers(adapter, str(n)) for n in range(50)))
            assert found == [{str(n): ["F/1"]} for n in range(50)]
            assert server.logins == 12


async def test_a_login_reply_without_a_token_is_a_rejection(tmp_path: Path) -> None:
    async with http_server(SessionServer("query")) as url:
        auth = session(url, query="sid")
        auth["login"]["body"]["password"] = "${env:FOREST_WRONG}"
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            with pytest.raises(DepartmentAuthError):
                await numbers(adapter, "7")


async def test_a_login_by_form_with_a_reply_in_xml(tmp_path: Path) -> None:
    async def handler(request: web.Request) -> web.Response:
        if request.path == "/login":
            form = await request.post()
            assert dict(form) == {"user": "hub", "password": "made-up"}
            return web.Response(text="<r:Login xmlns:r='u'><r:Token> t1 </r:Token></r:Login>")
        assert request.headers["X-Sid"] == "t1"
        return rows_for(request)

    async with http_server(handler) as url:
        auth = session(url, header="X-Sid", login={"token": "Login/Token", "format": "form"})
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            assert await numbers(adapter, "7") == {"7": ["F/1"]}


async def test_a_session_is_renewed_after_its_duration(tmp_path: Path) -> None:
    server = SessionServer("query")
    async with http_server(server) as url:
        auth = session(url, query="sid", lasts="100ms")
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            await numbers(adapter, "7")
            await asyncio.sleep(0.15)
            await numbers(adapter, "7")
            assert server.logins == 2


WRITTEN_OUT: list[tuple[dict[str, Any], str]] = [
    ({"kind": "api_key", "header": "X-Key", "value": "s3cr3t"}, "value"),
    ({"kind": "basic", "username": "hub", "password": "s3cr3t"}, "password"),
    ({"kind": "hmac", "secret": "s3cr3t"}, "secret"),
    (oauth2("http://x", client_secret="s3cr3t"), "client_secret"),
    (
        {
            "kind": "session",
            "query": "sid",
            "login": {"url": "http://x", "body": {"pwd": "s3cr3t"}, "token": "t"},
        },
        "body",
    ),
]


@pytest.mark.parametrize(("auth", "key"), WRITTEN_OUT)
def test_credentials_are_never_printed(auth: dict[str, Any], key: str, tmp_path: Path) -> None:
    folder = write_department(tmp_path, connector("http://x", auth), CAPABILITY)
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    problems = [str(problem) for problem in caught.value.problems]
    assert any(key in problem and "${env:" in problem for problem in problems), problems


def test_a_resolved_reference_is_not_shown_in_an_error(tmp_path: Path) -> None:
    auth = {"kind": "basic", "username": "a:b", "password": SECRET, "more": SECRET}
    folder = write_department(tmp_path, connector("http://x", auth), CAPABILITY)
    with pytest.raises(ManifestError) as caught:
        load_department(folder)
    assert "made-up" not in str([str(problem) for problem in caught.value.problems])


async def test_the_correlation_id_is_sent(tmp_path: Path) -> None:
    seen: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers["X-Correlation-Id"])
        return rows_for(request)

    async with http_server(handler) as url:
        auth = {"kind": "basic", "username": "hub", "password": SECRET}
        async with department(tmp_path, connector(url, auth), CAPABILITY) as adapter:
            capability = next(iter(adapter.capabilities))
            await adapter.look_up(capability, ["7"], call_context(correlation_id="c-1"))
    assert seen == ["c-1"]
