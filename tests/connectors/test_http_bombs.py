"""A decompression bomb is refused long before it reaches the limit."""

import gzip
import random

import pytest
from aiohttp import web

from adapters.connectors.http.transport import HttpRequest, HttpTransport
from adapters.contract import ReplyTooLargeError
from tests.support.servers import http_server

MIB = 1 << 20


@pytest.mark.parametrize(
    ("content", "is_refused"),
    [
        (b" " * (8 * MIB), True),
        (b" " * (MIB // 4), False),
        (random.Random(4).randbytes(8192) * 300, False),
    ],
    ids=["a bomb", "small however packed", "repeated rows"],
)
async def test_a_decompression_bomb_is_refused(content: bytes, is_refused: bool) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(content), headers={"Content-Encoding": "gzip"})

    async with http_server(answer) as url:
        transport = HttpTransport("forest", connections=1, reply_bytes=64 * MIB)
        try:
            if is_refused:
                with pytest.raises(ReplyTooLargeError, match="decompression bomb"):
                    await transport.send(HttpRequest("GET", url, {}))
            else:
                assert (await transport.send(HttpRequest("GET", url, {}))).body == content
        finally:
            await transport.close()


async def test_compressed_bytes_count_towards_the_limit() -> None:
    """A gzip may have a long header: here the name of a file."""
    packed = gzip.compress(b"rows")
    named = packed[:3] + b"\x08" + packed[4:10] + b"x" * MIB + b"\0" + packed[10:]

    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=named, headers={"Content-Encoding": "gzip"})

    async with http_server(answer) as url:
        transport = HttpTransport("forest", connections=1, reply_bytes=MIB)
        try:
            with pytest.raises(ReplyTooLargeError, match="sent more than"):
                await transport.send(HttpRequest("GET", url, {}))
        finally:
            await transport.close()
