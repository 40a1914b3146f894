"""A forward proxy: passes requests on (RFC 9110, 7.7), and opens tunnels (9.3.6)."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

from tests.support.servers import byte_server

LARGE = 1 << 16


class ForwardProxy:
    """A forward proxy.

    Attributes:
        url: where it listens.
        requests: the first line of each request.
    """

    def __init__(self, username: str | None = None, password: str = "") -> None:
        self.url = ""
        self.requests: list[str] = []
        pair = base64.b64encode(f"{username}:{password}".encode()).decode()
        self._wanted = None if username is None else f"proxy-authorization: basic {pair}".lower()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        request, _, fields = head.partition("\r\n")
        self.requests.append(request)
        if self._wanted is not None and self._wanted not in fields.lower():
            writer.write(b"HTTP/1.1 407 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        await self._pass_on(request, fields, reader, writer)

    async def _pass_on(
        self,
        request: str,
        fields: str,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        method, target, version = request.split()
        address = urlsplit(f"//{target}" if method == "CONNECT" else target)
        try:
            there, out = await asyncio.open_connection(address.hostname, address.port)
        except OSError:
            writer.write(b"HTTP/1.1 502 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
            return
        if method == "CONNECT":
            writer.write(b"HTTP/1.1 200 Go ahead\r\n\r\n")
        else:
            path = target.partition(address.netloc)[2]
            out.write(f"{method} {path} {version}\r\n{fields}".encode())
        await asyncio.gather(_copy(reader, out), _copy(there, writer))


async def _copy(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(LARGE):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


@asynccontextmanager
async def running_proxy(proxy: ForwardProxy) -> AsyncIterator[ForwardProxy]:
    async with byte_server(proxy.serve) as address:
        proxy.url = f"http://{address}"
        yield proxy
