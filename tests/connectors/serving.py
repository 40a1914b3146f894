"""A department for one test: a real HTTP server in the test's own loop, and its adapter."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from adapters.adapter import ManifestAdapter
from adapters.assembly import build_adapter
from adapters.contract import CallContext, Capability, Rows
from adapters.manifest import load_department
from schema.application import Application
from schema.provenance import SourceWarning

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BY_CITIZEN = Capability.APPLICATIONS_BY_CITIZEN

RECORD: Mapping[str, Any] = {
    "applicationReferenceNumber": "number",
    "applicationStatus": {"path": "status", "codes": "status"},
    "departmentStatus": {"fields": {"code": "status"}},
    "statusNotes": "note",
    "requestedDatetime": {"path": "made", "format": "dd/mm/yyyy"},
    "applicantName": "name",
}
CODES = {
    "tables": {
        "status": {"enum": "ApplicationStatus", "codes": {"02": "SUBMITTED", "04": "APPROVED"}}
    }
}


@asynccontextmanager
async def serving(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """The URL of a server that answers every request by `handler`."""

    async def answer(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    application = web.Application()
    application.router.add_route("*", "/{path:(?s:.*)}", answer)
    runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        name = "localhost" if tls is not None else host
        yield f"{'https' if tls is not None else 'http'}://{name}:{port}"
    finally:
        await runner.cleanup()


def write_department(
    folder: Path,
    connector: Mapping[str, Any],
    capability: Mapping[str, Any],
    *,
    limits: Mapping[str, Any] | None = None,
    capability_name: str = BY_CITIZEN.value,
) -> Path:
    """The folder of a department `forest` whose manifest has this connector and capability."""
    place = folder / "forest"
    place.mkdir(exist_ok=True)
    content = {
        "manifest": 1,
        "department": "forest",
        "label": {"en": "Forests", "hi": "वन विभाग"},
        "identity": {"scheme": "FOREST_NO"},
        "connector": connector,
        "limits": {"deadline": "5s", "concurrency": 64, "reply_bytes": "4MiB", **(limits or {})},
        "capabilities": {capability_name: {"record": "application", **capability}},
        "records": {"application": RECORD},
    }
    written = yaml.safe_dump(content, allow_unicode=True, sort_keys=False)
    (place / "department.yaml").write_text(written, encoding="utf-8")
    (place / "codes.yaml").write_text(yaml.safe_dump(CODES), encoding="utf-8")
    return place


@asynccontextmanager
async def department(
    folder: Path,
    connector: Mapping[str, Any],
    capability: Mapping[str, Any],
    **more: Any,
) -> AsyncIterator[ManifestAdapter]:
    """The adapter of `write_department`'s department."""
    adapter = build_adapter(
        load_department(write_department(folder, connector, capability, **more))
    )
    try:
        yield adapter
    finally:
        await adapter.close()


def context(seconds: float = 10, correlation_id: str = "test", caller: str = "") -> CallContext:
    deadline = asyncio.get_running_loop().time() + seconds
    return CallContext(correlation_id, deadline, caller=caller)


async def look_up(adapter: ManifestAdapter, *keys: str) -> dict[str, Rows]:
    """By key, its rows; fails where a key has an error of its own."""
    reply = await adapter.look_up(BY_CITIZEN, keys, context())
    results: dict[str, Rows] = {}
    for key, rows in reply.results.items():
        assert isinstance(rows, Rows), rows
        results[key] = rows
    return results


async def numbers(adapter: ManifestAdapter, *keys: str) -> dict[str, list[str]]:
    """By key, the numbers of its applications."""
    found = await look_up(adapter, *keys)
    return {key: [each.application_reference_number for each in records(rows)]
            for key, rows in found.items()}  # fmt: skip


def records(rows: Rows) -> list[Application]:
    return [record for record in rows.records if isinstance(record, Application)]


def told(warning: SourceWarning) -> tuple[str, str | None, str | None]:
    return warning.code, warning.field_path, warning.raw


def row(number: str, citizen: str, **more: Any) -> dict[str, Any]:
    """A row as the department has it."""
    return {"number": number, "citizen": citizen, "status": "04", "made": "03/11/2026", **more}
