"""Fake servers for tests. The handler is part of the test."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
StreamHandler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def http_server(handler: Handler, tls: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve HTTP on a free port in the running event loop; yield the URL."""

    async def respond(request: web.Request) -> web.StreamResponse:
        return await handler(request)

    application = web.Application()
    application.router.add_route("*", "/{path:(?s:.*)}", respond)
    runner = web.AppRunner(application, handle_signals=False, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
    await site.start()
    try:
        host, port = runner.addresses[0][:2]
        name = "localhost" if tls is not None else host
        yield f"{'https' if tls is not None else 'http'}://{name}:{port}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def byte_server(handler: StreamHandler) -> AsyncIterator[str]:
    """Serve TCP on a free port, for replies that are not HTTP; yield `HOST:PORT`.

    Each connection is closed when the handler returns. At the end of the `with` block, handlers
    that still run are cancelled.
    """
    running: set[asyncio.Task[None]] = set()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        running.add(task)
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            await handler(reader, writer)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()[:2]
        yield f"{host}:{port}"
    finally:
        server.close()
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)


@contextmanager
def in_thread(server: AbstractAsyncContextManager[str]) -> Iterator[str]:
    """Run a server in a thread with an event loop of its own, for tests that block."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        address = asyncio.run_coroutine_threadsafe(server.__aenter__(), loop).result()
        try:
            yield address
        finally:
            asyncio.run_coroutine_threadsafe(server.__aexit__(None, None, None), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class _TlsServer(ThreadingHTTPServer):
    """Sends a TLS alert when it refuses a handshake. asyncio only closes the connection."""

    def handle_error(self, *_: object) -> None:
        """Print nothing: a refused handshake is what the test expects."""


@contextmanager
def tls_server(context: ssl.SSLContext, body: bytes) -> Iterator[str]:
    """Serve `body` for every HTTPS request; yield the URL. Refused handshakes send an alert."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None:
            return

    server = _TlsServer(("127.0.0.1", 0), Handler)
    # Each connection does its handshake in its own thread.
    server.socket = context.wrap_socket(
        server.socket, server_side=True, do_handshake_on_connect=False
    )
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield f"https://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
