"""SOAP departments with HTTP authentication: Basic, OAuth 2, keys, signatures, mutual TLS."""

import base64
import hashlib
import hmac
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.contract import DepartmentAuthError
from adapters.manifest import ManifestError
from tests.connectors.certificates import wanting_certificates, write_certificates
from tests.connectors.soap_department import applications, department, envelope
from tests.connectors.soap_wsdls import document_wsdl
from tests.support.servers import http_server

FIND = 'operation: Find\narguments: {Owner: "{keys}"}'
ROW = "<Row><Number>N1</Number><Owner>A1</Owner><Status>01</Status></Row>"
FOUND = envelope(f'<FindResponse xmlns="urn:forest">{ROW}</FindResponse>')
SECRET = "${env:FOREST_SECRET}"

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(autouse=True)
def _secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOREST_SECRET", "made-up")
    monkeypatch.setenv("FOREST_WRONG", "wrong")


@asynccontextmanager
async def forest(folder: Path, url: str, **connector: Any) -> AsyncIterator[ManifestAdapter]:
    adapter = department(
        folder, url, document_wsdl(), call=FIND, rows="Row", connector=yaml.safe_dump(connector)
    )
    try:
        yield adapter
    finally:
        await adapter.close()


async def numbers(adapter: ManifestAdapter) -> list[str]:
    return [str(each.application_reference_number) for each in await applications(adapter)]


def found() -> web.Response:
    return web.Response(body=FOUND, content_type="text/xml")


def refused() -> web.Response:
    # Like IIS: a web page instead of a Fault.
    page = "<!DOCTYPE html><html><body>401 - Unauthorized</body></html>"
    return web.Response(text=page, status=401, content_type="text/html")


BASIC = "Basic " + base64.b64encode(b"hub:made-up").decode()
STATIC: list[tuple[dict[str, Any], str, str, str]] = [
    ({"kind": "basic", "username": "hub", "password": SECRET}, "headers", "Authorization", BASIC),
    ({"kind": "api_key", "header": "X-Key", "value": SECRET}, "headers", "X-Key", "made-up"),
    ({"kind": "api_key", "query": "key", "value": SECRET}, "query", "key", "made-up"),
]


@pytest.mark.parametrize(("auth", "part", "name", "value"), STATIC)
async def test_keys_and_passwords_are_sent_with_every_request(
    auth: dict[str, Any], part: str, name: str, value: str, tmp_path: Path
) -> None:
    async def handler(request: web.Request) -> web.Response:
        return found() if getattr(request, part).get(name) == value else refused()

    async with http_server(handler) as url:
        async with forest(tmp_path, url, auth=auth) as adapter:
            assert await numbers(adapter) == ["N1"]
        wrong = {key: "${env:FOREST_WRONG}" if each == SECRET else each
                 for key, each in auth.items()}  # fmt: skip
        async with forest(tmp_path, url, auth=wrong) as adapter:
            with pytest.raises(DepartmentAuthError, match="rejected the hub's credentials"):
                await applications(adapter)


async def test_a_token_is_requested_once_and_renewed_when_rejected(tmp_path: Path) -> None:
    valid, issued = "token-1", 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal issued
        if request.path == "/token":
            issued += 1
            token = {"access_token": f"token-{issued}", "expires_in": 300}
            return web.json_response(token if request.headers["Authorization"] == BASIC else {})
        return found() if request.headers.get("Authorization") == f"Bearer {valid}" else refused()

    async with http_server(handler) as url:
        auth = {
            "kind": "oauth2",
            "token_url": f"{url}/token",
            "client_id": "hub",
            "client_secret": SECRET,
        }
        async with forest(tmp_path, url, auth=auth) as adapter:
            assert await numbers(adapter) == ["N1"]
            assert await numbers(adapter) == ["N1"]
            assert issued == 1
            valid = "token-2"
            assert await numbers(adapter) == ["N1"]
            assert issued == 2


async def test_the_envelope_is_signed(tmp_path: Path) -> None:
    signatures: list[tuple[str, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        signatures.append((request.headers["x-signature"], await request.read()))
        return found()

    auth = {"kind": "hmac", "secret": SECRET, "header": "x-signature", "encoding": "hex"}
    async with http_server(handler) as url, forest(tmp_path, url, auth=auth) as adapter:
        assert await numbers(adapter) == ["N1"]
    ((signature, body),) = signatures
    assert signature == hmac.new(b"made-up", body, hashlib.sha256).hexdigest()


async def test_a_session_over_http(tmp_path: Path) -> None:
    logins = 0

    async def handler(request: web.Request) -> web.Response:
        nonlocal logins
        if request.path == "/login":
            logins += 1
            return web.json_response({"sid": f"s{logins}"})
        return found() if request.cookies.get("SID") == "s2" else refused()

    async with http_server(handler) as url:
        auth = {
            "kind": "session",
            "login": {"url": f"{url}/login", "token": "sid", "body": {"password": SECRET}},
            "cookie": "SID",
        }
        async with forest(tmp_path, url, auth=auth) as adapter:
            assert await numbers(adapter) == ["N1"]
    assert logins == 2


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_both_sides_verify_certificates(
    version: ssl.TLSVersion, authority: trustme.CA, tmp_path: Path
) -> None:
    write_certificates(tmp_path, authority)
    tls = {"authority": "ca.pem", "certificate": "client.pem", "key": "client.key"}
    stranger = {"authority": "ca.pem", "certificate": "stranger.pem"}
    with wanting_certificates(authority, version, FOUND) as url:
        async with forest(tmp_path, url, tls=tls) as adapter:
            assert await numbers(adapter) == ["N1"]
        async with forest(tmp_path, url, tls=stranger) as adapter:
            with pytest.raises(DepartmentAuthError):
                await applications(adapter)


@pytest.mark.parametrize(
    ("connector", "words"),
    [
        ({"auth": {"kind": "basic", "username": "hub", "password": "here"}}, "password"),
        ({"auth": {"kind": "bearer"}}, "kind"),
        ({"tls": {"authority": "no.pem"}}, "the authority can't be read: No such file"),
    ],
)
def test_wrong_settings_are_reported_when_the_manifest_is_loaded(
    connector: dict[str, Any], words: str, tmp_path: Path
) -> None:
    with pytest.raises(ManifestError) as caught:
        department(
            tmp_path,
            "https://x",
            document_wsdl(),
            call=FIND,
            rows="Row",
            connector=yaml.safe_dump(connector),
        )
    assert any(words in str(problem) for problem in caught.value.problems), caught.value.problems
