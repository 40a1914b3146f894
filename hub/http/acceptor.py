"""Accepts many connections in each iteration of the event loop.

uvloop accepts only one connection per iteration (libuv pull request 3696), and a busy loop has a
few hundred iterations per second. Without this module, many clients that connect at once would wait
in the kernel's queue until they time out: no limit counts them there and the hub cannot refuse
them.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

log = logging.getLogger(__name__)

BATCH = 128
"""Maximum number of connections accepted per iteration, so that open ones are served too."""
PAUSE_SECONDS = 1.0
"""Pause after the process has reached its limit of open files."""


class Acceptor:
    """Accepts the connections of one socket. Create it in a running event loop.

    Args:
        listener: bound socket. The acceptor makes it listen; the caller closes it.
        protocol: creates the protocol of each connection.
        backlog: maximum number of connections that wait in the kernel's queue.
    """

    def __init__(
        self, listener: socket.socket, protocol: Callable[[], asyncio.Protocol], backlog: int
    ) -> None:
        self._listener = listener
        self._protocol = protocol
        self._loop = asyncio.get_running_loop()
        self._opening: set[asyncio.Task[object]] = set()
        self._pause: asyncio.TimerHandle | None = None
        listener.setblocking(False)
        listener.listen(backlog)
        self._resume()

    def close(self) -> None:
        """Stop accepting connections."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)

    async def opened(self) -> None:
        """Wait until every accepted connection has its protocol."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _resume(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(BATCH):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error(
                    "cannot accept connections (%s); retrying in %.0f s. If the limit of open "
                    "files is reached, raise `ulimit -n` or lower HUB_CONNECTIONS.",
                    error.strerror,
                    PAUSE_SECONDS,
                )
                self._loop.remove_reader(self._listener)
                self._pause = self._loop.call_later(PAUSE_SECONDS, self._resume)
                return
            self._open(connection)

    def _open(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        opening = self._loop.create_task(
            self._loop.connect_accepted_socket(self._protocol, connection)
        )
        self._opening.add(opening)
        opening.add_done_callback(self._opening.discard)
