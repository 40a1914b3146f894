"""uvicorn with the hub's connection limits and graceful shutdown."""

import asyncio
import math
import signal
import socket
from functools import partial
from types import FrameType

import uvicorn

from hub.http.acceptor import Acceptor
from hub.http.connections import BoundedProtocol, ConnectionLimits
from hub.http.routes import HubApplication
from hub.settings import Settings

KEEP_ALIVE_SECONDS = 65
"""Time after which an idle connection is closed.

It is longer than the idle timeout of common proxies and clients. Otherwise a client could send a
request while the hub closes its connection.
"""
BACKLOG = 2048


class Server(uvicorn.Server):
    """Serves the application until SIGINT or SIGTERM, then drains. A second signal kills it.

    Draining has three steps:

    1. `/readyz` returns 503 from the signal on.
    2. After SIGTERM, requests are served for `settings.drain_notice` seconds, so that load
       balancers notice.
    3. New connections are refused, idle ones are closed, and running operations may finish
       within their deadline.
    """

    def __init__(self, app: HubApplication, settings: Settings) -> None:
        self._application = app
        self._drain_notice = settings.drain_notice
        self._loop: asyncio.AbstractEventLoop | None = None
        self._acceptors: list[Acceptor] = []
        self._limits = ConnectionLimits(
            settings.connections,
            app.beyond_connections,
            settings.request_seconds,
            settings.upload_seconds,
        )
        super().__init__(
            uvicorn.Config(
                app,
                loop="uvloop",
                access_log=False,
                # Its warnings report invalid requests: a client could fill the log with them.
                log_level="error",
                lifespan="on",
                proxy_headers=False,
                server_header=False,
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=math.ceil(settings.request_deadline) + 1,
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        make_protocol = partial(
            BoundedProtocol,
            self._limits,
            config=self.config,
            server_state=self.server_state,
            app_state=self.lifespan.state,
        )
        self._acceptors = [Acceptor(each, make_protocol, BACKLOG) for each in sockets or ()]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for acceptor in self._acceptors:
            acceptor.close()
            # uvicorn closes only connections that it knows: register the accepted ones first.
            await acceptor.opened()
        await super().shutdown(sockets)

    async def main_loop(self) -> None:
        self._loop = asyncio.get_running_loop()
        await super().main_loop()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_DFL)
        self._application.drain()
        if sig == signal.SIGTERM and self._drain_notice and self._loop:
            self._loop.call_soon_threadsafe(
                self._loop.call_later, self._drain_notice, self._stop_accepting
            )
        else:
            self._stop_accepting()

    def _stop_accepting(self) -> None:
        self.should_exit = True
