"""X-Road security server in front of one REST service (message protocol for REST, version 1).

It does not sign messages and acts as both servers of an exchange; a client sees no difference.
"""

import base64
import hashlib
import uuid
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mocks.faults.transmission import OutgoingReply
from mocks.responses import json_response, whole_body

PREFIX = "/r1"
ECHOED = (b"x-road-client", b"x-road-id", b"x-road-userid", b"x-road-issue")

Headers = list[tuple[bytes, bytes]]


class SecurityServer:
    """Forwards requests of known clients and adds X-Road's headers to each reply.

    Args:
        app: the service; it gets the path after its service code.
        service: `INSTANCE/CLASS/MEMBER/SUBSYSTEM/SERVICECODE`.
        clients: subsystems that may call the service.
    """

    def __init__(self, app: ASGIApp, service: str, clients: Iterable[str]) -> None:
        self._app = app
        self._service = service
        self._clients = frozenset(clients)
        self._prefix = f"{PREFIX}/{service}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = dict(scope["headers"])
        refusal = self._refusal(scope["raw_path"].decode("latin-1"), headers)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        body = await whole_body(receive)
        marks = self._marks(scope, headers, body)

        async def receive_again() -> Message:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message["headers"], *marks]}
            await send(message)

        # The path stays encoded, because it may contain encoded slashes.
        rest = scope["raw_path"][len(self._prefix) :]
        inner = {**scope, "path": rest.decode("latin-1"), "raw_path": rest}
        await self._app(inner, receive_again, send_marked)

    def _refusal(self, path: str, headers: dict[bytes, bytes]) -> Response | None:
        client = headers.get(b"x-road-client", b"").decode("latin-1")
        if not client:
            return _error("Client.MissingHeader", "Required header X-Road-Client is missing", 400)
        parts = unquote(client).split("/")
        if len(parts) not in (3, 4) or not all(parts):
            return _error("Client.BadRequest", "X-Road-Client is not an identifier", 400)
        if client not in self._clients:
            return _error("Server.ServerProxy.AccessDenied", f"No right to {self._service}", 500)
        if path != self._prefix and not path.startswith(f"{self._prefix}/"):
            return _error("Server.ServerProxy.UnknownService", "Unknown service", 500)
        return None

    def _marks(self, scope: Scope, headers: dict[bytes, bytes], body: bytes) -> Headers:
        digest = hashlib.sha512()
        digest.update(scope["method"].encode() + b" " + scope["raw_path"])
        digest.update(b"?" + scope["query_string"] + body)
        echoed = [(name, headers[name]) for name in ECHOED if name in headers]
        if b"x-road-id" not in headers:
            echoed.append((b"x-road-id", str(uuid.uuid4()).encode()))
        return [
            *echoed,
            (b"x-road-service", self._service.encode()),
            (b"x-road-request-id", str(uuid.uuid4()).encode()),
            (b"x-road-request-hash", base64.b64encode(digest.digest())),
        ]


def exchange_error(code: str, message: str) -> Callable[[OutgoingReply], None]:
    """Return a quirk that replaces the reply with an error of the exchange."""

    def play(reply: OutgoingReply) -> None:
        error = _error(code, message, 500)
        reply.status, reply.headers, reply.body = 500, error.raw_headers, bytes(error.body)

    return play


def other_request_id(reply: OutgoingReply) -> None:
    """Give the reply the id of another request (`docs/quirks.md` i)."""
    reply.headers = [
        (name, str(uuid.uuid4()).encode() if name == b"x-road-id" else value)
        for name, value in reply.headers
    ]


def _error(code: str, message: str, status: int) -> Response:
    error: dict[str, Any] = {"type": code, "message": message, "detail": str(uuid.uuid4())}
    response = json_response(error, status)
    response.headers["X-Road-Error"] = code
    return response
