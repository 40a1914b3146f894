"""TCP proxy in front of a database: counts statements and plays faults."""

import asyncio
import contextlib
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable

from mocks.call_counts import CallCounts
from mocks.faults import Switchboard
from mocks.faults.transmission import pause, reset

CHUNK = 65_536
WRITE_FAULTS = ("refuse_write", "lost_reply", "late_reply")
_WRITES = ("submit_", "withdraw_")
GARBAGE = b"\xde\xad\xbe\xef HTTP/1.1 502 Bad Gateway \x00\x00\xff"


def is_write(operation: str) -> bool:
    """Return whether a counted operation changes data."""
    return operation.startswith(_WRITES)


class ClientSession(ABC):
    """One client's session with the database. Subclasses know the database's protocol.

    Args:
        reader: receives from the client.
        client: sends to the client.
        server: sends to the database.
    """

    def __init__(
        self,
        reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        calls: CallCounts,
        switchboard: Switchboard,
    ) -> None:
        self._reader = reader
        self._client = client
        self._server = server
        self._calls = calls
        self._switchboard = switchboard
        self._in_call = False

    @abstractmethod
    async def to_server(self) -> None:
        """Forward what the client sends until it disconnects. Play faults on its statements."""

    @abstractmethod
    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        """Forward the database's replies until either side disconnects or a fault ends it."""

    def begin_call(self, operation: str) -> None:
        """Count one statement; the previous one has ended."""
        self.end_call()
        self._calls.begin(operation)
        self._in_call = True

    def end_call(self) -> None:
        """Note that the running statement, if any, has its reply or will never have one."""
        if self._in_call:
            self._in_call = False
            self._calls.end()

    async def hold_back(self, gone: Callable[[], bool]) -> bool:
        """Play `refuse`, `latency` and `hang`. Return True if the statement must not be sent.

        Args:
            gone: returns True once the client has disconnected.
        """
        if self._switchboard.strikes("refuse"):
            reset(self._client.transport)
            return True
        if not await pause(self._switchboard.wait(), gone):
            return True
        return self._switchboard.strikes("hang")


MakeSession = Callable[
    [asyncio.StreamReader, asyncio.StreamWriter, asyncio.StreamWriter, CallCounts, Switchboard],
    ClientSession,
]
"""Takes the arguments of `ClientSession`."""


class DatabaseProxy:
    """Accepts clients on a socket and opens one connection to the database for each."""

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
        """Start to accept clients."""
        self._server = await asyncio.start_server(self._accept, sock=listener)

    async def stop(self) -> None:
        """Close the port and every session."""
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
            # The database or the mock is stopping: the client sees a closed connection.
            pass
        finally:
            self._sessions.discard(task)
            if session is not None:
                session.end_call()
            for writer in (client_writer, server_writer):
                if writer is not None:
                    with contextlib.suppress(OSError):
                        writer.close()
