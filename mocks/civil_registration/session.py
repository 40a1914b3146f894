"""One client's session with MariaDB (MySQL client protocol), which applies the faults."""

import asyncio
import re
from collections.abc import Iterator
from typing import Any

from mocks.databases.proxy import CHUNK, GARBAGE, ClientSession, is_write
from mocks.faults.transmission import reset

MARIADB_FAULTS = (
    "refuse", "latency", "latency_p95", "hang", "error", "maintenance", "garbage",
    "reset_after_write", "truncate", "stall",
)  # fmt: skip
QUERY = 3
REPLY_FAULTS = ("reset_after_write", "truncate", "garbage", "stall")
_CAPABILITY = re.compile(r"\s*(?:SELECT\s+)?/\*\s*([\w.:/-]+)\s*\*/", re.IGNORECASE)
_PAGED = re.compile(r"\(/\*\s*([\w.:/-]+)\s*\*/")
_HOUSEKEEPING = re.compile(
    r"\s*(set|commit|rollback|begin)\b|version\(\)|@@|database\(\)", re.IGNORECASE
)


def operation_of(sql: str) -> str | None:
    """Return the name under which to count a statement; None for a statement of the driver."""
    capability = _CAPABILITY.match(sql) or _PAGED.search(sql)
    if capability:
        return capability[1]
    return None if _HOUSEKEEPING.search(sql) else "statement"


def error_packet(code: int, state: str, message: str) -> bytes:
    """Return an ERR packet as the reply to a command."""
    body = b"\xff" + code.to_bytes(2, "little") + b"#" + state.encode() + message.encode()
    return len(body).to_bytes(3, "little") + b"\x01" + body


class PacketReader:
    """Splits the client's bytes into packets: length (3 bytes), number, content."""

    def __init__(self) -> None:
        self._rest = b""

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._rest += data
        while len(self._rest) >= 4:
            size = 4 + int.from_bytes(self._rest[:3], "little")
            if len(self._rest) < size:
                return
            packet, self._rest = self._rest[:size], self._rest[size:]
            yield packet


class MariadbSession(ClientSession):
    """Plays faults on the client's next statement."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._reply_fault: str | None = None
        self._is_writing = False
        self._delay = 0.0

    async def to_server(self) -> None:
        packets = PacketReader()
        while data := await self._reader.read(CHUNK):
            for packet in packets.feed(data):
                operation = None
                if packet[3] == 0 and packet[4] == QUERY:
                    operation = operation_of(packet[5:].decode(errors="replace"))
                if operation is not None:
                    self.begin_call(operation)
                    self._is_writing = is_write(operation)
                    if self._switchboard.any_active() and await self._misbehave():
                        continue
                self._server.write(packet)
                await self._server.drain()

    async def _misbehave(self) -> bool:
        """Play faults on this statement. Return True if it must not be sent to the server."""
        switches = self._switchboard
        if await self.hold_back(self._reader.at_eof):
            return True
        if switches.strikes("error"):
            self._client.write(error_packet(1105, "HY000", "Unknown error (made up)"))
            self.end_call()
            return True
        if self._is_writing:
            if switches.strikes("refuse_write"):
                self._client.write(error_packet(1644, "45000", "Entries are closed (made up)"))
                self.end_call()
                return True
            # The procedure commits by itself, so its reply comes after the work is done.
            if switches.strikes("lost_reply"):
                self._reply_fault = "reset_after_write"
                return False
            self._delay = switches.amount("late_reply")
        if switches.strikes("maintenance"):
            self._client.write(error_packet(1053, "08S01", "Server shutdown in progress"))
            self._client.close()
            return True
        self._reply_fault = next((name for name in REPLY_FAULTS if switches.strikes(name)), None)
        return False

    async def to_client(self, server_reader: asyncio.StreamReader) -> None:
        while data := await server_reader.read(CHUNK):
            if self._delay:
                await asyncio.sleep(self._delay)
                self._delay = 0.0
            if self._reply_fault == "reset_after_write":
                reset(self._client.transport)
                return
            if self._reply_fault is not None:
                self._client.write(
                    GARBAGE if self._reply_fault == "garbage" else data[: len(data) // 2]
                )
                await self._client.drain()
                if self._reply_fault == "stall":
                    await asyncio.Event().wait()
                return
            self._client.write(data)
            await self._client.drain()
            self.end_call()
