"""One keep-alive connection that sends the next request after each response."""

import asyncio
import itertools
import os
import time
from array import array
from collections.abc import Iterator, Sequence
from typing import cast

import httptools
import orjson


class WrongReplyError(Exception):
    """A response differs from the earlier response to the same request."""


class Record:
    """The results of all connections of a measurement.

    Attributes:
        latencies: seconds of each measured request.
        counting: True while requests are measured.
        running: True while connections send further requests.
        skipped: number of requests that were answered but not measured.
        failure: why the measurement is void; None if it is valid.
        sizes: bytes of the first response, by request.
    """

    def __init__(self) -> None:
        self.latencies = array("d")
        self.counting = False
        self.running = True
        self.skipped = 0
        self.failure: str | None = None
        self.sizes: dict[int, int] = {}

    def check(self, request: int, status: int, size: int) -> None:
        """Check that a response is as long as the first one to the same request.

        Raises:
            WrongReplyError: it is not; probably it is an error.
        """
        expected = self.sizes.setdefault(request, size)
        if status != 200 or size != expected:
            raise WrongReplyError(f"HTTP {status}, {size} bytes instead of {expected}")


class Client(asyncio.Protocol):
    """One connection, with one request at a time."""

    def __init__(self, requests: Iterator[tuple[int, bytes]], record: Record) -> None:
        self._requests = requests
        self._record = record
        self._parser = httptools.HttpResponseParser(self)
        self._size = 0
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._send()

    def _send(self) -> None:
        self._request, content = next(self._requests)
        self._size = 0
        self._sent_at = time.perf_counter()
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
            record.latencies.append(time.perf_counter() - self._sent_at)
        else:
            record.skipped += 1
        record.check(self._request, self._parser.get_status_code(), self._size)
        if record.running:
            self._send()
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
    """Yield the documents' HTTP requests in turn, without end, each with its index."""
    return itertools.cycle([(index, _request(port, each)) for index, each in enumerate(documents)])


def _request(port: int, document: str) -> bytes:
    body = orjson.dumps({"query": document})
    authorization = os.environ["BENCH_AUTHORIZATION"]
    head = (
        "POST /graphql HTTP/1.1\r\n"
        f"Host: 127.0.0.1:{port}\r\n"
        "Content-Type: application/json\r\n"
        "Accept: application/json\r\n"
        f"Authorization: {authorization}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body
