"""One HTTP request and its response, straight over ASGI.

Starlette's request and response cost as much as a small query takes; the hot path does without.
"""

import re
import uuid
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
GRAPHQL_RESPONSE = "application/graphql-response+json"


class BadRequestError(Exception):
    """A request that is not GraphQL over HTTP; `status` is the HTTP status to answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Exchange:
    """A request, and the way to answer it.

    Attributes:
        scope: ASGI's description of the request.
        receive: gives the next part of the request, or that the client has gone.
        method: HTTP method.
        accept: the header `Accept`.
        authorization: the header `Authorization`.
        media_type: the media type of the body, in small letters, without parameters.
        correlation_id: the caller's `X-Correlation-Id` if it is one, else a new one.
    """

    __slots__ = (
        "_send",
        "accept",
        "authorization",
        "correlation_id",
        "media_type",
        "method",
        "receive",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self._send = send
        self.method: str = scope["method"]
        headers = dict(scope["headers"])
        self.accept: str = headers.get(b"accept", b"").decode("latin-1")
        self.authorization: bytes = headers.get(b"authorization", b"")
        content_type: str = headers.get(b"content-type", b"").decode("latin-1")
        self.media_type = content_type.partition(";")[0].strip().lower()
        given: str = headers.get(b"x-correlation-id", b"").decode("latin-1")
        self.correlation_id = given if _CORRELATION_ID.fullmatch(given) else uuid.uuid4().hex

    @property
    def accepts_graphql_response(self) -> bool:
        return GRAPHQL_RESPONSE in self.accept

    async def body(self, limit: int) -> bytes:
        """The request's body; `BadRequestError` when it has more than `limit` bytes."""
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise BadRequestError(400, "The request was broken off.")
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BadRequestError(413, f"The request exceeds {limit:,} bytes.")
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def respond(
        self, status: int, content: Any, headers: tuple[tuple[bytes, bytes], ...] = ()
    ) -> None:
        """Sends `content` as JSON."""
        body = orjson.dumps(content)
        media_type = (
            b"application/graphql-response+json; charset=utf-8"
            if self.accepts_graphql_response
            else b"application/json; charset=utf-8"
        )
        start = {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", media_type),
                (b"content-length", str(len(body)).encode()),
                (b"x-correlation-id", self.correlation_id.encode()),
                (b"cache-control", b"no-store"),
                *headers,
            ],
        }
        await self._send(start)
        await self._send({"type": "http.response.body", "body": body})
