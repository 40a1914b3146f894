"""One keep-alive connection that asks again as soon as it has been answered."""

import asyncio
import itertools
import time
from array import array
from collections.abc import Iterator, Sequence
from typing import cast

import httptools
import orjson


class WrongReplyError(Exception):
    """A reply that is not the one that the server gave before to the same request."""


class Record:
    """What all connections of a measurement note together.

    Attributes:
        latencies: seconds of each request that counted.
        counting: whether requests count now.
        running: whether a connection asks again.
        skipped: requests answered while nothing counted.
        failure: why the measurement is void.
    """

    def __init__(self) -> None:
        self.latencies = array("d")
        self.counting = False
        self.running = True
        self.skipped = 0
        self.failure: str | None = None
        self.sizes: dict[int, int] = {}

    def check(self, request: int, status: int, size: int) -> None:
        """Every reply to one request is as long as the first was: an error would not be."""
        expected = self.sizes.setdefault(request, size)
        if status != 200 or size != expected:
            raise WrongReplyError(f"HTTP {status}, {size} bytes instead of {expected}")


class Client(asyncio.Protocol):
    """A connection of the closed loop."""

    def __init__(self, requests: Iterator[tuple[int, bytes]], record: Record) -> None:
        self._requests = requests
        self._record = record
        self._parser = httptools.HttpResponseParser(self)
        self._size = 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._ask()

    def _ask(self) -> None:
        self._request, content = next(self._requests)
        self._size = 0
        self._asked = time.perf_counter()
        self._transport.write(content)

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"{error.__context__ or error}")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)

    def on_message_complete(self) -> None:
        record = self._record
        if record.counting:
            record.latencies.append(time.perf_counter() - self._asked)
        else:
            record.skipped += 1
        record.check(self._request, self._parser.get_status_code(), self._size)
        if record.running:
            self._ask()
        else:
            self._transport.close()

    def _fail(self, reason: str) -> None:
        self._record.failure = self._record.failure or reason
        self._record.running = False
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._record.running:
            self._fail(f"the server closed a connection: {exc}")
        self.closed.set_result(None)


def requests_in_turn(port: int, documents: Sequence[str]) -> Iterator[tuple[int, bytes]]:
    """The documents' HTTP requests without end, each with its place."""
    return itertools.cycle([(place, _request(port, each)) for place, each in enumerate(documents)])


def _request(port: int, document: str) -> bytes:
    body = orjson.dumps({"query": document})
    head = (
        "POST /graphql HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json\r\n"
        "Accept: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
