"""The parts of a request in `multipart/form-data`, as they arrive (RFC 7578)."""

import asyncio
import contextlib
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from email.message import Message
from typing import Any

from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser

from hub.http.exchange import BadRequestError

MAX_HEADERS = 8
MAX_HEADER_BYTES = 1024
DISCARD_SECONDS = 3.0
DISCARD_BYTES = 64 << 20
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")
_PLAIN = frozenset({"", "7bit", "8bit", "binary"})
# Its warnings report invalid requests: a client could fill the log with them.
logging.getLogger("python_multipart").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class PartStart:
    """A part begins.

    Attributes:
        name: name of the field.
        file_name: name of the file; None if the part is not a file.
    """

    name: str
    file_name: str | None


@dataclass(frozen=True, slots=True)
class PartContent:
    """A piece of the content of the part."""

    content: bytes


@dataclass(frozen=True, slots=True)
class PartEnd:
    """The part is complete."""


PartEvent = PartStart | PartContent | PartEnd


def boundary_of(content_type: str) -> str:
    """Return the boundary between the parts.

    Args:
        content_type: header `Content-Type` of the request.

    Raises:
        BadRequestError: it has none, or an invalid one.
    """
    boundary = _parameter(content_type, "boundary")
    if boundary is None or not _BOUNDARY.fullmatch(boundary):
        raise BadRequestError(400, "The header Content-Type must have a valid `boundary`.")
    return boundary


class PartParser:
    """Collects the events in each piece of the body.

    Args:
        boundary: the boundary between the parts.
        most_parts: maximum number of parts.
    """

    def __init__(self, boundary: str, most_parts: int) -> None:
        self._events: list[PartEvent] = []
        self._most_parts = most_parts
        self._parts = 0
        self._field = bytearray()
        self._value = bytearray()
        self._headers: dict[str, str] = {}
        self._is_complete = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._on_part_begin,
                "on_header_field": self._on_header_field,
                "on_header_value": self._on_header_value,
                "on_header_end": self._on_header_end,
                "on_headers_finished": self._on_headers_finished,
                "on_part_data": self._on_part_data,
                "on_part_end": lambda: self._events.append(PartEnd()),
                "on_end": self._on_end,
            },
            max_header_count=MAX_HEADERS,
            max_header_size=MAX_HEADER_BYTES,
        )

    def feed(self, body: bytes) -> list[PartEvent]:
        """Return the events in the next piece of the body.

        Raises:
            BadRequestError: the body is not valid.
        """
        self._events = []
        try:
            self._parser.write(body)
        except MultipartParseError:
            raise BadRequestError(400, "The request is not valid multipart/form-data.") from None
        return self._events

    def finish(self) -> None:
        """Check that the last boundary has arrived.

        Raises:
            BadRequestError: it has not.
        """
        if not self._is_complete:
            raise BadRequestError(400, "The request is not complete: its last boundary is missing.")

    def _on_part_begin(self) -> None:
        self._parts += 1
        if self._parts > self._most_parts:
            raise BadRequestError(400, f"The request has more than {self._most_parts} parts.")
        self._headers = {}

    def _on_header_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_header_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        name = self._field.decode("latin-1").lower()
        if name in self._headers:
            raise BadRequestError(400, "A part of the request has the same header twice.")
        self._headers[name] = self._value.decode("utf-8", errors="replace")
        self._field.clear()
        self._value.clear()

    def _on_headers_finished(self) -> None:
        disposition = self._headers.get("content-disposition", "")
        name = _parameter(disposition, "name")
        if disposition.partition(";")[0].strip().lower() != "form-data" or name is None:
            raise BadRequestError(400, "Each part needs `Content-Disposition: form-data; name=…`.")
        if self._headers.get("content-transfer-encoding", "").strip().lower() not in _PLAIN:
            raise BadRequestError(400, "Send parts without Content-Transfer-Encoding.")
        file_name = _parameter(disposition, "filename")
        # Browsers escape these characters only (HTML, multipart/form-data encoding algorithm).
        for escaped, character in (("%22", '"'), ("%0D", "\r"), ("%0A", "\n")):
            file_name = file_name and file_name.replace(escaped, character)
        self._events.append(PartStart(name, file_name))

    def _on_part_data(self, data: bytes, start: int, end: int) -> None:
        self._events.append(PartContent(data[start:end]))

    def _on_end(self) -> None:
        self._is_complete = True


class Body:
    """The body of a request, which is never held whole.

    Args:
        receive: ASGI channel of the request.
        most_bytes: maximum size of the body.

    Attributes:
        is_over: True if nothing more will arrive.
        has_begun: True if a part of it was received.
    """

    def __init__(self, receive: Callable[[], Awaitable[Any]], most_bytes: int) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self.is_over = self.has_begun = False

    async def parts(self, parser: PartParser) -> AsyncIterator[PartEvent]:
        """Yield the events of the body.

        Raises:
            BadRequestError: the body is not valid, is too large, or was broken off.
        """
        size = 0
        while not self.is_over:
            body = await self._next()
            if body is None:
                raise BadRequestError(400, "The client disconnected too early.")
            size += len(body)
            if size > self._most_bytes:
                raise BadRequestError(413, f"The request exceeds {self._most_bytes:,} bytes.")
            for event in parser.feed(body):
                yield event
        parser.finish()

    async def discard(self) -> None:
        """Read the rest of a refused request, within bounds.

        A client that still sends while the hub closes the connection does not see the response.
        """
        size = 0
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DISCARD_SECONDS):
                while not self.is_over and size < DISCARD_BYTES:
                    size += len(await self._next() or b"")

    async def _next(self) -> bytes | None:
        """Return the next piece; None if the client has disconnected."""
        self.has_begun = True
        message = await self._receive()
        self.is_over = not message.get("more_body", False)
        if message["type"] == "http.disconnect":
            return None
        piece: bytes = message.get("body", b"")
        return piece


def _parameter(header: str, name: str) -> str | None:
    """Return a parameter of a header; None if it does not have it."""
    message = Message()
    message["content-type"] = header.replace("\r", "").replace("\n", "")
    found = message.get_param(name)
    return found if isinstance(found, str) else None
