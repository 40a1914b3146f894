"""Credentials in files: a changed file is used at once, and a wrong one is not."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.assembly import build_adapter
from adapters.contract import Capability, DepartmentError
from adapters.manifest import load_department
from hub.link import DepartmentLink
from hub.link.credential_reload import CredentialReload
from hub.observe import Metrics
from tests.connectors.forest_department import row, write_department
from tests.support.calls import call_context
from tests.support.servers import http_server

CAPABILITY = {
    "call": {"path": "/applications", "query": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}


class Forest:
    """A department that accepts one key, and its link in the hub."""

    def __init__(self, folder: Path, url: str) -> None:
        self.accepted = "first"
        self.release = asyncio.Event()
        self.release.set()
        self.key_file = folder / "key"
        self.key_file.write_text("first\n")
        auth = {"kind": "api_key", "header": "X-Key", "value": f"${{file:{self.key_file}}}"}
        connector = {"kind": "rest", "base_url": url, "auth": auth}
        retries = {"retries": {"attempts": 1}}
        manifest = load_department(write_department(folder, connector, CAPABILITY, limits=retries))
        assert manifest.referred_files == {self.key_file}

        def build() -> Any:
            return build_adapter(load_department(manifest.folder))

        metrics = Metrics().department("forest")
        self.link = DepartmentLink(build(), manifest.file.limits, metrics)
        self.reload = CredentialReload(manifest, self.link, build)

    async def respond(self, request: web.Request) -> web.Response:
        key = request.headers["X-Key"]
        await self.release.wait()
        if key != self.accepted:
            return web.Response(status=401)
        return web.json_response({"rows": [row("F/1", request.query["of"])]})

    async def outcome(self, key: str) -> str:
        try:
            reply = await self.link.look_up(
                Capability.APPLICATIONS_BY_CITIZEN, [key], call_context()
            )
        except DepartmentError as error:
            return error.code
        found = reply.results[key]
        return found.code if isinstance(found, DepartmentError) else "ok"


@contextlib.asynccontextmanager
async def forest_in(folder: Path) -> AsyncIterator[Forest]:
    forest: list[Forest] = []

    async def respond(request: web.Request) -> web.Response:
        return await forest[0].respond(request)

    async with http_server(respond) as url:
        forest.append(Forest(folder, url))
        try:
            yield forest[0]
        finally:
            await forest[0].reload.close()
            await forest[0].link.close()


async def test_a_changed_key_is_used_by_the_next_call(tmp_path: Path) -> None:
    async with forest_in(tmp_path) as forest:
        assert await forest.outcome("7") == "ok"
        forest.accepted = "second"
        assert await forest.outcome("8") == "DEPARTMENT_AUTH_FAILED"
        forest.key_file.write_text("second\n")
        await forest.reload.check()
        assert await forest.outcome("9") == "ok"


async def test_running_calls_end_with_the_key_that_they_began_with(tmp_path: Path) -> None:
    async with forest_in(tmp_path) as forest:
        forest.release.clear()
        running = asyncio.ensure_future(forest.outcome("7"))
        await asyncio.sleep(0.1)
        forest.key_file.write_text("second\n")
        await forest.reload.check()
        forest.release.set()
        assert await running == "ok"


async def test_without_the_file_the_present_key_stays(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with forest_in(tmp_path) as forest:
        forest.key_file.unlink()
        with caplog.at_level(logging.ERROR):
            await forest.reload.check()
        assert "The new credentials of forest can't be used" in caplog.text
        assert await forest.outcome("7") == "ok"
        forest.key_file.write_text("first\n")
        await forest.reload.check()
        assert await forest.outcome("8") == "ok"


async def test_nothing_happens_while_the_file_is_the_same(tmp_path: Path) -> None:
    async with forest_in(tmp_path) as forest:
        before = forest.link._adapter
        await forest.reload.check()
        assert forest.link._adapter is before
