"""Wraps an ASGI application with a security profile, which gets whole requests and replies."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.faults.transmission import OutgoingReply, reply_of, send_whole
from mocks.responses import whole_body


@dataclass(frozen=True, slots=True)
class WholeRequest:
    """A request: its ASGI scope and its whole body."""

    scope: Scope
    body: bytes

    def header(self, name: str) -> str:
        """Return the first header with this lower-case name; empty if there is none."""
        wanted = name.encode()
        return next((v.decode("latin-1") for n, v in self.scope["headers"] if n == wanted), "")

    @property
    def url(self) -> str:
        """Path and query, still encoded."""
        path: str = self.scope["raw_path"].decode("latin-1")
        query: str = self.scope["query_string"].decode("latin-1")
        return f"{path}?{query}" if query else path


Forward = Callable[[WholeRequest], Awaitable[OutgoingReply]]
"""Passes a request on to the protected application."""
Protection = Callable[[WholeRequest, Forward], Awaitable[OutgoingReply]]
"""Checks and changes a request, usually forwards it, and changes the reply."""


class ProtectedApp:
    """ASGI application that handles each request with a protection."""

    def __init__(self, app: ASGIApp, protection: Protection) -> None:
        self._app = app
        self._protection = protection

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = WholeRequest(scope, await whole_body(receive))
        reply = await self._protection(request, self._forward)
        await send_whole(send, reply.status, reply.headers, reply.body)

    async def _forward(self, request: WholeRequest) -> OutgoingReply:
        async def receive_again() -> Message:
            return {"type": "http.request", "body": request.body, "more_body": False}

        return await reply_of(self._app, request.scope, receive_again)
