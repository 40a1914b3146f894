"""Recognises connections that were lost while they were kept, or within a reply.

A server may close a kept connection at the moment at which the hub sends its next request (RFC
9112, 9.3.1). That says nothing about the department's health: the request is sent once more, on a
new connection.
"""

import asyncio
from functools import partial
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection

_used: "WeakSet[ResponseHandler]" = WeakSet()
"""Connections that have carried a reply."""


class KeptConnectionLostError(aiohttp.ClientConnectionError):
    """A kept connection was lost before a byte of the reply came."""


class DamagedBodyError(aiohttp.ClientPayloadError):
    """The connection was closed because the body's framing is damaged."""


class Response(aiohttp.ClientResponse):
    """A response that reports a lost connection precisely."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head of the reply.

        Raises:
            KeptConnectionLostError: the connection was lost before the reply began.
        """
        protocol = connection.protocol
        assert protocol is not None
        try:
            await super().start(connection)
        except aiohttp.ServerDisconnectedError as error:
            # aiohttp's message is a text if nothing came; otherwise it is the head so far.
            if protocol in _used and isinstance(error.message, str):
                raise KeptConnectionLostError from error
            raise
        except aiohttp.ClientOSError as error:
            if protocol in _used:
                raise KeptConnectionLostError from error
            raise
        _used.add(protocol)
        if not self.content.is_eof():
            self._watch(protocol)
        return self

    def _watch(self, protocol: ResponseHandler) -> None:
        """End the body when the connection ends: after a damaged chunk, aiohttp would wait."""
        closed, content = protocol.closed, self.content
        if closed is None:
            _end(content, None)
            return
        end = partial(_end, content)
        closed.add_done_callback(end)

        def forget() -> None:
            closed.remove_done_callback(end)

        content.on_eof(forget)


def _end(content: aiohttp.StreamReader, _: "asyncio.Future[None] | None") -> None:
    if not content.is_eof() and content.exception() is None:
        content.set_exception(DamagedBodyError("damaged chunk"))
