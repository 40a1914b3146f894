"""A department behind a proxy, over HTTP and through a tunnel."""

import asyncio
import json
import ssl
from pathlib import Path
from typing import Any

import pytest
import trustme
from aiohttp import web

from adapters.contract import DepartmentUnreachableError
from adapters.manifest import ManifestError, load_department
from tests.connectors.certificates import wanting_certificates, write_certificates
from tests.connectors.forest_department import department, numbers, row, write_department
from tests.connectors.proxies import ForwardProxy, running_proxy
from tests.support.servers import http_server

CAPABILITY = {"call": {"path": "/rows"}, "rows": "rows", "key": "citizen"}
PASSWORD = "${env:PROXY_PASSWORD}"
FOUND = {"7": ["F/1"]}


def connector(url: str, proxy: dict[str, str], **more: Any) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url, "proxy": proxy, **more}


async def answer(request: web.Request) -> web.Response:
    # The department must not receive the proxy's credentials.
    assert "Authorization" not in request.headers
    return web.json_response({"rows": [row("F/1", "7")]})


async def test_requests_go_through_the_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_PASSWORD", "चाबी")
    async with http_server(answer) as url, running_proxy(ForwardProxy("hub", "चाबी")) as proxy:
        settings = {"url": proxy.url, "username": "hub", "password": PASSWORD}
        async with department(tmp_path, connector(url, settings), CAPABILITY) as adapter:
            assert await numbers(adapter, "7") == FOUND
        assert proxy.requests == [f"GET {url}/rows HTTP/1.1"]


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
async def test_a_tunnel_leads_to_a_department_with_tls(
    version: ssl.TLSVersion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROXY_PASSWORD", "open sesame")
    authority = trustme.CA()
    write_certificates(tmp_path / "forest", authority)
    body = json.dumps({"rows": [row("F/1", "7")]}).encode()
    tls = {"authority": "ca.pem", "certificate": "client.pem", "key": "client.key"}
    with wanting_certificates(authority, version, body) as url:
        async with running_proxy(ForwardProxy("hub", "open sesame")) as proxy:
            settings = {"url": proxy.url, "username": "hub", "password": PASSWORD}
            whole = connector(url, settings, tls=tls)
            async with department(tmp_path, whole, CAPABILITY) as adapter:
                assert await numbers(adapter, "7") == FOUND
            assert proxy.requests == [f"CONNECT {url.removeprefix('https://')} HTTP/1.1"]


@pytest.mark.parametrize("scheme", ["http", "https"])
async def test_a_proxy_that_rejects_the_hub(scheme: str, tmp_path: Path) -> None:
    async with running_proxy(ForwardProxy("somebody", "else")) as proxy:
        whole = connector(f"{scheme}://127.0.0.1:9", {"url": proxy.url})
        assert await refusal(tmp_path, whole) == "proxy: HTTP 407"


async def test_a_department_that_the_proxy_does_not_reach(tmp_path: Path) -> None:
    async with running_proxy(ForwardProxy()) as proxy:
        whole = connector("https://127.0.0.1:9", {"url": proxy.url})
        assert await refusal(tmp_path, whole) == "proxy: HTTP 502"


async def test_a_proxy_that_is_down(tmp_path: Path) -> None:
    async with running_proxy(ForwardProxy()) as proxy:
        url = proxy.url
    whole = connector("http://127.0.0.1:9", {"url": url})
    assert await refusal(tmp_path, whole) == "proxy: unreachable"


async def refusal(folder: Path, whole: dict[str, Any]) -> str:
    """Return the error's text about the proxy."""
    async with department(folder, whole, CAPABILITY) as adapter:
        with pytest.raises(DepartmentUnreachableError, match="through its proxy") as caught:
            async with asyncio.timeout(5):
                await numbers(adapter, "7")
    assert caught.value.fault is not None
    return caught.value.fault.code


async def test_proxies_of_the_environment_are_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    async with http_server(answer) as url:
        settings = {"kind": "rest", "base_url": url}
        async with department(tmp_path, settings, CAPABILITY) as adapter:
            assert await numbers(adapter, "7") == FOUND


@pytest.mark.parametrize(
    ("proxy", "message"),
    [
        ({"url": "http://hub:secret@proxy.example"}, "url"),
        ({"url": "http://proxy.example", "username": "hub"}, "go together"),
        (
            {"url": "http://proxy.example", "username": "hub", "password": "secret"},
            "never as literal text",
        ),
    ],
)
def test_credentials_of_the_proxy_must_be_references(
    proxy: dict[str, str], message: str, tmp_path: Path
) -> None:
    folder = write_department(tmp_path, connector("http://127.0.0.1:9", proxy), CAPABILITY)
    with pytest.raises(ManifestError, match=message):
        load_department(folder)
