"""A compressed reply that grows beyond measure is refused long before its bound."""

import gzip
import random

import pytest
from aiohttp import web

from adapters.connectors.http import HttpLine
from adapters.contract import ReplyTooLargeError
from tests.connectors.serving import serving

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
async def test_growth_beyond_measure_is_refused(content: bytes, is_refused: bool) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=gzip.compress(content), headers={"Content-Encoding": "gzip"})

    async with serving(answer) as url:
        line = HttpLine("forest", connections=1, reply_bytes=64 * MIB)
        try:
            if is_refused:
                with pytest.raises(ReplyTooLargeError, match="grows beyond measure"):
                    await line.send("GET", url, headers={})
            else:
                assert (await line.send("GET", url, headers={})).body == content
        finally:
            await line.close()
