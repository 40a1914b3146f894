"""The only way into a database: a TCP proxy that counts statements and plays faults."""

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

from mocks.call_counts import CallCounts
from mocks.faults import Switchboard
from mocks.faults.transmission import reset


class ClientSession(Protocol):
    """One client's session with the database, in the words of its protocol."""

    async def to_server(self) -> None:
        """Carries what the client sends, until it hangs up; plays faults on statements."""

    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        """Carries what the database answers, until either side hangs up or a fault ends it."""

    def end_call(self) -> None:
        """The statement in flight, if there is one, has been answered or will never be."""


MakeSession = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter, asyncio.StreamWriter, CallCounts, Switchboard],
    ClientSession,
]
"""From the client's reader and writer, the writer to the database, the counts and the switches."""


class DatabaseProxy:
    """Accepts clients on a socket and gives each a connection of its own to the database."""

    def __init__(
        self,
        socket_path: str,
        calls: CallCounts,
        switchboard: Switchboard,
        new_session: MakeSession,
    ) -> None:
        self._new_session = new_session
        self._socket_path = socket_path
        self._calls = calls
        self._switchboard = switchboard
        self._sessions: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(self, listener: socket.socket) -> None:
        """Begins to accept."""
        self._server = await asyncio.start_server(self._accept, sock=listener)

    async def stop(self) -> None:
        """Closes the port and every session."""
        if self._server is not None:
            self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)

    async def _accept(
        self, client_reader: asyncio.StreamReader, client_writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        server_writer: asyncio.StreamWriter | None = None
        session: ClientSession | None = None
        if self._switchboard.strikes("refuse"):
            reset(client_writer.transport)
            return
        self._sessions.add(task)
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(self._socket_path)
            session = self._new_session(
                client_reader, client_writer, server_writer, self._calls, self._switchboard
            )
            directions = {
                asyncio.create_task(session.to_server()),
                asyncio.create_task(session.to_client(server_reader)),
            }
            try:
                await asyncio.wait(directions, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for direction in directions:
                    direction.cancel()
                await asyncio.gather(*directions, return_exceptions=True)
        except (OSError, asyncio.CancelledError):
            # The database is going down or the mock is stopping: the client sees the line close.
            pass
        finally:
            self._sessions.discard(task)
            if session is not None:
                session.end_call()
            for writer in (client_writer, server_writer):
                if writer is not None:
                    with contextlib.suppress(OSError):
                        writer.close()
