"""Reads the client's side of PostgreSQL's wire protocol (version 3)."""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass

CANCEL_OR_ENCRYPTION = frozenset({80877102, 80877103, 80877104})
"""CancelRequest, SSLRequest, GSSENCRequest: none of them begins the session."""
MOST_STARTUP_BYTES = 10_000
MOST_BYTES = 64 << 20
"""Of a message before the session, and in it."""
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
    """One message; `kind` is its letter, empty for those before the session."""

    kind: bytes
    raw: bytes

    @property
    def payload(self) -> bytes:
        """What follows letter and length."""
        return self.raw[5:]


class NoMessageError(ConnectionError):
    """What came can't be a message: its sender is hung up on, as by the database itself."""


class MessageReader:
    """Cuts the client's bytes into messages."""

    def __init__(self) -> None:
        self._rest = b""
        self._in_session = False

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages that are complete now; raises NoMessageError."""
        self._rest += data
        while True:
            start = 1 if self._in_session else 0
            if len(self._rest) < start + 4:
                return
            length = int.from_bytes(self._rest[start : start + 4], "big")
            if not 4 <= length <= (MOST_BYTES if self._in_session else MOST_STARTUP_BYTES):
                raise NoMessageError("That is not PostgreSQL's protocol.")
            size = start + length
            if len(self._rest) < size:
                return
            raw, self._rest = self._rest[:size], self._rest[size:]
            yield Message(raw[:start], raw)
            if not self._in_session and size >= 8:
                code = int.from_bytes(raw[4:8], "big")
                self._in_session = code not in CANCEL_OR_ENCRYPTION


class StatementBook:
    """Remembers prepared statements and portals, to know what an Execute runs."""

    def __init__(self) -> None:
        self._statements: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}

    def run_by(self, message: Message) -> str | None:
        """The SQL that this message runs; None if it runs none."""
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
    """The name to count a statement under; None for what is no read of a client's own.

    What drivers and pools ask for themselves is housekeeping, not a call.
    """
    if _READS.match(sql) is None:
        return None
    capability = _CAPABILITY.match(sql)
    if capability:
        return capability[1]
    return None if _HOUSEKEEPING.search(sql) else "statement"


def first_row_of(answer: bytes) -> tuple[int, bytes]:
    """Where the first DataRow of an answer starts, and the row; (0, b"") if it has none."""
    start = 0
    while start + 5 <= len(answer):
        end = start + 1 + int.from_bytes(answer[start + 1 : start + 5], "big")
        if answer[start : start + 1] == DATA_ROW and end <= len(answer):
            return start, answer[start:end]
        start = end
    return 0, b""


def error_response(severity: str, code: str, message: str) -> bytes:
    """An ErrorResponse."""
    fields = b"".join(
        letter + text.encode() + b"\x00"
        for letter, text in ((b"S", severity), (b"V", severity), (b"C", code), (b"M", message))
    )
    return b"E" + struct.pack(">I", len(fields) + 5) + fields + b"\x00"


def ready_for_query(transaction_status: bytes) -> bytes:
    """A ReadyForQuery; status I (idle), T (in a transaction) or E (in a failed one)."""
    return READY + transaction_status
