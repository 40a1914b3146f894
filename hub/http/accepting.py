"""Accepts connections as they come.

uvloop accepts one connection in each round of its loop (libuv's pull request 3696). A busy loop
makes some hundred rounds a second: in a rush of new clients most would wait in the kernel's queue,
where no bound counts them and nobody is refused, until they have given up.
"""

import asyncio
import logging
import socket
from collections.abc import Callable

log = logging.getLogger(__name__)

AT_ONCE = 128
"""Connections accepted in one round of the loop; those that are open have their turn, too."""
PAUSE_SECONDS = 1.0
"""Without accepting, where the process may open no more files."""


class Acceptor:
    """Makes a protocol's connections out of those that wait at a listening socket.

    Args:
        listener: the socket; it listens from now on, and remains the caller's to close.
        protocol: makes the protocol of each connection.
        backlog: most connections that wait in the kernel.
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
        """Accepts no more."""
        if self._pause is not None:
            self._pause.cancel()
        self._loop.remove_reader(self._listener)

    async def opened(self) -> None:
        """Waits until every connection that was accepted has its protocol."""
        await asyncio.gather(*self._opening, return_exceptions=True)

    def _resume(self) -> None:
        self._loop.add_reader(self._listener, self._accept)

    def _accept(self) -> None:
        for _ in range(AT_ONCE):
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                log.error("no connection is accepted for %.0f s: %s", PAUSE_SECONDS, error.strerror)
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
