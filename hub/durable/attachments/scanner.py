"""Scans files for viruses with clamd (ClamAV), over its protocol INSTREAM."""

import asyncio
import struct
from collections.abc import AsyncIterator
from dataclasses import dataclass

CONNECT_SECONDS = 5.0
SCAN_SECONDS = 60.0
MAX_REPLY_BYTES = 4096


class ScannerError(Exception):
    """The file could not be scanned. The message is for the hub's operator."""


@dataclass(frozen=True, slots=True)
class Scanner:
    """The hub's connection to clamd.

    Attributes:
        host: name or IP address of clamd.
        port: its TCP port.
    """

    host: str
    port: int

    async def virus_in(self, content: AsyncIterator[bytes]) -> str | None:
        """Return the name of the virus in a content; None if clamd finds none.

        Raises:
            ScannerError: clamd cannot be reached, does not answer in time, or reports an error.
        """
        try:
            async with asyncio.timeout(SCAN_SECONDS):
                reply = await self._scan(content)
        except (OSError, TimeoutError, asyncio.LimitOverrunError, EOFError) as error:
            reason = str(error) or type(error).__name__
            raise ScannerError(f"clamd at {self.host}:{self.port}: {reason}") from None
        text = reply.rstrip(b"\0\n").decode(errors="replace").removeprefix("stream: ")
        if text == "OK":
            return None
        if text.endswith(" FOUND"):
            return text.removesuffix(" FOUND")
        raise ScannerError(f"clamd at {self.host}:{self.port} answered: {text[:200]}")

    async def _scan(self, content: AsyncIterator[bytes]) -> bytes:
        async with asyncio.timeout(CONNECT_SECONDS):
            reader, writer = await asyncio.open_connection(
                self.host, self.port, limit=MAX_REPLY_BYTES
            )
        try:
            writer.write(b"zINSTREAM\0")
            async for part in content:
                writer.write(struct.pack(">I", len(part)) + part)
                await writer.drain()
            writer.write(struct.pack(">I", 0))
            await writer.drain()
            return await reader.readuntil(b"\0")
        except ConnectionError:
            # clamd answers and closes as soon as a file exceeds its own limit.
            return await reader.readuntil(b"\0")
        finally:
            writer.close()


def scanner_of(setting: str | None) -> Scanner | None:
    """Return the scanner for a value of `HUB_CLAMD` (`HOST:PORT`); None for None."""
    if setting is None:
        return None
    host, _, port = setting.rpartition(":")
    return Scanner(host.strip("[]"), int(port))
