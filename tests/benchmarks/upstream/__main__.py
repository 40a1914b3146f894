"""`python -m tests.benchmarks.upstream`: prints its URL and serves the static replies.

    POST /registry/citizens/batch            citizens by `SCHEME:number`
    GET  /rest/EVENTS/applications           `pageSize` applications with EVENTS steps each
    GET  /rest/EVENTS/applications?citizens= applications of one citizen
    GET  /rest/EVENTS/benefits?citizens=     benefits of one citizen
    POST /soap                               the SOAP department
    POST /office/applications                stores an application, returns its number
    POST /office/grievances                  stores a complaint, returns its number
    GET  /office/applications?receipts=      finds applications; /office/grievances likewise
    GET  /calls                              number of answered requests of the above
    GET  /arrived                            number of applications and complaints that arrived

Ends when its standard input is closed.
"""

import asyncio
import sys
from functools import lru_cache
from typing import cast

import httptools
import uvloop

from tests.benchmarks.upstream import rest, soap
from tests.benchmarks.upstream.office import Office

CITIZENS_PARAMETER = b"citizens="
ROWS_PARAMETER = b"pageSize="
OFFICE = b"/office/"


class Upstream(asyncio.Protocol):
    """One keep-alive connection. Each response is one write."""

    calls = 0
    """Number of calls answered on all connections."""
    office = Office()

    def __init__(self) -> None:
        self._parser = httptools.HttpRequestParser(self)
        self._url = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_message_begin(self) -> None:
        self._url = b""
        self._body.clear()

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        if self._url == b"/calls":
            self._transport.write(_response(b"%d" % Upstream.calls, "text/plain"))
            return
        if self._url == b"/arrived":
            self._transport.write(_response(b"%d" % Upstream.office.arrived, "text/plain"))
            return
        Upstream.calls += 1
        if self._url.startswith(OFFICE):
            self._transport.write(_response(self._office_reply(), "application/json"))
            return
        self._transport.write(response_to(self._url, b"".join(self._body)))

    def _office_reply(self) -> bytes:
        kind, _, query = self._url.removeprefix(OFFICE).decode().partition("?")
        if query:
            return Upstream.office.find(query)
        return Upstream.office.receive(kind, b"".join(self._body))


@lru_cache(maxsize=1024)
def response_to(url: bytes, body: bytes) -> bytes:
    """Return the bytes of the HTTP response; cached by request."""
    path, _, query = url.partition(b"?")
    if path == b"/registry/citizens/batch":
        return _response(rest.citizens_batch(body), "application/json")
    if path == b"/soap":
        return _response(soap.reply_to(body), "text/xml; charset=utf-8")
    _, kind, events, name = path.decode().split("/")
    if kind != "rest" or name not in ("applications", "benefits"):
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if CITIZENS_PARAMETER not in query:
        rows = int(_parameter(query, ROWS_PARAMETER))
        return _response(rest.worklist(int(events), rows), "application/json")
    number = _parameter(query, CITIZENS_PARAMETER)
    found = rest.applications_of(number) if name == "applications" else rest.benefits_of(number)
    return _response(found, "application/json")


def _parameter(query: bytes, name: bytes) -> str:
    return query.partition(name)[2].partition(b"&")[0].decode()


def _response(body: bytes, media_type: str) -> bytes:
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.to_thread(sys.stdin.buffer.read)
    server.close()


if __name__ == "__main__":
    uvloop.run(serve())
