"""One client's session with PostgreSQL, which applies the faults to its statements."""

import asyncio
from typing import Any

from mocks.certificates.messages import (
    ENDS_OF_BATCH,
    FLUSH,
    READY,
    SYNC,
    Message,
    MessageReader,
    StatementBook,
    error_response,
    first_row_of,
    operation_of,
    ready_for_query,
)
from mocks.databases.proxy import CHUNK, GARBAGE, ClientSession, is_write
from mocks.faults.transmission import PADDING_CHUNK, PADDING_CHUNKS, in_portions, reset

REPLY_FAULTS = ("reset_after_write", "truncate", "garbage", "stall", "oversize")
FATAL = {
    "maintenance": ("57P03", "the database system is closed for maintenance (made up)"),
    "expired_session": ("57P05", "terminating connection due to idle-session timeout (made up)"),
}
OVERSIZE = len(PADDING_CHUNK) * PADDING_CHUNKS


class PostgresqlSession(ClientSession):
    """Plays a statement's faults on the batch of messages that runs it."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._client_is_gone = False
        self._messages = MessageReader()
        self._book = StatementBook()
        self._reply_fault: str | None = None
        self._skip_to_sync = False
        self._deaf = False
        self._transaction_status = b"I"
        self._has_written = False
        self._delay = 0.0

    async def to_server(self) -> None:
        reading = asyncio.create_task(self._read_client())
        try:
            await self._carry_batches()
        finally:
            reading.cancel()

    async def _read_client(self) -> None:
        """Keep reading while a fault delays the reply, to notice when the client disconnects."""
        try:
            while data := await self._reader.read(CHUNK):
                self._arrived.put_nowait(data)
        except OSError:
            # The client reset the connection.
            pass
        self._client_is_gone = True
        self._arrived.put_nowait(b"")

    async def _carry_batches(self) -> None:
        batch: list[Message] = []
        while data := await self._arrived.get():
            for message in self._messages.feed(data):
                batch.append(message)
                # Messages before the session have no type letter and are sent at once.
                if not message.kind or message.kind in ENDS_OF_BATCH:
                    await self._send_batch(batch)
                    batch = []

    async def _send_batch(self, batch: list[Message]) -> None:
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
            self.begin_call(operation)
        if any(map(is_write, operations)):
            self._has_written = True
        if operations and self._switchboard.any_active() and await self._misbehave(batch):
            return
        # The reply to COMMIT, or to the write itself if there is no transaction.
        if self._has_written and (statements == ["COMMIT"] or self._transaction_status == b"I"):
            self._has_written = False
            if self._switchboard.strikes("lost_reply"):
                self._reply_fault = "reset_after_write"
            self._delay = self._switchboard.amount("late_reply")
        self._server.write(b"".join(message.raw for message in batch))
        await self._server.drain()

    async def _misbehave(self, batch: list[Message]) -> bool:
        """Play faults on this batch. Return True if it must not be sent to the server."""
        switches = self._switchboard
        if await self.hold_back(lambda: self._client_is_gone):
            self._deaf = True
            return True
        refusal = self._refusal()
        if refusal is not None:
            self._client.write(error_response("ERROR", *refusal))
            if batch[-1].kind == FLUSH:
                self._skip_to_sync = True
            else:
                self._client.write(ready_for_query(self._transaction_status))
            self.end_call()
            return True
        for name, (code, message) in FATAL.items():
            if switches.strikes(name):
                self._client.write(error_response("FATAL", code, message))
                self._client.close()
                return True
        self._reply_fault = next((name for name in REPLY_FAULTS if switches.strikes(name)), None)
        return False

    def _refusal(self) -> tuple[str, str] | None:
        """Return the SQLSTATE and the message of an error that replaces this statement."""
        if self._switchboard.strikes("error"):
            return "XX000", "internal error (made up)"
        if self._has_written and self._switchboard.strikes("refuse_write"):
            return "P0001", "Entries are closed (made up)"
        return None

    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        while data := await server_reader.read(CHUNK):
            if self._delay:
                await asyncio.sleep(self._delay)
                self._delay = 0.0
            if self._reply_fault == "oversize":
                data = await self._send_first_row_repeatedly(data)
            elif self._reply_fault is not None:
                await self._send_spoilt(data)
                return
            is_complete = data[-6:-1] == READY
            if is_complete:
                self._transaction_status = data[-1:]
            await self._send(data)
            if is_complete:
                self.end_call()

    async def _send(self, data: bytes) -> None:
        """Send to the client; slowly if `drip` is on and a statement is running."""
        bytes_per_second = self._switchboard.amount("drip") if self._in_call else 0.0
        if not bytes_per_second:
            self._client.write(data)
            await self._client.drain()
            return
        async for portion in in_portions(data, bytes_per_second, lambda: self._client_is_gone):
            self._client.write(portion)
            await self._client.drain()

    async def _send_first_row_repeatedly(self, data: bytes) -> bytes:
        """Send 65 MiB of copies of the first row. Return the rest of the reply, not yet sent."""
        self._reply_fault = None
        start, row = first_row_of(data)
        if row:
            many = row * max(1, CHUNK // len(row))
            self._client.write(data[:start])
            for _ in range(OVERSIZE // len(many)):
                self._client.write(many)
                await self._client.drain()
        return data[start:]

    async def _send_spoilt(self, data: bytes) -> None:
        if self._reply_fault == "reset_after_write":
            reset(self._client.transport)
            return
        self._client.write(GARBAGE if self._reply_fault == "garbage" else data[: len(data) // 2])
        await self._client.drain()
        if self._reply_fault == "stall":
            self._deaf = True
            await asyncio.Event().wait()
