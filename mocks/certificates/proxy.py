"""The only way into the database: a TCP proxy that counts statements and plays faults."""

import asyncio
import contextlib
import socket
import struct

from mocks.calls import CallLog
from mocks.certificates.messages import (
    ENDS_OF_BATCH,
    FLUSH,
    READY,
    SYNC,
    Message,
    MessageReader,
    StatementBook,
    error_response,
    operation_of,
    ready_for_query,
)
from mocks.faults import Switchboard

DATABASE_FAULTS = ("latency", "hang", "error", "reset_after_write", "truncate", "garbage")
SPOILING = ("reset_after_write", "truncate", "garbage")
GARBAGE = b"\xde\xad\xbe\xef HTTP/1.1 502 Bad Gateway \x00\x00\xff"
CHUNK = 65_536


class Proxy:
    """Accepts clients on a socket and gives each a connection of its own to the database."""

    def __init__(self, socket_path: str, calls: CallLog, switchboard: Switchboard) -> None:
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
        self._sessions.add(task)
        server_writer: asyncio.StreamWriter | None = None
        try:
            server_reader, server_writer = await asyncio.open_unix_connection(self._socket_path)
            session = Session(client_writer, server_writer, self._calls, self._switchboard)
            directions = {
                asyncio.create_task(session.to_server(client_reader)),
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
            for writer in (client_writer, server_writer):
                if writer is not None:
                    with contextlib.suppress(OSError):
                        writer.close()


class Session:
    """One client's session. A statement's faults are played on the batch that runs it."""

    def __init__(
        self,
        client: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        calls: CallLog,
        switchboard: Switchboard,
    ) -> None:
        self._client = client
        self._server = server
        self._calls = calls
        self._switchboard = switchboard
        self._reader = MessageReader()
        self._book = StatementBook()
        self._spoil: str | None = None
        self._skip_to_sync = False
        self._deaf = False
        self._transaction_status = b"I"

    async def to_server(self, client_reader: asyncio.StreamReader) -> None:
        """Carries the client's messages, batch by batch, until the client hangs up."""
        batch: list[Message] = []
        while data := await client_reader.read(CHUNK):
            for message in self._reader.feed(data):
                batch.append(message)
                # Messages before the session have no letter and go at once.
                if not message.kind or message.kind in ENDS_OF_BATCH:
                    await self._pass_on(batch)
                    batch = []

    async def _pass_on(self, batch: list[Message]) -> None:
        if self._deaf:
            return
        if self._skip_to_sync:
            if batch[-1].kind == SYNC:
                self._skip_to_sync = False
                self._client.write(ready_for_query(self._transaction_status))
            return
        statements = [sql for sql in map(self._book.run_by, batch) if sql is not None]
        operations = [name for name in map(operation_of, statements) if name is not None]
        for operation in operations:
            self._calls.note(operation)
        if operations and self._switchboard.any_active() and await self._misbehave(batch):
            return
        self._server.write(b"".join(message.raw for message in batch))
        await self._server.drain()

    async def _misbehave(self, batch: list[Message]) -> bool:
        """Plays what strikes this batch; whether the batch is thereby dealt with."""
        await asyncio.sleep(self._switchboard.amount("latency"))
        if self._switchboard.strikes("hang"):
            self._deaf = True
            return True
        if self._switchboard.strikes("error"):
            self._client.write(error_response("ERROR", "XX000", "internal error (made up)"))
            if batch[-1].kind == FLUSH:
                self._skip_to_sync = True
            else:
                self._client.write(ready_for_query(self._transaction_status))
            return True
        self._spoil = next((name for name in SPOILING if self._switchboard.strikes(name)), None)
        return False

    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        """Carries the server's bytes until either side hangs up or a fault ends the session."""
        while data := await server_reader.read(CHUNK):
            if self._spoil is not None:
                await self._spoil_answer(data)
                return
            if data[-6:-1] == READY:
                self._transaction_status = data[-1:]
            self._client.write(data)
            await self._client.drain()

    async def _spoil_answer(self, data: bytes) -> None:
        if self._spoil == "reset_after_write":
            connection = self._client.get_extra_info("socket")
            linger = struct.pack("ii", 1, 0)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self._client.transport.abort()
            return
        self._client.write(GARBAGE if self._spoil == "garbage" else data[: len(data) // 2])
        await self._client.drain()
