"""Serves an ASGI application on a socket until the process is stopped."""

import asyncio
import contextlib
import signal
import socket
import ssl
from collections.abc import Iterator

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mocks.faults.transmission import TRANSPORT


class PortBusyError(OSError):
    """The port cannot be bound."""


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 takes a free port.

    Raises:
        PortBusyError: the port cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    # A mock that was killed can restart at once on the same port.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortBusyError(f"Cannot listen on {host}:{port}: {error.strerror}.") from error
    listener.setblocking(False)
    return listener


def port_of(listener: socket.socket) -> int:
    """Return the port of a socket."""
    port: int = listener.getsockname()[1]
    return port


class Protocol(HttpToolsProtocol):
    """HTTP protocol that gives the fault middleware access to the transport."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {TRANSPORT: self.transport}  # type: ignore[dict-item]


class MockServer(uvicorn.Server):
    """A uvicorn server that does not handle signals; `stop_signal` does."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def http_server(app: ASGIApp, tls: ssl.SSLContext | None = None) -> MockServer:
    """Return a server without logs that gives running requests one second when it stops."""
    config = uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        access_log=False,
        log_level="critical",
        timeout_keep_alive=75,
        timeout_graceful_shutdown=1,
    )
    config.load()
    config.ssl = tls
    return MockServer(config)


def stop_signal() -> asyncio.Event:
    """Return an event that is set when SIGTERM or SIGINT arrives."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    return stop


async def serve_until(
    stop: asyncio.Event,
    app: ASGIApp,
    listener: socket.socket,
    tls: ssl.SSLContext | None = None,
) -> None:
    """Serve until `stop` is set; then give running requests one second to finish."""
    server = http_server(app, tls)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({serving, stopping}, return_when=asyncio.FIRST_COMPLETED)
    server.should_exit = True
    stopping.cancel()
    await serving
