"""Replies that break the rules of HTTP, lost connections, statuses without a body, Retry-After."""

import asyncio
import datetime as dt
from collections.abc import Sequence
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from adapters.connectors.http.errors import MOST_RETRY_AFTER
from adapters.connectors.http.transport import HttpReply, HttpRequest, HttpTransport
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentOverloadedError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from tests.connectors import soap_department
from tests.connectors.forest_department import department, numbers
from tests.connectors.soap_wsdls import document_wsdl
from tests.support.servers import StreamHandler, byte_server, http_server

OK = b"HTTP/1.1 200 OK\r\n"
CAPABILITY = {
    "call": {"path": "/applications", "query": {"of": "{key}"}},
    "rows": "rows",
    "key": "citizen",
}


def sends(*pieces: bytes, pause: float = 0.0) -> StreamHandler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return handle


async def sent_by(handler: StreamHandler, *requests: HttpRequest) -> list[HttpReply]:
    """Send requests one after another through one transport; return the replies."""
    async with byte_server(handler) as address:
        transport = HttpTransport("forest", connections=4, reply_bytes=1 << 20)
        url = f"http://{address}/"
        try:
            async with asyncio.timeout(5):
                return [
                    await transport.send(HttpRequest(each.method, url, {}, content=each.content,
                                                     repeatable=each.repeatable))
                    for each in requests or [HttpRequest("GET", "", {})]
                ]  # fmt: skip
        finally:
            await transport.close()


LENGTH_2 = b"Content-Length: 2\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
FAULTS: list[tuple[Sequence[bytes], str, str]] = [
    ((b"SOAP/1.1 200 OK\r\n" + LENGTH_2 + b"\r\n{}",), "STATUS_LINE", "status line"),
    ((b"\x15\x03\x01\x00\x02\x02\x28",), "STATUS_LINE", "status line"),
    ((b'{"rows": []}\r\n',), "STATUS_LINE", "status line"),
    ((b"HTTP/1.1 20 OK\r\n" + LENGTH_2 + b"\r\n{}",), "STATUS_LINE", "no valid status"),
    ((OK + b"X Bad: 1\r\n" + LENGTH_2 + b"\r\n{}",), "HEADER", "header is not well-formed"),
    ((OK + b"X-Bad: a\0b\r\n" + LENGTH_2 + b"\r\n{}",), "HEADER", "header is not well-formed"),
    ((OK + LENGTH_2 * 2 + b"\r\n{}",), "TWO_LENGTHS", "two headers Content-Length"),
    (
        (OK + LENGTH_2 + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",),
        "TWO_LENGTHS",
        "Content-Length and Transfer-Encoding",
    ),
    ((OK + b"Content-Length: -2\r\n\r\n{}",), "CONTENT_LENGTH", "not a number"),
    ((OK + b"Content-Length: two\r\n\r\n{}",), "CONTENT_LENGTH", "not a number"),
    ((OK + b"Content-Length: 9\r\n\r\n{}",), "INCOMPLETE_BODY", "ended after 2 of 9 bytes"),
    ((OK + LENGTH_2 + b"Connection: close\r\n\r\n{}{}",), "CONTENT_LENGTH", "longer than"),
    ((CHUNKED + b"zz\r\n{}\r\n0\r\n\r\n",), "CHUNK", "chunk of its body is damaged"),
    ((CHUNKED + b"2\r\n{}\r\n", b"zz\r\n"), "CHUNK", "chunk of its body is damaged"),
    ((CHUNKED + b"2\r\n{}\r\n",), "INCOMPLETE_BODY", "before the last chunk"),
    ((OK + b"X-A: b\r\n" * 500 + b"\r\n",), "TOO_MANY_HEADERS", "too many headers"),
    ((OK + b"X-A: " + b"b" * 100_000 + b"\r\n\r\n",), "LONG_HEADER", "more than 65536 bytes"),
]


@pytest.mark.parametrize(("pieces", "code", "words"), FAULTS)
async def test_a_reply_that_breaks_the_rules_of_http_says_which_rule(
    pieces: Sequence[bytes], code: str, words: str
) -> None:
    with pytest.raises(MalformedReplyError, match=words) as caught:
        await sent_by(sends(*pieces, pause=0.05 if len(pieces) > 1 else 0))
    assert caught.value.fault is not None
    assert caught.value.fault.code == code
    assert "connection" not in caught.value.message


READABLE = [
    OK + b"Set-Cookie: s=" + b"x" * 9000 + b"\r\n" + LENGTH_2 + b"\r\n{}",
    OK + b"X-Folded: a\r\n b\r\n" + LENGTH_2 + b"\r\n{}",
    b"HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
    b"HTTP/1.0 200\r\n\r\n{}",
    b"HTTP/1.1 100 Continue\r\n\r\n" + OK + LENGTH_2 + b"\r\n{}",
]


@pytest.mark.parametrize("reply", READABLE)
async def test_an_unusual_head_is_read(reply: bytes) -> None:
    (found,) = await sent_by(sends(reply))
    assert (found.status, found.body) == (200, b"{}")


async def test_a_body_of_many_pieces_is_read_on_a_kept_connection() -> None:
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK + b"Content-Length: 4\r\n\r\n")
            for piece in (b"ab", b"cd"):
                await writer.drain()
                await asyncio.sleep(0.02)
                writer.write(piece)

    get = HttpRequest("GET", "", {})
    replies = await sent_by(handle, get, get, get)
    assert [each.body for each in replies] == [b"abcd"] * 3
    assert connections == 1


