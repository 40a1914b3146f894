"""One keep-alive connection that sends the next request after each response."""

import asyncio
import time
from array import array
from collections import deque
from collections.abc import Iterator
from typing import cast

import httptools

OVERLOADED = 503
RETRY_SECONDS = 1.0


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
        marked: number of measured responses that contain `counted`.
        refused: number of requests that the server refused because it is overloaded.
        is_paced: True if requests have a rate.
        keeps_bodies: True if the texts of responses are looked at.
        due: when each request that waits for a connection was due.
        idle: connections that wait for a request; used only with a rate.

    Args:
        expected: text that each response must contain; None if only its size is compared.
        counted: text to count.
    """

    def __init__(self, expected: str | None, counted: str | None) -> None:
        self._expected = None if expected is None else expected.encode()
        self._counted = None if counted is None else counted.encode()
        self.keeps_bodies = expected is not None or counted is not None
        self.marked = 0
        self.refused = 0
        self.is_paced = False
        self.due: deque[float] = deque()
        self.idle: deque[Client] = deque()
        self.latencies = array("d")
        self.counting = False
        self.running = True
        self.skipped = 0
        self.failure: str | None = None
        self.sizes: dict[int, int] = {}

    def send_due(self) -> None:
        """Send requests that are due on idle connections."""
        while self.due and self.idle:
            self.idle.popleft().send(self.due.popleft())

    def check(self, request: int, status: int, size: int, body: bytes) -> None:
        """Check a response, and count it if it has the text to count.

        Raises:
            WrongReplyError: it lacks the expected text, or its size is not that of the first
                response to the same request; probably it is an error.
        """
        if self.counting and self._counted is not None:
            self.marked += self._counted in body
        if self._expected is not None:
            if status != 200 or self._expected not in body:
                raise WrongReplyError(f"HTTP {status}: {body[:500].decode(errors='replace')}")
            return
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
        self._body = bytearray()
        self.closed = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def send(self, due: float | None = None) -> None:
        """Send the next request. Its time begins now, or when it was due."""
        self._request, content = next(self._requests)
        self._size = 0
        self._body.clear()
        self._sent_at = time.perf_counter() if due is None else due
        self._transport.write(content)

    def close(self) -> None:
        self._transport.close()

    def data_received(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError as error:
            self._fail(f"{error.__context__ or error}")

    def on_body(self, body: bytes) -> None:
        self._size += len(body)
        if self._record.keeps_bodies:
            self._body += body

    def on_message_complete(self) -> None:
        record = self._record
        status = self._parser.get_status_code()
        if status == OVERLOADED and record.keeps_bodies:
            record.refused += record.counting
            asyncio.get_running_loop().call_later(RETRY_SECONDS, self._go_on)
            return
        if record.counting:
            record.latencies.append(time.perf_counter() - self._sent_at)
        else:
            record.skipped += 1
        record.check(self._request, status, self._size, bytes(self._body))
        self._go_on()

    def _go_on(self) -> None:
        record = self._record
        if not record.running:
            self._transport.close()
        elif record.is_paced:
            record.idle.append(self)
            record.send_due()
        else:
            self.send()

    def _fail(self, reason: str) -> None:
        self._record.failure = self._record.failure or reason
        self._record.running = False
        self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._record.running:
            self._fail(f"the server closed a connection: {exc}")
        self.closed.set_result(None)
