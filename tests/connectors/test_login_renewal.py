"""Rejected tokens: in whatever way a department rejects one, the hub logs in anew, once."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.connectors.http.errors import SessionExpiredError
from adapters.connectors.http.login_keeper import HOLD_SECONDS, Login, LoginKeeper
from adapters.contract import DepartmentAuthError, DepartmentRefusedError, MalformedReplyError
from schema.errors import ErrorSource
from tests.connectors import soap_department
from tests.connectors.forest_department import department, numbers, row
from tests.connectors.soap_wsdls import document_wsdl
from tests.support.servers import http_server

SECRET = "${env:FOREST_SECRET}"
CAPABILITY = {
    "call": {"path": "/applications", "query": {"of": "{key}"}},
    "rows": "data",
    "key": "citizen",
}
QUERY = "query Q($of: ID!) { rows(of: $of) { number } }"
GRAPHQL = {
    "call": {"query": QUERY, "variables": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}
ENVELOPE = {"ok": "status=true", "code": "code", "message": "msg", "auth_failed": ["E401", "7"]}
FAULT_200 = {"status": False, "code": "E401", "msg": "token expired"}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")


class Department:
    """Issues tokens t1, t2, … and rejects those up to `revoked` with a given reply."""

    def __init__(self, rejection: Callable[[], web.Response], **token: Any) -> None:
        self.rejection = rejection
        self.token = token
        self.revoked = 1
        self.issued = 0
        self.calls = 0

    async def __call__(self, request: web.Request) -> web.Response:
        if request.path == "/token":
            self.issued += 1
            return web.json_response({"access_token": f"t{self.issued}", **self.token})
        self.calls += 1
        number = int(request.headers["Authorization"].removeprefix("Bearer t"))
        if number <= self.revoked:
            return self.rejection()
        rows = [row("F/1", "7")]
        body = {"status": True, "data": rows}
        return web.json_response(body if request.method == "GET" else {"data": {"rows": rows}})


def oauth2(url: str) -> dict[str, Any]:
    return {
        "kind": "oauth2",
        "token_url": f"{url}/token",
        "client_id": "hub",
        "client_secret": SECRET,
    }


def rest(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url, "auth": oauth2(url), "envelope": ENVELOPE, **more}


def json(body: Any, status: int = 200, **headers: str) -> Callable[[], web.Response]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: web.json_response(body, status=status, headers=named)


def page(status: int) -> Callable[[], web.Response]:
    return lambda: web.Response(
        text="<html>Access denied</html>", status=status, content_type="text/html"
    )


BEARER = 'Bearer realm="x", error="invalid_token"'
REJECTIONS = {
    "401": json({}, 401),
    "403": json({"error": "expired_token"}, 403),
    "403 with a page": page(403),
    "401 with a page": page(401),
    "400 in a header": json({}, 400, WWW_Authenticate=BEARER),
    "400 in the body": json({"error": "invalid_token"}, 400),
    "400 of another gateway": json({"fault": {"code": "TOKEN_EXPIRED"}}, 400),
    "200 and a code": json(FAULT_200),
    "200 and a numeric code": json({"status": False, "code": 7}),
    "400 and a code": json(FAULT_200, 400),
    "500 and a code": json(FAULT_200, 500),
}


@pytest.mark.parametrize("rejection", REJECTIONS)
async def test_a_rejected_token_is_renewed(rejection: str, tmp_path: Path) -> None:
    server = Department(REJECTIONS[rejection])
    async with http_server(server) as url, department(tmp_path, rest(url), CAPABILITY) as adapter:
        for _ in range(3):
            assert await numbers(adapter, "7") == {"7": ["F/1"]}
    assert (server.issued, server.calls) == (2, 4)


LIVES: list[Mapping[str, Any]] = [
    {},
    *({"expires_in": each} for each in (0, -1, "", "0", "soon", None, True, "inf", [3600])),
    {"expires_in": "3600"},
    {"expires_in": 3600},
    {"expires_in": 1e30},
]


@pytest.mark.parametrize("token", LIVES, ids=str)
async def test_a_token_is_used_until_it_is_rejected_whatever_its_life(
    token: Mapping[str, Any], tmp_path: Path
) -> None:
    server = Department(REJECTIONS["403"], **token)
    server.revoked = 0
    async with http_server(server) as url, department(tmp_path, rest(url), CAPABILITY) as adapter:
        await numbers(adapter, "7")
        await numbers(adapter, "7")
        assert server.issued == 1
        server.revoked = 1
        await numbers(adapter, "7")
    assert server.issued == 2


@pytest.mark.parametrize("rejection", REJECTIONS)
async def test_a_token_that_stays_rejected_causes_no_storm_of_logins(
    rejection: str, tmp_path: Path
) -> None:
    server = Department(REJECTIONS[rejection])
    server.revoked = 1000
    async with http_server(server) as url, department(tmp_path, rest(url), CAPABILITY) as adapter:
        for _ in range(2):
            calls = (numbers(adapter, str(n)) for n in range(20))
            outcomes = await asyncio.gather(*calls, return_exceptions=True)
            assert {type(each) for each in outcomes} == {DepartmentAuthError}
    assert server.issued == 2


async def test_a_request_that_is_invalid_causes_no_login(tmp_path: Path) -> None:
    server = Department(json({"error": "invalid_request"}, 400))
    async with http_server(server) as url, department(tmp_path, rest(url), CAPABILITY) as adapter:
        with pytest.raises(DepartmentRefusedError):
            await numbers(adapter, "7")
    assert server.issued == 1


async def test_each_page_is_requested_with_a_valid_token(tmp_path: Path) -> None:
    pages: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        if request.path == "/token":
            return await server(request)
        pages.append(request.query["offset"])
        if len(pages) == 2:
            return web.json_response(FAULT_200)
        rows = [row("F/1", "7"), row("F/2", "7")] if request.query["offset"] == "0" else []
        return web.json_response({"status": True, "data": rows})

    server = Department(json({}))
    capability: dict[str, Any] = {**CAPABILITY, "call": {
        "path": "/applications",
        "query": {"of": "{key}", "offset": "{offset}", "limit": "{limit}"},
        "pages": {"by": "offset", "size": 2},
    }}  # fmt: skip
    async with http_server(handler) as url, department(tmp_path, rest(url), capability) as adapter:
        assert await numbers(adapter, "7") == {"7": ["F/1", "F/2"]}
    assert pages == ["0", "2", "2"]


ERROR = {"message": "x", "extensions": {"code": "UNAUTHENTICATED"}}
GRAPHQL_REJECTIONS = {
    "403": json({}, 403),
    "an error": json({"errors": [ERROR]}),
    "an error of a field": json({"data": {"rows": None}, "errors": [{**ERROR, "path": ["rows"]}]}),
}


@pytest.mark.parametrize("rejection", GRAPHQL_REJECTIONS)
async def test_a_token_that_a_graphql_department_rejects_is_renewed(
    rejection: str, tmp_path: Path
) -> None:
    server = Department(GRAPHQL_REJECTIONS[rejection])
    async with http_server(server) as url:
        connector = {
            "kind": "graphql",
            "url": f"{url}/graphql",
            "auth": oauth2(url),
            "auth_failed": ["UNAUTHENTICATED"],
        }
        async with department(tmp_path, connector, GRAPHQL) as adapter:
            assert await numbers(adapter, "7") == {"7": ["F/1"]}
    assert (server.issued, server.calls) == (2, 2)


def soap_fault(code: str, text: str, status: int = 500) -> Callable[[], web.Response]:
    body = soap_department.envelope(
        f"<s:Fault><faultcode>{code}</faultcode><faultstring>{text}</faultstring></s:Fault>"
    )
    return lambda: web.Response(body=body, status=status, content_type="text/xml")


FOUND = soap_department.envelope(
    '<FindResponse xmlns="urn:forest"><Row><Number>N1</Number><Owner>A1</Owner>'
    "<Status>01</Status></Row></FindResponse>"
)
SOAP_REJECTIONS = {
    "a Fault": soap_fault("s:Server", "Token not valid"),
    "a Fault with 200": soap_fault("s:Server", "Token not valid", 200),
    "a Fault with 401": soap_fault("s:Server", "Unauthorized", 401),
    "a code of WS-Security": soap_fault("wsse:FailedAuthentication", "no"),
    "403 with a page": page(403),
    "400": json({"error": "invalid_token"}, 400),
}


@pytest.mark.parametrize("rejection", SOAP_REJECTIONS)
async def test_a_token_that_a_soap_department_rejects_is_renewed(
    rejection: str, tmp_path: Path
) -> None:
    rejected = SOAP_REJECTIONS[rejection]
    issued = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal issued
        if request.path == "/token":
            issued += 1
            return web.json_response({"access_token": f"t{issued}"})
        if request.headers["Authorization"] == "Bearer t1":
            return rejected()
        return web.Response(body=FOUND, content_type="text/xml")

    async with http_server(handler) as url:
        connector = f"auth_faults: [Token not valid]\nauth: {oauth2(url)}"
        adapter: ManifestAdapter = soap_department.department(
            tmp_path,
            url,
            document_wsdl(),
            call='operation: Find\narguments: {Owner: "{keys}"}',
            rows="Row",
            connector=connector.replace("'", '"'),
        )
        assert len(await soap_department.applications(adapter)) == 1
        await adapter.close()
    assert issued == 2


@pytest.mark.parametrize("token", ["a\r\nX-Admin: 1", "a\x00b", "क"])
async def test_a_token_that_a_header_cannot_carry_is_an_error_of_the_login(
    token: str, tmp_path: Path
) -> None:
    async def handler(_: web.Request) -> web.Response:
        return web.json_response({"access_token": token})

    async with http_server(handler) as url, department(tmp_path, rest(url), CAPABILITY) as adapter:
        with pytest.raises(MalformedReplyError, match="token with characters"):
            await numbers(adapter, "7")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


class Attempts:
    """Attempts that fail with these errors, then succeed."""

    def __init__(self, *errors: Exception) -> None:
        self.errors = list(errors)
        self.tokens: list[str | None] = []

    async def __call__(self, login: Login) -> str:
        self.tokens.append(login.token)
        if self.errors:
            raise self.errors.pop(0)
        return "reply"


def keeper_of(clock: Clock) -> LoginKeeper:
    logins = 0

    async def log_in() -> Login:
        nonlocal logins
        logins += 1
        return Login(f"T{logins}")

    return LoginKeeper("forest", log_in, within=1, clock=clock)


def rejection() -> DepartmentAuthError:
    return DepartmentAuthError("forest", "no")


async def test_a_renewal_that_does_not_help_is_not_repeated_for_some_time() -> None:
    clock = Clock()
    keeper = keeper_of(clock)
    for expected in (["T1", "T2"], ["T2"], ["T2"]):
        attempts = Attempts(rejection(), rejection())
        with pytest.raises(DepartmentAuthError):
            await keeper.run(attempts)
        assert attempts.tokens == expected
    clock.now = HOLD_SECONDS + 1
    attempts = Attempts(rejection())
    assert await keeper.run(attempts) == "reply"
    assert attempts.tokens == ["T2", "T3"]


async def test_one_session_after_another_may_end() -> None:
    keeper = keeper_of(Clock())
    expired = [SessionExpiredError("forest", "over") for _ in range(4)]
    for expected in (["T1", "T2"], ["T2", "T3"], ["T3"]):
        attempts = Attempts(*expired[:2])
        with pytest.raises(SessionExpiredError):
            await keeper.run(attempts)
        assert attempts.tokens == expected


async def test_a_rejection_by_x_road_causes_no_login() -> None:
    error = rejection()
    error.source = ErrorSource.EXCHANGE
    attempts = Attempts(error)
    with pytest.raises(DepartmentAuthError):
        await keeper_of(Clock()).run(attempts)
    assert attempts.tokens == ["T1"]