class LosesKeptConnections:
    """Answers the first request of each connection, and closes it when the second one comes.

    Attributes:
        lost_with: bytes that are sent before a connection is closed.
        answering: number of connections that answer; later ones are closed at once.
        requests: number of requests on each connection.
    """

    def __init__(self, *, lost_with: bytes = b"", answering: int = 99) -> None:
        self.lost_with = lost_with
        self.answering = answering
        self.requests: list[int] = []

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.requests.append(0)
        number = len(self.requests) - 1
        while await reader.readuntil(b"\r\n\r\n"):
            self.requests[number] += 1
            if self.requests[number] > 1 or number >= self.answering:
                writer.write(self.lost_with)
                return
            writer.write(OK + LENGTH_2 + b"\r\n{}")


@pytest.mark.parametrize(
    "request_", [HttpRequest("GET", "", {}), HttpRequest("POST", "", {}, content=b"x")]
)
async def test_a_read_on_a_kept_connection_that_was_lost_is_sent_once_more(
    request_: HttpRequest,
) -> None:
    server = LosesKeptConnections()
    replies = await sent_by(server, *[request_] * 12)
    assert [each.body for each in replies] == [b"{}"] * 12


async def test_each_write_gets_a_new_connection() -> None:
    server = LosesKeptConnections()
    get = HttpRequest("GET", "", {})
    write = HttpRequest("POST", "", {}, content=b"x", repeatable=False)
    await sent_by(server, get, write, write)
    assert server.requests == [1, 1, 1]


async def test_a_write_whose_connection_is_lost_is_not_sent_again() -> None:
    server = LosesKeptConnections(answering=0)
    write = HttpRequest("POST", "", {}, content=b"x", repeatable=False)
    with pytest.raises(DepartmentUnreachableError, match="before its reply began") as caught:
        await sent_by(server, write)
    assert server.requests == [1]
    assert not caught.value.not_done


async def test_a_new_connection_that_is_lost_is_not_tried_again() -> None:
    connections = 0

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal connections
        connections += 1
        await reader.readuntil(b"\r\n\r\n")

    with pytest.raises(DepartmentUnreachableError, match="before its reply began") as caught:
        await sent_by(handle)
    assert connections == 1
    assert caught.value.fault is not None
    assert caught.value.fault.code == "NO_REPLY"


async def test_a_second_connection_that_is_lost_is_an_error() -> None:
    server = LosesKeptConnections(answering=1)
    get = HttpRequest("GET", "", {})
    with pytest.raises(DepartmentUnreachableError):
        await sent_by(server, get, get)
    assert server.requests == [2, 1]


async def test_a_kept_connection_that_is_lost_within_the_head_is_an_error() -> None:
    server = LosesKeptConnections(lost_with=b"HTTP/1.1 200 OK\r\nContent-Le")
    get = HttpRequest("GET", "", {})
    with pytest.raises(DepartmentError):
        await sent_by(server, get, get)
    assert server.requests == [2]


