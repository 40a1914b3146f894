"""One exchange on the wire: what the application answered, and ways to send it.

The transport is put into the ASGI scope by `mocks.server.Protocol`, because ASGI itself has no
way to break a connection.
"""

import asyncio
import socket
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Headers = list[tuple[bytes, bytes]]
TRANSPORT = "mocks.transport"


@dataclass(slots=True)
class Answer:
    """What the application wants to send."""

    status: int
    headers: Headers
    body: bytes


async def answer_of(app: ASGIApp, scope: Scope, receive: Receive) -> Answer:
    """Runs the application and keeps its answer back."""
    answer = Answer(500, [], b"")
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


def _without_length(headers: Headers) -> Headers:
    return [(name, value) for name, value in headers if name.lower() != b"content-length"]


def with_length(headers: Headers, length: int) -> Headers:
    """The headers with this content-length."""
    return [*_without_length(headers), (b"content-length", str(length).encode())]


async def send_start(send: Send, status: int, headers: Headers) -> None:
    """Status line and headers."""
    await send({"type": "http.response.start", "status": status, "headers": headers})


async def send_whole(send: Send, status: int, headers: Headers, body: bytes) -> None:
    """A complete answer with its right length."""
    await send_start(send, status, with_length(headers, len(body)))
    await send({"type": "http.response.body", "body": body})


async def send_cut(send: Send, scope: Scope, answer: Answer, *, honest: bool) -> None:
    """Half of the body; honest about its length, or promising all of it and hanging up."""
    half = answer.body[: len(answer.body) // 2]
    if honest:
        await send_whole(send, answer.status, answer.headers, half)
        return
    await send_start(send, answer.status, with_length(answer.headers, len(answer.body)))
    await send({"type": "http.response.body", "body": half, "more_body": True})
    transport_of(scope).close()


async def send_slowly(send: Send, answer: Answer, bytes_per_second: float) -> None:
    """The body in drops, ten a second (one byte at a time when slower than that)."""
    drop = max(1, int(bytes_per_second / 10))
    await send_start(send, answer.status, with_length(answer.headers, len(answer.body)))
    for start in range(0, len(answer.body), drop):
        await asyncio.sleep(drop / bytes_per_second)
        chunk = answer.body[start : start + drop]
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def send_padded(send: Send, answer: Answer, padding: Sequence[bytes]) -> None:
    """The body and then the padding, chunk by chunk, its length not told."""
    await send_start(send, answer.status, _without_length(answer.headers))
    await send({"type": "http.response.body", "body": answer.body, "more_body": True})
    for chunk in padding:
        await send({"type": "http.response.body", "body": chunk, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def reset(scope: Scope) -> None:
    """Breaks the connection so that the peer gets a reset, not an end of file."""
    transport = transport_of(scope)
    connection = transport.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


def transport_of(scope: Scope) -> asyncio.Transport:
    """The connection's transport."""
    transport: asyncio.Transport = scope["extensions"][TRANSPORT]
    return transport
