"""A server with the protocol INSTREAM of clamd, which finds the EICAR test file."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.support.uploads import EICAR


@asynccontextmanager
async def clamd(
    reply: bytes | None = None, most_bytes: int = 25 << 20
) -> AsyncIterator[tuple[str, int]]:
    """Run the server; return its host and port.

    Args:
        reply: what it always answers; by default, what it finds.
        most_bytes: size beyond which it answers with an error and closes, as clamd does.
    """

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = bytearray()
        try:
            assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
            while length := struct.unpack(">I", await reader.readexactly(4))[0]:
                content += await reader.readexactly(length)
                if len(content) > most_bytes:
                    writer.write(b"INSTREAM size limit exceeded. ERROR\0")
                    return
            found = b"stream: Eicar-Signature FOUND\0" if EICAR in content else b"stream: OK\0"
            writer.write(found if reply is None else reply)
        except asyncio.IncompleteReadError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    try:
        host, port = server.sockets[0].getsockname()[:2]
        yield host, port
    finally:
        server.close()
