"""Replies of REST departments: unusual rows, XML, ETags, statuses; and hostile keys in requests."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import orjson
import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapters.assembly import build_adapter
from adapters.connectors.rest.requests import fill_headers, fill_path
from adapters.contract import (
    Capability,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentOverloadedError,
    DepartmentRefusedError,
    MalformedReplyError,
)
from adapters.manifest import ManifestError, load_department
from schema.status import ApplicationStatus
from tests.connectors.forest_department import (
    department,
    look_up,
    numbers,
    records,
    row,
    warning_parts,
    write_department,
)
from tests.connectors.rest_wires import WIRES
from tests.support.calls import call_context
from tests.support.servers import http_server

BATCH: dict[str, Any] = {
    "call": {"path": "/applications", "query": {"of": "{keys}"}},
    "keys": {"at_once": 50},
    "rows": "rows",
    "key": "citizen",
}


def connector(url: str, **more: Any) -> dict[str, Any]:
    return {"kind": "rest", "base_url": url, **more}


def answering(body: Any, status: int = 200) -> Any:
    content = body if isinstance(body, bytes) else orjson.dumps(body)

    async def handler(request: web.Request) -> web.Response:
        return web.Response(body=content, status=status)

    return handler


async def read_over(wire: str, rows: list[dict[str, Any]], tmp_path: Path, *keys: str) -> Any:
    how = WIRES[wire]
    async with (
        http_server(answering(how.write(rows))) as url,
        department(
            tmp_path, connector(url, **how.connector), {**BATCH, "rows": how.rows}
        ) as adapter,
    ):
        return await look_up(adapter, *keys)


@pytest.mark.parametrize("wire", WIRES)
async def test_a_thousand_rows(wire: str, tmp_path: Path) -> None:
    rows = [row(f"F/{n}", str(n % 10)) for n in range(1000)]
    found = await read_over(wire, rows, tmp_path, *map(str, range(10)))
    for key, own in found.items():
        assert [r.application_reference_number for r in records(own)] == [
            f"F/{n}" for n in range(1000) if str(n % 10) == key
        ]
        assert list(own.warnings) == []


@pytest.mark.parametrize("wire", WIRES)
async def test_devanagari_empty_null_and_missing_values(wire: str, tmp_path: Path) -> None:
    rows = [
        row("F/1", "7", name="रामदेवी", note="दस्तावेज़ अधूरा"),
        row("F/2", "7", name="", note="  "),
        row("F/3", "7", name=None, note="NA"),
        row("F/4", "7"),
    ]
    found = (await read_over(wire, rows, tmp_path, "7"))["7"]
    shown = [(each.applicant_name, each.status_notes) for each in records(found)]
    assert shown == [("रामदेवी", "दस्तावेज़ अधूरा"), (None, None), (None, None), (None, None)]
    assert list(found.warnings) == []


@pytest.mark.parametrize("wire", WIRES)
async def test_a_code_stays_text_and_an_unknown_code_causes_a_warning(
    wire: str, tmp_path: Path
) -> None:
    rows = [{**row("F/1", "7"), "status": "02"}, {**row("F/2", "7"), "status": "2"}]
    found = (await read_over(wire, rows, tmp_path, "7"))["7"]
    shown = [(e.application_status, e.department_status.code) for e in records(found)]
    assert shown == [
        (ApplicationStatus.SUBMITTED, "02"),
        (ApplicationStatus.UNKNOWN, "2"),
    ]
    assert list(map(warning_parts, found.warnings)) == [("UNKNOWN_CODE", "applicationStatus", "2")]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_value_of_the_wrong_type_affects_only_its_field(wire: str, tmp_path: Path) -> None:
    rows = [{**row("F/1", "7", note={"a": "b"}), "made": "31/02/2026"}]
    found = (await read_over(wire, rows, tmp_path, "7"))["7"]
    (record,) = records(found)
    assert (record.status_notes, record.requested_datetime) == (None, None)
    invalid = {(code, field): raw for code, field, raw in map(warning_parts, found.warnings)}
    assert invalid[("INVALID_VALUE", "requestedDatetime")] == "31/02/2026"
    note = invalid[("INVALID_VALUE", "statusNotes")]
    assert note is not None
    assert "b" in note


@pytest.mark.parametrize("wire", WIRES)
async def test_extra_fields_of_a_row_are_ignored(wire: str, tmp_path: Path) -> None:
    rows = [row("F/1", "7", extra={"deep": {"er": "x"}}, another="1")]
    found = (await read_over(wire, rows, tmp_path, "7"))["7"]
    assert len(records(found)) == 1
    assert list(found.warnings) == []


@pytest.mark.parametrize("wire", WIRES)
async def test_a_duplicate_row_and_an_unrequested_row(wire: str, tmp_path: Path) -> None:
    rows = [row("F/1", "7"), row("F/1", "7"), row("F/2", "8"), row("F/3", "9"), row("F/4", "9")]
    found = await read_over(wire, rows, tmp_path, "7", "8")
    # The federation merges duplicates, with a warning.
    assert [e.application_reference_number for e in records(found["7"])] == ["F/1", "F/1"]
    assert [e.application_reference_number for e in records(found["8"])] == ["F/2"]
    for own in found.values():
        assert list(map(warning_parts, own.warnings)) == [("UNREQUESTED_ROW", None, None)]


@pytest.mark.parametrize("wire", WIRES)
async def test_a_row_without_its_number_causes_a_warning(wire: str, tmp_path: Path) -> None:
    rows = [{**row("", "7")}, row("F/2", "7")]
    found = (await read_over(wire, rows, tmp_path, "7"))["7"]
    assert [e.application_reference_number for e in records(found)] == ["F/2"]
    assert list(map(warning_parts, found.warnings)) == [
        ("UNUSABLE_ROW", "applicationReferenceNumber", None)
    ]


@pytest.mark.parametrize("wire", WIRES)
@pytest.mark.parametrize("rows", [[], [row("F/1", "7")]])
async def test_no_row_and_one_row(wire: str, rows: list[dict[str, Any]], tmp_path: Path) -> None:
    found = await read_over(wire, rows, tmp_path, "7", "8")
    assert len(records(found["7"])) == len(rows)
    assert records(found["8"]) == []


async def test_a_whole_table_causes_no_warning(tmp_path: Path) -> None:
    table = [row(f"F/{n}", str(n)) for n in range(500)]
    capability = {**BATCH, "call": {"path": "/all", "whole_table": True}}
    async with (
        http_server(answering({"rows": table})) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        found = await look_up(adapter, "3", "4", "none")
    assert {key: len(records(own)) for key, own in found.items()} == {"3": 1, "4": 1, "none": 0}
    assert [list(own.warnings) for own in found.values()] == [[], [], []]


NO_ROWS: list[Any] = [{"rows": []}, {"rows": None}, {"rows": ""}, {"rows": [], "more": 1}, None]


@pytest.mark.parametrize("body", NO_ROWS)
async def test_the_many_ways_to_report_no_rows(body: Any, tmp_path: Path) -> None:
    async with (
        http_server(answering(body)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        assert await numbers(adapter, "7") == {"7": []}


ANOTHER_FORM: list[bytes] = [
    b"{}",
    b"[]",
    b"7",
    b'"rows"',
    b'{"rows": 7}',
    b'{"rows": "none"}',
    b'{"rows": [7]}',
    b'{"error": "INTERNAL"}',
    b"{",
    b"",
    b"\xff\xfe",
    b"[" * 5000,
]


@pytest.mark.parametrize("body", ANOTHER_FORM)
async def test_a_reply_with_an_unexpected_form_is_an_error_and_not_no_rows(
    body: bytes, tmp_path: Path
) -> None:
    async with (
        http_server(answering(body)) as url,
        department(tmp_path, connector(url), BATCH) as adapter,
    ):
        with pytest.raises(MalformedReplyError):
            await numbers(adapter, "7")


ENVELOPE = {
    "ok": "done=true",
    "code": "code",
    "message": "msg",
    "empty": ["E1"],
    "auth_failed": ["E2"],
}
ENVELOPES: list[tuple[Any, type[DepartmentError] | None]] = [
    ({"done": True, "rows": [row("F/1", "7")]}, None),
    ({"done": "true", "rows": [row("F/1", "7")]}, None),
    ({"done": False, "code": "E1"}, None),
    ({"done": False, "code": "E2", "msg": "who?"}, DepartmentAuthError),
    ({"done": False, "code": "E3", "msg": "ORA-00942"}, DepartmentFaultError),
    ({"code": "E3"}, DepartmentFaultError),
    ([], MalformedReplyError),
    ({"done": {"deep": 1}}, DepartmentFaultError),
]


@pytest.mark.parametrize(("body", "error"), ENVELOPES)
async def test_the_envelope_decides_and_not_the_http_status(
    body: Any, error: type[DepartmentError] | None, tmp_path: Path
) -> None:
    async with (
        http_server(answering(body)) as url,
        department(tmp_path, connector(url, envelope=ENVELOPE), BATCH) as adapter,
    ):
        if error is None:
            assert len((await numbers(adapter, "7"))["7"]) == len(body.get("rows", []))
            return
        with pytest.raises(error):
            await numbers(adapter, "7")


async def test_a_path_that_exists_only_in_a_failure(tmp_path: Path) -> None:
    rule = {"error": "problem/id", "code": "problem/id", "message": "problem/text"}
    body = {"problem": {"id": "P7", "text": "no disk"}, "rows": []}
    async with (
        http_server(answering(body)) as url,
        department(tmp_path, connector(url, envelope=rule), BATCH) as adapter,
    ):
        with pytest.raises(DepartmentFaultError) as caught:
            await numbers(adapter, "7")
    assert caught.value.fault is not None
    assert (caught.value.fault.code, caught.value.fault.string) == ("P7", "no disk")


STATUSES: list[tuple[int, bytes, type[DepartmentError] | None]] = [
    (204, b"", None),
    (404, b'{"error": "none of that name"}', None),
    (500, b"", None),
    (500, b" \n", None),
    (500, b'{"error": "disk full"}', DepartmentFaultError),
    (200, b"", None),
    (400, b"", DepartmentRefusedError),
    (401, b"<html>Login</html>", DepartmentAuthError),
    (408, b"", DepartmentFaultError),
    (429, b'{"error": "slow down"}', DepartmentOverloadedError),
    (503, b"", DepartmentFaultError),
]


@pytest.mark.parametrize(("status", "body", "error"), STATUSES)
async def test_statuses_that_mean_no_rows_according_to_the_manifest(
    status: int, body: bytes, error: type[DepartmentError] | None, tmp_path: Path
) -> None:
    call = {**BATCH["call"], "empty_statuses": [204, 404], "bodiless_statuses": [200, 500]}
    async with (
        http_server(answering(body, status)) as url,
        department(tmp_path, connector(url), {**BATCH, "call": call}) as adapter,
    ):
        if error is None:
            assert await numbers(adapter, "7") == {"7": []}
            return
        with pytest.raises(error):
            await numbers(adapter, "7")


# ETags.


async def test_an_unchanged_reply_is_not_sent_again(tmp_path: Path) -> None:
    sent: list[str] = []
    version = 1

    async def handler(request: web.Request) -> web.Response:
        tag = f'"v{version}-{request.query["of"]}"'
        if request.headers.get("If-None-Match") == tag:
            sent.append("304")
            return web.Response(status=304, headers={"ETag": tag})
        sent.append("200")
        body = {"rows": [row(f"F/{version}", request.query["of"])]}
        return web.json_response(body, headers={"ETag": tag})

    rule = {"bytes": "8KiB", "keep": "10m"}
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, etags=rule), BATCH) as adapter,
    ):
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        assert await numbers(adapter, "7") == {"7": ["F/1"]}
        # Another key is another request.
        assert await numbers(adapter, "8") == {"8": ["F/1"]}
        assert sent == ["200", "304", "200"]
        version = 2
        assert await numbers(adapter, "7") == {"7": ["F/2"]}
        assert sent[3:] == ["200"]
        # When full, the least recently used reply is deleted.
        for key in range(20, 40):
            await numbers(adapter, str(key))
        sent.clear()
        await numbers(adapter, "8")
        assert sent == ["200"]


async def test_stored_replies_are_deleted_when_a_citizen_is_erased(
    tmp_path: Path,
) -> None:
    etags_sent: list[str | None] = []
    answer, received = asyncio.Event(), asyncio.Event()

    async def handler(request: web.Request) -> web.Response:
        etags_sent.append(request.headers.get("If-None-Match"))
        received.set()
        await answer.wait()
        return web.json_response({"rows": [row("F/1", "7")]}, headers={"ETag": '"v1"'})

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, etags={}), BATCH) as adapter,
    ):
        answer.set()
        await numbers(adapter, "7")
        assert await adapter.erase(["7"]) == 0
        await numbers(adapter, "7")
        # The reply of a request under way is not stored.
        answer.clear()
        received.clear()
        under_way = asyncio.create_task(numbers(adapter, "7"))
        await received.wait()
        await adapter.erase(["7"])
        answer.set()
        assert await under_way == {"7": ["F/1"]}
        await numbers(adapter, "7")
    assert etags_sent == [None, None, '"v1"', None]


@pytest.mark.parametrize("headers", [{}, {"ETag": '"x"', "Cache-Control": "no-store"}])
async def test_replies_that_forbid_storing_are_not_stored(
    headers: dict[str, str], tmp_path: Path
) -> None:
    etags_sent: list[str | None] = []

    async def handler(request: web.Request) -> web.Response:
        etags_sent.append(request.headers.get("If-None-Match"))
        return web.json_response({"rows": [row("F/1", "7")]}, headers=headers)

    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url, etags={}), BATCH) as adapter,
    ):
        await numbers(adapter, "7")
        await numbers(adapter, "7")
    assert etags_sent == [None, None]


# Requests.


async def test_bodies_in_every_format(tmp_path: Path) -> None:
    seen: list[tuple[str, bytes]] = []

    async def handler(request: web.Request) -> web.Response:
        seen.append((request.headers["Content-Type"], await request.read()))
        return web.json_response({"rows": []})

    calls: list[dict[str, Any]] = [
        {"body": {"of": "{keys}", "sort": {"by": "date"}}},
        {"body": {"of": "{keys}", "sort": "date"}, "body_format": "form"},
        {
            "body": {"f:ask": {"@version": "2", "of": "{keys}", "f:sort": "a<b"}},
            "body_format": "xml",
        },
    ]
    for call in calls:
        whole = {**BATCH, "call": {"method": "POST", "path": "/ask", **call}}
        namespaces = {"f": "urn:forest"}
        async with (
            http_server(handler) as url,
            department(tmp_path, connector(url, namespaces=namespaces), whole) as adapter,
        ):
            await numbers(adapter, "7", "वन")
    as_json, as_form, as_xml = seen
    assert as_json[0] == "application/json"
    assert orjson.loads(as_json[1]) == {"of": ["7", "वन"], "sort": {"by": "date"}}
    assert as_form[0] == "application/x-www-form-urlencoded"
    assert parse_qs(as_form[1].decode()) == {"of": ["7", "वन"], "sort": ["date"]}
    assert as_xml[0] == "application/xml; charset=utf-8"
    assert as_xml[1].decode() == (
        "<?xml version='1.0' encoding='utf-8'?>\n"
        '<f:ask xmlns:f="urn:forest" version="2"><of>7</of><of>वन</of>'
        "<f:sort>a&lt;b</f:sort></f:ask>"
    )


async def test_a_key_with_characters_that_xml_forbids(tmp_path: Path) -> None:
    call = {
        "method": "POST",
        "path": "/",
        "body": {"ask": {"of": "{keys}"}},
        "body_format": "xml",
    }
    async with department(tmp_path, connector("http://127.0.0.1:1"), {**BATCH, "call": call}) as it:
        with pytest.raises(DepartmentRefusedError):
            await numbers(it, "a\x0bb")


@pytest.mark.parametrize(
    "call",
    [
        {"path": "/", "body": {"of": "{keys}"}},
        {"method": "POST", "path": "/", "body": {"a": "1", "b": "2"}, "body_format": "xml"},
    ],
)
def test_a_call_that_can_never_work_is_refused(call: Mapping[str, Any], tmp_path: Path) -> None:
    folder = write_department(tmp_path, connector("http://x"), {**BATCH, "call": call})
    with pytest.raises(ManifestError, match="body"):
        build_adapter(load_department(folder))


# Keys in paths.

HOSTILE = ["..", ".", "../admin", "a/../../b", "..\\x", "%2e%2e", "%252e%252e/x", "", " ", "a/.."]


@pytest.mark.parametrize("key", HOSTILE)
def test_a_key_that_would_change_the_path_is_refused(key: str) -> None:
    assert fill_path("/applications/{key}", {"key": key}) is None
    assert fill_path("/applications/{key}/status", {"key": key}) is None


def test_keys_joined_in_a_segment_cannot_leave_the_path() -> None:
    assert fill_path("/a/{x}{y}/b", {"x": ".", "y": "z"}) is None
    assert fill_path("/a/.{x}/b", {"x": "."}) is None
    assert fill_path("/a/{keys}", {"keys": ["1", ".."]}) is None
    assert fill_path("/a/{keys}", {"keys": ["1/2", "३"]}) == "/a/1%2F2,%E0%A5%A9"


@given(st.text(max_size=60))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_any_key_stays_one_segment_of_the_path(key: str) -> None:
    path = fill_path("/applications/{key}/status", {"key": key})
    if path is None:
        return
    _, first, segment, last = path.split("/")
    assert (first, last) == ("applications", "status")
    assert unquote(segment) == key
    assert segment not in ("", ".", "..")
    assert not set("?#\\ \r\n") & set(segment)


@given(st.text(max_size=60))
def test_any_key_stays_one_header(key: str) -> None:
    (value,) = fill_headers({"X-Key": "k={key}"}, {"key": key}).values()
    assert unquote(value) == f"k={key}"
    assert value.isascii()
    assert value.isprintable()


async def test_a_hostile_key_is_not_sent(tmp_path: Path) -> None:
    paths: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        paths.append(request.raw_path)
        return web.json_response({"rows": []})

    capability = {
        "call": {"path": "/applications/{key}"},
        "rows": "rows",
        "key": "citizen",
    }
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), capability) as adapter,
    ):
        assert await numbers(adapter, *HOSTILE, "a/b") == {
            **{key: [] for key in HOSTILE},
            "a/b": [],
        }
    assert paths == ["/applications/a%2Fb"]


@pytest.mark.parametrize(
    ("since", "written"),
    [
        ("2026-11-24T18:29:00+00:00", "24/11/2026 23:59"),
        ("2026-11-24T18:30:00+00:00", "25/11/2026 00:00"),
        ("2026-11-24T23:00:00-08:00", "25/11/2026 12:30"),
    ],
)
async def test_a_moment_is_written_in_the_departments_time_zone(
    since: str, written: str, tmp_path: Path
) -> None:
    requests: list[str] = []

    async def handler(request: web.Request) -> web.Response:
        requests.append(request.query["from"])
        return web.json_response({"rows": []})

    capability = {
        "call": {"path": "/changed", "query": {"from": "{since:dd/mm/yyyy HH:MM}"}},
        "rows": "rows",
    }
    which = Capability.APPLICATIONS_CHANGES_SINCE
    async with (
        http_server(handler) as url,
        department(tmp_path, connector(url), capability, capability_name=which.value) as adapter,
    ):
        await adapter.search(which, {"since": dt.datetime.fromisoformat(since)}, call_context())
    assert requests == [written]


XML_ROW = (
    "<row><number>{}</number><citizen>7</citizen><status>04</status><made>03/11/2026</made>"
    "<note>a&#x0B;b</note></row>"
)


@pytest.mark.parametrize("pages", [None, {"by": "page", "size": 1}])
async def test_forbidden_characters_in_xml_cause_a_warning(
    pages: dict[str, Any] | None, tmp_path: Path
) -> None:
    async def handler(request: web.Request) -> web.Response:
        row = XML_ROW.format("F/1") if request.query.get("page") in (None, "1") else ""
        return web.Response(text=f"<rows>{row}</rows>")

    call = {"path": "/applications", "query": {"of": "{keys}", "page": "{page}"}}
    capability = {**BATCH, "call": {**call, "pages": pages} if pages else BATCH["call"]}
    async with (
        http_server(handler) as url,
        department(
            tmp_path, connector(url, replies="xml"), {**capability, "rows": "rows/row"}
        ) as adapter,
    ):
        found = (await look_up(adapter, "7"))["7"]
    assert [each.status_notes for each in records(found)] == ["ab"]
    assert list(map(warning_parts, found.warnings)) == [("FORBIDDEN_CHARACTERS", None, "&#x0B;")]
