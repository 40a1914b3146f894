"""Limits that uvicorn does not have: number of connections, size of headers, time to receive."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

UPLOAD_RATE = 1 << 10
"""Bytes a second that a request with files must have on average while it arrives. The slowest
mobile networks have 3 KiB/s."""
UPLOAD_PATH = "/graphql"
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
        upload_seconds: time within which a request with files must arrive, if it arrives steadily.
    """

    connections: int
    beyond: ASGIApp
    request_seconds: float
    upload_seconds: float


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol of one connection, with limits."""

    def __init__(self, limits: ConnectionLimits, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._limits = limits
        self._in_headers = False
        self._receiving = False
        self._header_bytes = 0
        self._received = 0
        self._upload_ends: float | None = None
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
        self._header_bytes = self._received = 0
        self._upload_ends = None

    def on_headers_complete(self) -> None:
        self._in_headers = False
        super().on_headers_complete()
        if self.scope["path"] == UPLOAD_PATH and any(
            name == b"content-type" and value.lower().startswith(b"multipart/")
            for name, value in self.headers
        ):
            self._upload_ends = self.loop.time() + self._limits.upload_seconds

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
        self._received += received
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
        elif self._is_steady_upload():
            self._received = 0
            self._start_timer(self._limits.request_seconds)
        else:
            self.transport.close()

    def _is_steady_upload(self) -> bool:
        """Return whether a request with files has arrived fast enough since the last check."""
        return (
            self._upload_ends is not None
            and self.loop.time() < self._upload_ends
            and self._received >= UPLOAD_RATE * self._limits.request_seconds
        )

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
