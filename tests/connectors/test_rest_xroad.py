"""REST departments behind X-Road: headers, addresses, and the source of errors."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from aiohttp import web
from multidict import CIMultiDict, CIMultiDictProxy

from adapters.assembly import build_adapter
from adapters.connectors.http.transport import HttpReply
from adapters.connectors.rest.xroad import rest_error
from adapters.contract import (
    CallContext,
    Capability,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentUnreachableError,
)
from adapters.manifest import ManifestError, load_department
from adapters.workbench.look_ups import look_up_all
from schema.errors import ErrorSource
from tests.connectors.forest_department import (
    department,
    numbers,
    row,
    write_department,
)
from tests.support.calls import call_context
from tests.support.servers import http_server

BY_KEY = {"call": {"path": "/applications/{key}"}, "rows": "rows", "key": "citizen"}


def connector(url: str, **more: Any) -> dict[str, Any]:
    xroad = {
        "client": "HR/GOV/CRID/HUB",
        "service": "HR/GOV/FOR/वन/licences v2",
        "issue": "{key}",
        **more,
    }
    return {"kind": "rest", "base_url": url, "xroad": xroad}


async def test_x_roads_headers_are_sent(tmp_path: Path) -> None:
    seen: list[web.Request] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request)
        return web.json_response({"rows": [row("F/1", "F/2026/1 \n é")]})

    more = {
        "user_id": "officer-7",
        "represented_party": "COM/1234",
        "security_server": "HR/GOV/FOR/ss 1",
    }
    async with (
        http_server(handler) as url,
        department(
            tmp_path,
            connector(url, **more),
            BY_KEY,
            capability_name="applications_by_reference",
        ) as adapter,
    ):
        capability = Capability.APPLICATIONS_BY_REFERENCE
        context: CallContext = call_context(correlation_id="c-42")
        await look_up_all(adapter, capability, ["F/2026/1 \n é"], context)
    (request,) = seen
    sent = {name: value for name, value in request.headers.items() if name.startswith("X-Road")}
    assert sent == {
        "X-Road-Client": "HR/GOV/CRID/HUB",
        "X-Road-Id": "c-42",
        "X-Road-UserId": "officer-7",
        "X-Road-Issue": "F/2026/1 %0A %C3%A9",
        "X-Road-Represented-Party": "COM/1234",
        "X-Road-Security-Server": "HR/GOV/FOR/ss%201",
    }
    assert request.raw_path == (
        "/r1/HR/GOV/FOR/%E0%A4%B5%E0%A4%A8/licences%20v2/applications/F%2F2026%2F1%20%0A%20%C3%A9"
    )


@pytest.mark.parametrize(
    ("caller", "sent"),
    [("M 77", "HR-M 77"), ("सीता", "HR-%E0%A4%B8%E0%A5%80%E0%A4%A4%E0%A4%BE"), ("", None)],
)
async def test_the_caller_is_sent_as_user(caller: str, sent: str | None, tmp_path: Path) -> None:
    seen: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append(request.headers.get("X-Road-UserId"))
        return web.json_response({"rows": []})

    settings = {"user_id": "HR-{caller}"}
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, **settings), BY_KEY) as adapter,
    ):
        await adapter.look_up(
            Capability.APPLICATIONS_BY_CITIZEN, ["7"], call_context(caller=caller)
        )
    assert seen == [sent]


async def test_a_citizens_number_is_never_sent_as_issue(tmp_path: Path) -> None:
    issues: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        issues.append(request.headers.get("X-Road-Issue"))
        return web.json_response({"rows": []})

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), BY_KEY) as adapter,
    ):
        await numbers(adapter, "7")
    assert issues == [None]


CODES: list[tuple[str, type[DepartmentError]]] = [
    ("Server.ServerProxy.NetworkError", DepartmentUnreachableError),
    ("network_error", DepartmentUnreachableError),
    ("Server.ClientProxy.NetworkError", DepartmentUnreachableError),
    ("Server.ClientProxy.IOError", DepartmentUnreachableError),
    ("io_error", DepartmentUnreachableError),
    ("Server.ServerProxy.AccessDenied", DepartmentAuthError),
    ("access_denied", DepartmentAuthError),
    ("Client.SslAuthenticationFailed", DepartmentAuthError),
    ("ssl_authentication_failed", DepartmentAuthError),
    ("Server.ServerProxy.ServiceDisabled", DepartmentMaintenanceError),
    ("service_disabled", DepartmentMaintenanceError),
    ("maintenance_mode", DepartmentMaintenanceError),
    ("Server.ServerProxy.MaintenanceMode", DepartmentMaintenanceError),
    ("Server.ServerProxy.ServiceFailed.HttpError", DepartmentFaultError),
    ("service_failed", DepartmentFaultError),
    ("Server.ServerProxy.UnknownService", DepartmentRefusedError),
    ("unknown_service", DepartmentRefusedError),
    ("Client.UnknownMember", DepartmentRefusedError),
    ("missing_header_field", DepartmentRefusedError),
    ("something_new", DepartmentFaultError),
]


@pytest.mark.parametrize(("code", "error"), CODES)
def test_both_spellings_of_a_code_mean_the_same(code: str, error: type[DepartmentError]) -> None:
    body = {"type": code, "message": "reported by the server", "detail": "b2a7"}
    headers = CIMultiDictProxy(CIMultiDict({"x-road-error": code}))
    found = rest_error("forest", HttpReply(500, orjson.dumps(body), headers))
    assert type(found) is error
    assert found.source is ErrorSource.EXCHANGE
    assert found.fault is not None
    assert (found.fault.code, found.fault.string) == (code, "reported by the server")
    assert found.fault.detail == {"xroad": "b2a7"}


@pytest.mark.parametrize("in_body", [True, False])
async def test_errors_of_x_road_and_of_the_department_are_distinguished(
    in_body: bool, tmp_path: Path
) -> None:
    mine = True

    async def handler(request: web.Request) -> web.Response:
        headers = {"X-Road-Error": "Server.ServerProxy.NetworkError"} if mine else {}
        body: Any = "<html>" if not in_body else {
            "type": "Server.ServerProxy.NetworkError",
            "message": "Could not connect to any target host",
            "detail": "b2a7",
        }  # fmt: skip
        return web.json_response(body, status=500, headers=headers)

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), BY_KEY) as adapter,
    ):
        with pytest.raises(DepartmentUnreachableError) as caught:
            await numbers(adapter, "7")
        assert caught.value.fault is not None
        assert caught.value.fault.code == "Server.ServerProxy.NetworkError"
        mine = False
        with pytest.raises(DepartmentFaultError) as failed:
            await numbers(adapter, "7")
        assert failed.value.source is ErrorSource.DEPARTMENT
        assert failed.value.fault is not None
        assert failed.value.fault.code == "HTTP 500"


@pytest.mark.parametrize(
    "wrong",
    [
        {"client": "HR/GOV/CRID"},
        {"client": "HR//CRID/HUB"},
        {"service": "HR/GOV/FOR/LIC"},
        {"service": "HR/GOV/../LIC/x"},
    ],
)
def test_an_identifier_has_all_its_parts(wrong: dict[str, str], tmp_path: Path) -> None:
    folder = write_department(tmp_path, connector("http://x", **wrong), BY_KEY)
    with pytest.raises(ManifestError, match=r"INSTANCE/CLASS/MEMBER/SUBSYSTEM"):
        build_adapter(load_department(folder))
