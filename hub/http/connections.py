"""Limits that uvicorn does not have: number of connections, size of headers, time to receive."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADER_BYTES = 64 << 10
"""Maximum size of a request's line and headers."""


@dataclass(frozen=True, slots=True)
class ConnectionLimits:
    """Limits of the server's connections.

    Attributes:
        connections: maximum number of open connections.
        beyond: ASGI application that serves the connections beyond that number.
        request_seconds: time within which a whole request must arrive. The server closes the
            connection of a slower one.
    """

    connections: int
    beyond: ASGIApp
    request_seconds: float


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol of one connection, with limits."""

    def __init__(self, limits: ConnectionLimits, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._limits = limits
        self._in_headers = False
        self._receiving = False
        self._header_bytes = 0
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._limits.connections:
            self.app = self._limits.beyond
        # uvicorn's own idle timeout starts only after the first request.
        self._start_timer(self.timeout_keep_alive)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._receiving:
            self._check_request(len(data))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stop_timer()
        self._receiving = self._in_headers = True
        self._header_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_headers = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._receiving = False
        self._stop_timer()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _check_request(self, received: int) -> None:
        if self._timer is None:
            self._start_timer(self._limits.request_seconds)
        if self._in_headers:
            self._header_bytes += received
            if self._header_bytes > HEADER_BYTES and not self.transport.is_closing():
                self.send_400_response(f"The headers exceed {HEADER_BYTES:,} bytes.")

    def _start_timer(self, seconds: float) -> None:
        self._timer = self.loop.call_later(seconds, self._time_out)

    def _time_out(self) -> None:
        if self.flow.read_paused:
            # The hub itself has paused reading: an earlier request of this connection still runs.
            self._start_timer(self._limits.request_seconds)
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
