"""Messages of PostgreSQL's wire protocol (version 3), as far as a proxy needs them."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

CANCEL_OR_ENCRYPTION = frozenset({80877102, 80877103, 80877104})
"""CancelRequest, SSLRequest and GSSENCRequest: they do not start a session."""
MOST_STARTUP_BYTES = 10_000
MOST_BYTES = 64 << 20
"""Size limits of a message before the session starts, and after."""
QUERY, PARSE, BIND, EXECUTE, SYNC, FLUSH = b"Q", b"P", b"B", b"E", b"S", b"H"
ENDS_OF_BATCH = frozenset({QUERY, SYNC, FLUSH, b"X", b"p", b"d", b"c", b"f", b"F"})
DATA_ROW = b"D"
READY = b"Z\x00\x00\x00\x05"

_COMMENTS = r"\s*(?:(?:/\*.*?\*/|--[^\n]*\n)\s*)*"
_READS = re.compile(_COMMENTS + r"\(*\s*(?:select|with)\b", re.IGNORECASE | re.DOTALL)
_CAPABILITY = re.compile(r"\s*/\*\s*([\w.:/-]+)\s*\*/")
_HOUSEKEEPING = re.compile(
    r"pg_advisory_unlock_all|pg_catalog|pg_type|typeinfo|version\(\)|current_schema"
    r"|current_setting\(|set_config\(",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `kind` is its type letter, empty before the session starts."""

    kind: bytes
    raw: bytes

    @property
    def payload(self) -> bytes:
        """The bytes after the type letter and the length."""
        return self.raw[5:]


class NoMessageError(ConnectionError):
    """The client does not speak PostgreSQL's protocol; the proxy closes the connection."""


class MessageReader:
    """Splits the client's bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_session = False

    def feed(self, data: bytes) -> Iterator[Message]:
        """Add bytes and yield the messages that are now complete.

        Raises:
            NoMessageError: a length is impossible.
        """
        self._rest += data
        while True:
            start = 1 if self._in_session else 0
            if len(self._rest) < start + 4:
                return
            length = int.from_bytes(self._rest[start : start + 4], "big")
            if not 4 <= length <= (MOST_BYTES if self._in_session else MOST_STARTUP_BYTES):
                raise NoMessageError("The client does not speak PostgreSQL's protocol.")
            size = start + length
            if len(self._rest) < size:
                return
            raw, self._rest = self._rest[:size], self._rest[size:]
            yield Message(raw[:start], raw)
            if not self._in_session and size >= 8:
                code = int.from_bytes(raw[4:8], "big")
                self._in_session = code not in CANCEL_OR_ENCRYPTION


class StatementBook:
    """Stores prepared statements and portals, to know which SQL an Execute message runs."""

    def __init__(self) -> None:
        self._statements: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def run_by(self, message: Message) -> str | None:
        """Return the SQL that this message runs; None if it runs none."""
        if message.kind == QUERY:
            return message.payload.rstrip(b"\x00").decode(errors="replace")
        if message.kind == PARSE:
            name, sql, _ = message.payload.split(b"\x00", 2)
            self._statements[name] = sql.decode(errors="replace")
        elif message.kind == BIND:
            portal, statement, _ = message.payload.split(b"\x00", 2)
            self._portals[portal] = self._statements.get(statement, "")
        elif message.kind == EXECUTE:
            return self._portals.get(message.payload.split(b"\x00", 1)[0], "")
        return None


def operation_of(sql: str) -> str | None:
    """Return the name under which to count a statement.

    Returns:
        The capability named in its first comment, otherwise `statement`. None for anything but a
        SELECT of the client; statements of drivers and pools do not count.
    """
    if _READS.match(sql) is None:
        return None
    capability = _CAPABILITY.match(sql)
    if capability:
        return capability[1]
    return None if _HOUSEKEEPING.search(sql) else "statement"


def first_row_of(reply: bytes) -> tuple[int, bytes]:
    """Return the offset of the first DataRow message and the message; (0, b"") if there is none."""
    start = 0
    while start + 5 <= len(reply):
        end = start + 1 + int.from_bytes(reply[start + 1 : start + 5], "big")
        if reply[start : start + 1] == DATA_ROW and end <= len(reply):
            return start, reply[start:end]
        start = end
    return 0, b""


def error_response(severity: str, code: str, message: str) -> bytes:
    """Return an ErrorResponse message."""
    fields = b"".join(
        letter + text.encode() + b"\x00"
        for letter, text in ((b"S", severity), (b"V", severity), (b"C", code), (b"M", message))
    )
    return b"E" + struct.pack(">I", len(fields) + 5) + fields + b"\x00"


def ready_for_query(transaction_status: bytes) -> bytes:
    """Return a ReadyForQuery message; status is I (idle), T (in a transaction) or E (failed)."""
    return READY + transaction_status
