"""Bounds on connections that uvicorn leaves open: how many, how big a head, how slow a request."""

import asyncio
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES = 64 << 10


@dataclass(frozen=True, slots=True)
class ConnectionBounds:
    """What a connection may do.

    Attributes:
        most: most connections open at once.
        beyond: what answers on connections beyond those, instead of the application.
        request_seconds: seconds within which a request must have arrived whole; a slower one loses
            its connection.
    """

    most: int
    beyond: ASGIApp
    request_seconds: float


class BoundedProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol on one connection, with bounds."""

    def __init__(self, bounds: ConnectionBounds, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._bounds = bounds
        self._in_head = False
        self._arriving = False
        self._head_bytes = 0
        self._too_slow: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._bounds.most:
            self.app = self._bounds.beyond
        # uvicorn counts a connection as idle only when it has carried a request.
        self._give_time(self.timeout_keep_alive)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._arriving:
            self._wait_for_the_rest(len(data))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._stop_timer()
        self._arriving = self._in_head = True
        self._head_bytes = 0

    def on_headers_complete(self) -> None:
        self._in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arriving = False
        self._stop_timer()
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def _wait_for_the_rest(self, received: int) -> None:
        if self._too_slow is None:
            self._give_time(self._bounds.request_seconds)
        if self._in_head:
            self._head_bytes += received
            if self._head_bytes > HEAD_BYTES and not self.transport.is_closing():
                self.send_400_response("The head of the request is too large.")

    def _give_time(self, seconds: float) -> None:
        self._too_slow = self.loop.call_later(seconds, self._give_up)

    def _give_up(self) -> None:
        if self.flow.read_paused:
            # It is the hub that does not read: an earlier request of this connection still runs.
            self._give_time(self._bounds.request_seconds)
        else:
            self.transport.close()

    def _stop_timer(self) -> None:
        if self._too_slow is not None:
            self._too_slow.cancel()
            self._too_slow = None
