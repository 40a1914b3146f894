"""Keeps the requests to a department, and its replies."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.connectors.http.transport import HttpReply, HttpRequest, Transport


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request, and the department's reply to it."""

    request: HttpRequest
    reply: HttpReply

    @property
    def query(self) -> Mapping[str, str]:
        return self.request.query

    @property
    def status(self) -> int:
        return self.reply.status

    @property
    def body(self) -> bytes:
        return self.reply.body

    def holds(self, text: str) -> bool:
        """Return True if the request contains the text."""
        content = (self.request.content or b"").decode("utf-8", "replace")
        return text in self.request.full_url or text in content


class RecordingTransport:
    """Adds every reply of the wrapped transport to `exchanges`."""

    def __init__(self, inner: Transport, exchanges: list[Exchange]) -> None:
        self._inner = inner
        self._exchanges = exchanges

    async def send(self, request: HttpRequest) -> HttpReply:
        reply = await self._inner.send(request)
        self._exchanges.append(Exchange(request, reply))
        return reply

    async def close(self) -> None:
        await self._inner.close()