async def outcome(
    folder: Path, reply: web.Response, **connector: Any
) -> DepartmentError | dict[str, list[str]]:
    async def handler(_: web.Request) -> web.Response:
        return reply

    async with (
        http_server(handler) as url,
        department(folder, {"kind": "rest", "base_url": url, **connector}, CAPABILITY) as adapter,
    ):
        try:
            return await numbers(adapter, "7")
        except DepartmentError as error:
            return error


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        (204, b"", "empty reply (HTTP 204) instead of JSON"),
        (200, b"", "empty reply (HTTP 200) instead of JSON"),
        (200, b" \r\n", "empty reply (HTTP 200) instead of JSON"),
        (205, b"", "empty reply (HTTP 205) instead of JSON"),
        (304, b"", "nothing has changed (HTTP 304)"),
        (302, b"", "redirects to another address"),
        (200, b"rows: []", "not JSON. Its Content-Type is text/plain"),
        (200, b"<html><body>Hello</body></html>", "a web page instead of data"),
        (200, b"\xef\xbb\xbf<!-- x -->\n<!DOCTYPE HTML><html>", "a web page instead of data"),
        (404, b"<html>No such page</html>", "a web page instead of data"),
        (700, b"{}", "the HTTP status 700"),
    ],
)
async def test_a_reply_without_data_says_what_came(
    status: int, body: bytes, words: str, tmp_path: Path
) -> None:
    reply = web.Response(status=status, body=body or None, content_type="text/plain")
    error = await outcome(tmp_path, reply)
    assert isinstance(error, MalformedReplyError)
    assert words in error.message
    assert error.fault is not None
    assert error.fault.code == f"HTTP {status}"


async def test_an_encoding_that_the_hub_does_not_know_is_named(tmp_path: Path) -> None:
    reply = web.Response(body=b"\x0b\x02", headers={"Content-Encoding": "br"})
    error = await outcome(tmp_path, reply)
    assert isinstance(error, MalformedReplyError)
    assert "Its Content-Encoding is br." in error.message


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (401, DepartmentAuthError),
        (403, DepartmentAuthError),
        (429, DepartmentOverloadedError),
        (502, DepartmentFaultError),
        (503, DepartmentFaultError),
    ],
)
async def test_a_web_page_with_an_error_status_is_the_error_of_the_status(
    status: int, kind: type[DepartmentError], tmp_path: Path
) -> None:
    reply = web.Response(status=status, body=b"<html>nginx</html>", content_type="text/html")
    assert type(await outcome(tmp_path, reply)) is kind


async def test_an_empty_reply_over_soap_says_what_came(tmp_path: Path) -> None:
    with soap_department.running_server() as server:
        server.answer = lambda _: soap_department.Reply(b"", 202)
        adapter = soap_department.department(
            tmp_path,
            server.url,
            document_wsdl(),
            call='operation: Find\narguments: {Owner: "{keys}"}',
            rows="Row",
        )
        with pytest.raises(MalformedReplyError, match=r"empty reply \(HTTP 202\) instead of XML"):
            await soap_department.applications(adapter)
        await adapter.close()


NOW = dt.datetime(2026, 11, 28, 9, tzinfo=dt.UTC)


def at(seconds: float) -> str:
    return format_datetime(NOW + dt.timedelta(seconds=seconds), usegmt=True)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("30", 30),
        ("1.5", 1.5),
        (" 30 ", 30),
        ("0", None),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("30s", None),
        ("NaN", None),
        ("inf", None),
        ("99999999999", MOST_RETRY_AFTER),
        ("9" * 5000, MOST_RETRY_AFTER),
        (at(45), 45),
        (at(-45), None),
        (at(10**9), MOST_RETRY_AFTER),
        ("Saturday, 28-Nov-26 09:00:45 GMT", 45),
        ("Sat Nov 28 09:00:45 2026", 45),
        ("Sat, 99 Nov 2026 09:00:45 GMT", None),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_a_department_says_when_it_may_be_called_again(
    status: int, written: str, seconds: float | None, tmp_path: Path
) -> None:
    # The department's clock differs from the hub's: its own Date counts.
    headers = {"Retry-After": written, "Date": at(0)}
    error = await outcome(tmp_path, web.json_response({}, status=status, headers=headers))
    assert isinstance(error, DepartmentError)
    assert error.retry_after == seconds
    assert (error.back_at is None) == (seconds is None)
    assert ("calls it again at" in error.message) == (seconds is not None)


async def test_a_maintenance_page_may_say_when_it_ends(tmp_path: Path) -> None:
    page = web.Response(
        status=503,
        body=b"<html>Under maintenance</html>",
        content_type="text/html",
        headers={"Retry-After": "60"},
    )
    error = await outcome(tmp_path, page)
    assert isinstance(error, DepartmentMaintenanceError)
    assert error.retry_after == 60


async def test_other_statuses_demand_no_pause(tmp_path: Path) -> None:
    reply = web.json_response({}, status=500, headers={"Retry-After": "60"})
    error = await outcome(tmp_path, reply)
    assert isinstance(error, DepartmentFaultError)
    assert error.retry_after is None
