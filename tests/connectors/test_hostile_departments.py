"""Departments, and computers on the way to them, that try to misuse the hub's calls."""

import datetime as dt
import sqlite3
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from adapters.contract import DepartmentError, DepartmentUnreachableError
from tests.connectors.forest_department import department, numbers, row
from tests.support.servers import http_server

CAPABILITY = {
    "call": {"path": "/applications", "query": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}
LINKED = {
    **CAPABILITY,
    "call": {"path": "/applications", "query": {"of": "{key}"}, "pages": {"by": "link"}},
}


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")


def connector(url: str, **more: Any) -> dict[str, Any]:
    auth = {"kind": "api_key", "header": "X-Key", "value": "${env:FOREST_SECRET}"}
    return {"kind": "rest", "base_url": url, "auth": auth, **more}


class OtherHost:
    """A server that must not be called, and the requests that it received."""

    def __init__(self) -> None:
        self.requests: list[str] = []

    async def respond(self, request: web.Request) -> web.Response:
        self.requests.append(f"{request.raw_path} {dict(request.headers)}")
        return web.json_response({"rows": [row("F/666", request.query.get("of", "7"))]})


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("relative", [False, True], ids=["another host", "the same host"])
async def test_a_redirect_is_not_followed(status: int, relative: bool, tmp_path: Path) -> None:
    other = OtherHost()
    async with http_server(other.respond) as elsewhere:

        async def redirect(request: web.Request) -> web.Response:
            if request.path == "/stolen":
                return await other.respond(request)
            to = "/stolen?of=7" if relative else f"{elsewhere}/stolen?of=7"
            return web.Response(status=status, headers={"Location": to})

        async with (
            http_server(redirect) as url,
            department(tmp_path, connector(url), CAPABILITY) as adapter,
        ):
            with pytest.raises(DepartmentError):
                await numbers(adapter, "7")
    assert other.requests == []


@pytest.mark.parametrize(
    "to",
    ["{}/applications?of=7&page=2", "//{}/applications?page=2", "file:///etc/passwd", "gopher://x"],
)
async def test_a_link_to_the_next_page_does_not_lead_to_another_host(
    to: str, tmp_path: Path
) -> None:
    other = OtherHost()
    async with http_server(other.respond) as elsewhere:
        address = elsewhere.removeprefix("http://") if to.startswith("//") else elsewhere

        async def first_page(request: web.Request) -> web.Response:
            link = f'<{to.format(address)}>; rel="next"'
            return web.json_response({"rows": [row("F/1", "7")]}, headers={"Link": link})

        async with (
            http_server(first_page) as url,
            department(tmp_path, connector(url), LINKED) as adapter,
        ):
            with pytest.raises(DepartmentError):
                await numbers(adapter, "7")
    assert other.requests == []


@pytest.mark.parametrize(
    ("name", "days"),
    [("localhost", -1), ("elsewhere.example", 30)],
    ids=["expired", "of another name"],
)
async def test_a_department_with_a_wrong_certificate_is_not_called(
    name: str, days: int, tmp_path: Path
) -> None:
    authority = trustme.CA()
    expires = dt.datetime.now(dt.UTC) + dt.timedelta(days=days)
    certificate = authority.issue_cert(name, not_after=expires)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)
    (tmp_path / "forest").mkdir()
    authority.cert_pem.write_to_path(str(tmp_path / "forest" / "ca.pem"))
    other = OtherHost()
    async with (
        http_server(other.respond, context) as url,
        department(tmp_path, connector(url, tls={"authority": "ca.pem"}), CAPABILITY) as adapter,
    ):
        with pytest.raises(DepartmentUnreachableError, match="certificate can't be verified"):
            await numbers(adapter, "7")
    assert other.requests == []


async def test_proxies_of_the_environment_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = OtherHost()

    async def respond(_request: web.Request) -> web.Response:
        return web.json_response({"rows": [row("F/1", "7")]})

    async with http_server(other.respond) as proxy, http_server(respond) as url:
        for variable in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(variable, proxy)
        async with department(tmp_path, connector(url), CAPABILITY) as adapter:
            assert await numbers(adapter, "7") == {"7": ["F/1"]}
    assert other.requests == []


@pytest.mark.parametrize(
    "key",
    ["7' OR '1'='1", "7'; DROP TABLE applications; --", '7" OR 1=1', "%", "_", "7\\", "7;7", "(7)"],
)
async def test_a_key_is_never_a_part_of_a_statement(key: str, tmp_path: Path) -> None:
    path = tmp_path / "forest.db"
    table = "CREATE TABLE applications (number TEXT, citizen TEXT, status TEXT, made TEXT)"
    with sqlite3.connect(path) as database:
        database.execute(table)
        database.execute("INSERT INTO applications VALUES ('F/1', '7', '04', '03/11/2026')")
    database.close()
    settings = {"kind": "database", "url": f"sqlite:///{path}"}
    sql = "SELECT number, citizen, status, made FROM applications WHERE citizen IN :keys"
    capability = {"call": {"sql": sql}, "keys": {"at_once": 5}, "key": "citizen"}
    async with department(tmp_path, settings, capability) as adapter:
        assert await numbers(adapter, key) == {key: []}
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
