"""One request to what stands protect a front, and its answer, each of them whole."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.faults.transmission import OutgoingReply, reply_of, send_whole
from mocks.responses import whole_body


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """A request: its scope, and its whole body."""

    scope: Scope
    body: bytes

    def header(self, name: str) -> str:
        """The first header of this name (small letters); empty when there is none."""
        wanted = name.encode()
        return next((v.decode("latin-1") for n, v in self.scope["headers"] if n == wanted), "")

    @property
    def url(self) -> str:
        """Path and query, as they came."""
        path: str = self.scope["raw_path"].decode("latin-1")
        query: str = self.scope["query_string"].decode("latin-1")
        return f"{path}?{query}" if query else path


Forward = Callable[[ReceivedRequest], Awaitable[OutgoingReply]]
Profile = Callable[[ReceivedRequest, Forward], Awaitable[OutgoingReply]]
"""Answers a request, mostly by asking what stands protect it."""


class ProtectedApp:
    """ASGI: an application protect a front."""

    def __init__(self, app: ASGIApp, front: Profile) -> None:
        self._app = app
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = await self._front(ReceivedRequest(scope, await whole_body(receive)), self._ask)
        await send_whole(send, answer.status, answer.headers, answer.body)

    async def _ask(self, asked: ReceivedRequest) -> OutgoingReply:
        async def again() -> Message:
            return {"type": "http.request", "body": asked.body, "more_body": False}

        return await reply_of(self._app, asked.scope, again)
