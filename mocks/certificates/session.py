"""One client's session with the database, and the faults that are played on its statements."""

import asyncio

from mocks.call_counts import CallCounts
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
from mocks.faults import Switchboard
from mocks.faults.transmission import PADDING_CHUNK, PADDING_CHUNKS, in_portions, pause, reset

SPOILING = ("reset_after_write", "truncate", "garbage", "stall", "oversize")
FATAL = {
    "maintenance": ("57P03", "the database system is closed for maintenance (made up)"),
    "expired_session": ("57P05", "terminating connection due to idle-session timeout (made up)"),
}
GARBAGE = b"\xde\xad\xbe\xef HTTP/1.1 502 Bad Gateway \x00\x00\xff"
OVERSIZE = len(PADDING_CHUNK) * PADDING_CHUNKS
CHUNK = 65_536


class PostgresqlSession:
    """One client's session. A statement's faults are played on the batch that runs it."""

    def __init__(
        self,
        client_reader: asyncio.StreamReader,
        client: asyncio.StreamWriter,
        server: asyncio.StreamWriter,
        calls: CallCounts,
        switchboard: Switchboard,
    ) -> None:
        self._client_reader = client_reader
        self._client = client
        self._server = server
        self._calls = calls
        self._switchboard = switchboard
        self._arrived: asyncio.Queue[bytes] = asyncio.Queue()
        self._client_is_gone = False
        self._reader = MessageReader()
        self._book = StatementBook()
        self._spoil: str | None = None
        self._skip_to_sync = False
        self._deaf = False
        self._in_call = False
        self._transaction_status = b"I"

    async def to_server(self) -> None:
        """Carries the client's messages, batch by batch, until the client hangs up."""
        reading = asyncio.create_task(self._read_client())
        try:
            await self._carry_batches()
        finally:
            reading.cancel()

    async def _read_client(self) -> None:
        """Reads on while a fault keeps the client waiting, to see when it goes away."""
        try:
            while data := await self._client_reader.read(CHUNK):
                self._arrived.put_nowait(data)
        except OSError:
            # A reset is a way of hanging up.
            pass
        self._client_is_gone = True
        self._arrived.put_nowait(b"")

    async def _carry_batches(self) -> None:
        batch: list[Message] = []
        while data := await self._arrived.get():
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
            self.end_call()
            self._calls.begin(operation)
            self._in_call = True
        if operations and self._switchboard.any_active() and await self._misbehave(batch):
            return
        self._server.write(b"".join(message.raw for message in batch))
        await self._server.drain()

    def end_call(self) -> None:
        """The statement in flight, if there is one, has been answered or will never be."""
        if self._in_call:
            self._in_call = False
            self._calls.end()

    async def _misbehave(self, batch: list[Message]) -> bool:
        """Plays what strikes this batch; whether the batch is thereby dealt with."""
        switches = self._switchboard
        if switches.strikes("refuse"):
            reset(self._client.transport)
            return True
        if not await pause(switches.wait(), lambda: self._client_is_gone):
            return True
        if switches.strikes("hang"):
            self._deaf = True
            return True
        if switches.strikes("error"):
            self._client.write(error_response("ERROR", "XX000", "internal error (made up)"))
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
        self._spoil = next((name for name in SPOILING if switches.strikes(name)), None)
        return False

    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        """Carries the server's bytes until either side hangs up or a fault ends the session."""
        while data := await server_reader.read(CHUNK):
            if self._spoil == "oversize":
                data = await self._send_first_row_often(data)
            elif self._spoil is not None:
                await self._spoil_answer(data)
                return
            answered = data[-6:-1] == READY
            if answered:
                self._transaction_status = data[-1:]
            await self._send(data)
            if answered:
                self.end_call()

    async def _send(self, data: bytes) -> None:
        """In drops while `drip` is on and a statement is being answered."""
        bytes_per_second = self._switchboard.amount("drip") if self._in_call else 0.0
        if not bytes_per_second:
            self._client.write(data)
            await self._client.drain()
            return
        async for drop in in_portions(data, bytes_per_second, lambda: self._client_is_gone):
            self._client.write(drop)
            await self._client.drain()

    async def _send_first_row_often(self, data: bytes) -> bytes:
        """65 MiB of the answer's first row; the rest of the answer, which is still to be sent."""
        self._spoil = None
        start, row = first_row_of(data)
        if row:
            many = row * max(1, CHUNK // len(row))
            self._client.write(data[:start])
            for _ in range(OVERSIZE // len(many)):
                self._client.write(many)
                await self._client.drain()
        return data[start:]

    async def _spoil_answer(self, data: bytes) -> None:
        if self._spoil == "reset_after_write":
            reset(self._client.transport)
            return
        self._client.write(GARBAGE if self._spoil == "garbage" else data[: len(data) // 2])
        await self._client.drain()
        if self._spoil == "stall":
            self._deaf = True
            await asyncio.Event().wait()
