"""Sends replies, complete or broken.

ASGI cannot break a connection, so `mocks.server.Protocol` puts the transport into the ASGI scope.
"""

import asyncio
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, lru_cache
from zlib import DEFLATED, MAX_WBITS, Z_FULL_FLUSH, compressobj, crc32

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
TRANSPORT = "mocks.transport"
PADDING_CHUNK = b" " * 65_536
PADDING_CHUNKS = 1_040
"""65 MiB of spaces, which JSON and XML allow at the end of a document."""
CHECK_SECONDS = 0.1
"""Interval at which a delayed reply checks that its caller is still connected."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class Ending(Enum):
    """How a reply ends: correctly, with a closed connection, or never."""

    FINISH = auto()
    HANG_UP = auto()
    STALL = auto()


@dataclass(slots=True)
class OutgoingReply:
    """A reply that has not been sent yet.

    Attributes:
        body: the body, or its beginning.
        padding: chunks that follow the body; if there are any, no `Content-Length` is sent.
    """

    status: int
    headers: Headers
    body: bytes
    padding: Sequence[bytes] = ()

    def first_half(self) -> list[bytes]:
        """Return the chunks of the first half of the reply."""
        if self.padding:
            return [self.body, *self.padding[: len(self.padding) // 2]]
        return [self.body[: len(self.body) // 2]]


async def reply_of(app: ASGIApp, scope: Scope, receive: Receive) -> OutgoingReply:
    """Run the application and return its reply instead of sending it."""
    reply = OutgoingReply(500, [], b"")
    chunks: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            reply.status = message["status"]
            reply.headers = list(message.get("headers", ()))
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, keep)
    reply.body = b"".join(chunks)
    return reply


def encode_utf16(reply: OutgoingReply) -> None:
    """Encode the body in UTF-16 and leave the headers as they are."""
    reply.body = reply.body.decode("utf-8", "replace").encode("utf-16-le")


def add_padding(reply: OutgoingReply) -> None:
    """Add 65 MiB of spaces after the body."""
    reply.padding = [PADDING_CHUNK] * PADDING_CHUNKS


def compress(reply: OutgoingReply) -> None:
    """Compress the body and 65 MiB of spaces with gzip."""
    reply.headers = [*reply.headers, (b"content-encoding", b"gzip")]
    reply.body = _compressed(reply.body)


@lru_cache(maxsize=64)
def _compressed(body: bytes) -> bytes:
    packer = compressobj(9, DEFLATED, -MAX_WBITS)
    start = packer.compress(body) + packer.flush(Z_FULL_FLUSH)
    # After a full flush, data refers to no earlier data, so one compressed chunk can be repeated.
    chunk = packer.compress(PADDING_CHUNK) + packer.flush(Z_FULL_FLUSH)
    checksum = crc32(body)
    for _ in range(PADDING_CHUNKS):
        checksum = _checksum_after_padding(checksum)
    size = (len(body) + PADDING_CHUNKS * len(PADDING_CHUNK)) & 0xFFFFFFFF
    trailer = struct.pack("<II", checksum, size)
    return b"".join([GZIP_HEADER, start, chunk * PADDING_CHUNKS, packer.flush(), trailer])


def _checksum_after_padding(checksum: int) -> int:
    """Return the CRC-32 after one more padding chunk. CRC-32 is linear, so bits are combined."""
    after, of_bits = _padding_checksums()
    for bit, of_bit in enumerate(of_bits):
        if checksum >> bit & 1:
            after ^= of_bit
    return after


@cache
def _padding_checksums() -> tuple[int, list[int]]:
    nothing = crc32(PADDING_CHUNK, 0)
    return nothing, [crc32(PADDING_CHUNK, 1 << bit) ^ nothing for bit in range(32)]


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """Send a complete reply with the correct `Content-Length`."""
    await send_start(send, status, _with_length(headers, len(body)))
    await send({"type": "http.response.body", "body": body})


def write_copy(transport: asyncio.Transport, reply: OutgoingReply) -> None:
    """Write a complete reply to a connection again, although nobody has requested it."""
    headers = _with_length(reply.headers, len(reply.body))
    lines = b"".join(name + b": " + value + b"\r\n" for name, value in headers)
    if not transport.is_closing():
        transport.write(b"HTTP/1.1 %d OK\r\n%b\r\n%b" % (reply.status, lines, reply.body))


async def send_start(send: Send, status: int, headers: Headers) -> None:
    """Send the status line and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def pause(seconds: float, gone: Callable[[], bool]) -> bool:
    """Wait, at most until the caller disconnects. Return True if it is still connected."""
    until = time.monotonic() + seconds
    while not gone() and (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, CHECK_SECONDS))
    return not gone()


async def send_reply(
    send: Send,
    reply: OutgoingReply,
    chunks: Sequence[bytes],
    bytes_per_second: float,
    gone: Callable[[], bool],
) -> None:
    """Send headers for the whole reply and then these chunks. Call `end` afterwards.

    Args:
        bytes_per_second: 0 for full speed.
        gone: returns True once the caller has disconnected.
    """
    headers = _without_length(reply.headers)
    if not reply.padding:
        headers = _with_length(headers, len(reply.body))
    await send_start(send, reply.status, headers)
    async for portion in _in_portions(chunks, bytes_per_second, gone):
        await send({"type": "http.response.body", "body": portion, "more_body": True})


async def end(ending: Ending, scope: Scope, receive: Receive, send: Send) -> None:
    """Finish the reply that `send_reply` began."""
    if ending is Ending.FINISH:
        await send({"type": "http.response.body", "body": b""})
    elif ending is Ending.HANG_UP:
        transport_of(scope).close()
    else:
        await until_gone(receive)


async def until_gone(receive: Receive) -> None:
    """Return when the caller disconnects."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _in_portions(
    chunks: Iterable[bytes], bytes_per_second: float, gone: Callable[[], bool]
) -> AsyncIterator[bytes]:
    for chunk in chunks:
        if not bytes_per_second:
            yield chunk
            continue
        async for portion in in_portions(chunk, bytes_per_second, gone):
            yield portion


async def in_portions(
    data: bytes, bytes_per_second: float, gone: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Yield ten portions a second, or single bytes if slower; stop when the caller disconnects."""
    size = max(1, int(bytes_per_second / 10))
    for start in range(0, len(data), size):
        portion = data[start : start + size]
        if not await pause(len(portion) / bytes_per_second, gone):
            return
        yield portion


def _without_length(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


def _with_length(headers: Headers, length: int) -> Headers:
    return [*_without_length(headers), (b"content-length", str(length).encode())]


def reset(transport: asyncio.WriteTransport) -> None:
    """Break the connection so that the peer receives a reset instead of an end of file."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def transport_of(scope: Scope) -> asyncio.Transport:
    """Return the transport of the connection."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]
    return transport
