"""One exchange on the wire: what the application answered, and ways to send it.

The transport is put into the ASGI scope by `mocks.server.Protocol`, because ASGI itself has no
way to break a connection.
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
"""65 MiB of spaces, which JSON and XML both allow at the end."""
LOOK_SECONDS = 0.1
"""How often it is looked whether a caller that is kept waiting is still there."""
GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"


class Ending(Enum):
    """How a reply ends: as it should, by hanging up, or never."""

    FINISH = auto()
    HANG_UP = auto()
    STALL = auto()


@dataclass(slots=True)
class OutgoingReply:
    """What is to be sent.

    Attributes:
        body: the body, or its beginning.
        padding: what follows it; the length of the whole is not told then.
    """

    status: int
    headers: Headers
    body: bytes
    padding: Sequence[bytes] = ()

    def first_half(self) -> list[bytes]:
        """Half of what would be sent."""
        if self.padding:
            return [self.body, *self.padding[: len(self.padding) // 2]]
        return [self.body[: len(self.body) // 2]]


async def reply_of(app: ASGIApp, scope: Scope, receive: Receive) -> OutgoingReply:
    """Runs the application and keeps its answer back."""
    answer = OutgoingReply(500, [], b"")
    chunks: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            answer.status = message["status"]
            answer.headers = list(message.get("headers", ()))
        else:
            chunks.append(message.get("body", b""))

    await app(scope, receive, keep)
    answer.body = b"".join(chunks)
    return answer


def in_utf16(answer: OutgoingReply) -> None:
    """The body in UTF-16; its headers go on saying what they said."""
    answer.body = answer.body.decode("utf-8", "replace").encode("utf-16-le")


def padded(answer: OutgoingReply) -> None:
    """65 MiB of spaces after the body."""
    answer.padding = [PADDING_CHUNK] * PADDING_CHUNKS


def packed(answer: OutgoingReply) -> None:
    """The body and 65 MiB of spaces, as gzip."""
    answer.headers = [*answer.headers, (b"content-encoding", b"gzip")]
    answer.body = _bomb(answer.body)


@lru_cache(maxsize=64)
def _bomb(body: bytes) -> bytes:
    packer = compressobj(9, DEFLATED, -MAX_WBITS)
    start = packer.compress(body) + packer.flush(Z_FULL_FLUSH)
    # After a full flush nothing refers back, so that one packed chunk can be said again and again.
    chunk = packer.compress(PADDING_CHUNK) + packer.flush(Z_FULL_FLUSH)
    checksum = crc32(body)
    for _ in range(PADDING_CHUNKS):
        checksum = _checksum_after_padding(checksum)
    size = (len(body) + PADDING_CHUNKS * len(PADDING_CHUNK)) & 0xFFFFFFFF
    trailer = struct.pack("<II", checksum, size)
    return b"".join([GZIP_HEADER, start, chunk * PADDING_CHUNKS, packer.flush(), trailer])


def _checksum_after_padding(checksum: int) -> int:
    """CRC-32 after one more chunk of padding: it is linear, so each bit says what it comes to."""
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
    """A complete answer with its right length."""
    await send_start(send, status, _with_length(headers, len(body)))
    await send({"type": "http.response.body", "body": body})


async def send_start(send: Send, status: int, headers: Headers) -> None:
    """Status line and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def pause(seconds: float, gone: Callable[[], bool]) -> bool:
    """Waits, unless the caller goes away meanwhile; whether it is still there."""
    until = time.monotonic() + seconds
    while not gone() and (left := until - time.monotonic()) > 0:
        await asyncio.sleep(min(left, LOOK_SECONDS))
    return not gone()


async def send_reply(
    send: Send,
    answer: OutgoingReply,
    chunks: Sequence[bytes],
    bytes_per_second: float,
    gone: Callable[[], bool],
) -> None:
    """The chunks under the answer's headers, which promise all of it; the end is left to say."""
    headers = _without_length(answer.headers)
    if not answer.padding:
        headers = _with_length(headers, len(answer.body))
    await send_start(send, answer.status, headers)
    async for drop in _in_portions(chunks, bytes_per_second, gone):
        await send({"type": "http.response.body", "body": drop, "more_body": True})


async def end(ending: Ending, scope: Scope, receive: Receive, send: Send) -> None:
    """Ends what `send_reply` began."""
    if ending is Ending.FINISH:
        await send({"type": "http.response.body", "body": b""})
    elif ending is Ending.HANG_UP:
        transport_of(scope).close()
    else:
        await until_gone(receive)


async def until_gone(receive: Receive) -> None:
    """Returns when the caller hangs up."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _in_portions(
    chunks: Iterable[bytes], bytes_per_second: float, gone: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Whole chunks at speed 0."""
    for chunk in chunks:
        if not bytes_per_second:
            yield chunk
            continue
        async for drop in in_portions(chunk, bytes_per_second, gone):
            yield drop


async def in_portions(
    data: bytes, bytes_per_second: float, gone: Callable[[], bool]
) -> AsyncIterator[bytes]:
    """Ten drops a second, or one byte at a time when slower; ends when the caller goes away."""
    size = max(1, int(bytes_per_second / 10))
    for start in range(0, len(data), size):
        drop = data[start : start + size]
        if not await pause(len(drop) / bytes_per_second, gone):
            return
        yield drop


def _without_length(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


def _with_length(headers: Headers, length: int) -> Headers:
    return [*_without_length(headers), (b"content-length", str(length).encode())]


def reset(transport: asyncio.WriteTransport) -> None:
    """Breaks the connection so that the peer gets a reset, not an end of file."""
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection's transport."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]
    return transport
