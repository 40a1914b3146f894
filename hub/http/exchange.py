"""One HTTP request and its response, directly on ASGI.

Starlette's request and response objects take as long as a small query, so `/graphql` avoids them.
"""

import hashlib
import itertools
import os
import re
from collections.abc import Iterable
from typing import Any

import orjson
from starlette.types import Receive, Scope, Send

from hub.http.compression import MIN_BYTES, compress, preferred_coding
from hub.http.localization import localize, preferred_language
from schema.codes import ErrorCode
from schema.errors import HubError

Headers = tuple[tuple[bytes, bytes], ...]

_CORRELATION_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
GRAPHQL_RESPONSE = "application/graphql-response+json"
VARY = (b"vary", b"Accept, Accept-Encoding, Accept-Language")
NO_SNIFF = (b"x-content-type-options", b"nosniff")
NO_STORE = (b"cache-control", b"no-store")
ONCE = frozenset({b"authorization", b"hub-purpose"})
"""Headers that a request may have only once."""
REFUSAL_STATUS = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.ISSUER_UNAVAILABLE: 503,
    ErrorCode.DOCUMENT_NOT_FOUND: 404,
    ErrorCode.DOCUMENT_NOT_TRUSTED: 403,
    ErrorCode.COST_BUDGET_EXCEEDED: 429,
    ErrorCode.OVERLOADED: 503,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.STORE_UNAVAILABLE: 503,
    ErrorCode.UPLOADS_UNAVAILABLE: 503,
}
"""HTTP status of each error that replaces the response to an operation."""
# Clients that are refused together must not retry together.
_RETRY_AFTER = itertools.cycle(range(1, 6))


class BadRequestError(Exception):
    """The request is not valid GraphQL over HTTP.

    Attributes:
        status: HTTP status of the response.
        message: what is wrong and how to correct it.
    """

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Exchange:
    """A request and its response.

    Attributes:
        scope: ASGI scope of the request.
        receive: ASGI channel: returns the next part of the body, or that the client disconnected.
        method: HTTP method.
        headers: the request's headers, by lower-case name.
        accept: header `Accept`.
        address: the client's IP address; empty if it is unknown.
        authorization: header `Authorization`.
        media_type: media type of the body in lower case, without parameters.
        correlation_id: header `X-Correlation-Id` if it is valid, otherwise a new id.
        must_close: close the connection after the response, because the rest of the request is not
            worth reading.
    """

    __slots__ = (
        "_send",
        "accept",
        "address",
        "authorization",
        "correlation_id",
        "headers",
        "media_type",
        "method",
        "must_close",
        "receive",
        "scope",
    )

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = receive
        self._send = send
        self.must_close = False
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        headers = self.headers
        self.accept: str = headers.get(b"accept", b"").decode("latin-1")
        if len(headers) != len(scope["headers"]):
            # A proxy may have checked another one than the last: several together are invalid.
            for single in ONCE & headers.keys():
                values = (value for name, value in scope["headers"] if name == single)
                headers[single] = b", ".join(values)
        self.authorization: bytes = headers.get(b"authorization", b"")
        client = scope.get("client")
        self.address: str = client[0] if client else ""
        content_type: str = headers.get(b"content-type", b"").decode("latin-1")
        self.media_type = content_type.partition(";")[0].strip().lower()
        given: str = headers.get(b"x-correlation-id", b"").decode("latin-1")
        self.correlation_id = given if _CORRELATION_ID.fullmatch(given) else os.urandom(16).hex()

    @property
    def accepts_graphql_response(self) -> bool:
        return GRAPHQL_RESPONSE in self.accept

    @property
    def purpose(self) -> str:
        """The header `Hub-Purpose`: code of the purpose that the client states."""
        return self.headers.get(b"hub-purpose", b"").decode("latin-1").strip()

    async def body(self, limit: int) -> bytes:
        """Return the request's body of at most `limit` bytes.

        Raises:
            BadRequestError: the body exceeds the limit, or the client disconnected.
        """
        declared = self.headers.get(b"content-length", b"0")
        if not declared.isdigit() or len(declared) > 18 or int(declared) > limit:
            raise BadRequestError(413, f"The request exceeds {limit:,} bytes.")
        chunks: list[bytes] = []
        size = 0
        more = True
        while more:
            message = await self.receive()
            if message["type"] == "http.disconnect":
                raise BadRequestError(400, "The client disconnected too early.")
            chunk: bytes = message.get("body", b"")
            size += len(chunk)
            if size > limit:
                raise BadRequestError(413, f"The request exceeds {limit:,} bytes.")
            chunks.append(chunk)
            more = message.get("more_body", False)
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def respond(
        self, status: int, content: Any, headers: Headers = (), *, max_age: int | None = None
    ) -> None:
        """Send `content` as JSON, compressed if the client accepts that and it saves packets.

        Args:
            status: HTTP status.
            content: content of the body.
            headers: further headers.
            max_age: seconds for which every cache may store the response; None if none may.
        """
        body = orjson.dumps(content)
        sent = [(b"x-correlation-id", self.correlation_id.encode()), VARY, NO_SNIFF, *headers]
        if self.must_close:
            sent.append((b"connection", b"close"))
        if max_age is None:
            sent.append(NO_STORE)
        else:
            tag = _entity_tag(body)
            sent += [(b"cache-control", b"public, max-age=%d" % max_age), (b"etag", tag)]
            if self._has(tag):
                await self._send_response(304, sent, b"")
                return
        sent.append(
            (
                b"content-type",
                b"application/graphql-response+json; charset=utf-8"
                if self.accepts_graphql_response
                else b"application/json; charset=utf-8",
            )
        )
        if len(body) >= MIN_BYTES and (accepted := self.headers.get(b"accept-encoding")):
            coding = preferred_coding(accepted)
            if coding is not None:
                body = await compress(body, coding)
                sent.append((b"content-encoding", coding))
        sent.append((b"content-length", b"%d" % len(body)))
        await self._send_response(status, sent, body)

    def _has(self, tag: bytes) -> bool:
        """Return whether the client already has the response with this entity tag."""
        known = self.headers.get(b"if-none-match")
        if known is None or self.method == "POST":
            # RFC 9110, 13.1.2, has 304 for GET and HEAD only.
            return False
        # Proxies that compress change `W/"…"` to `"…"`, or the other way.
        opaque = {each.strip().removeprefix(b"W/") for each in known.split(b",")}
        return known.strip() == b"*" or tag.removeprefix(b"W/") in opaque

    async def _send_response(
        self, status: int, headers: list[tuple[bytes, bytes]], body: bytes
    ) -> None:
        await self._send({"type": "http.response.start", "status": status, "headers": headers})
        await self._send({"type": "http.response.body", "body": body})

    async def respond_error(self, status: int, error: HubError, headers: Headers = ()) -> None:
        """Send a response with this error only."""
        extensions = {**error.extensions, "correlationId": self.correlation_id}
        entry = {"message": error.message, "extensions": extensions}
        self.localize([entry])
        await self.respond(status, {"errors": [entry]}, headers)

    async def respond_refused(self, error: HubError) -> None:
        """Send the error of a request that the hub refuses before its operation runs."""
        status = REFUSAL_STATUS[error.code]
        headers: Headers = ()
        if status == 401:
            headers = (_challenge(self.authorization),)
        elif status in (429, 503):
            seconds = getattr(error, "retry_after", None) or next(_RETRY_AFTER)
            headers = ((b"retry-after", str(seconds).encode()),)
        await self.respond_error(status, error, headers)

    def localize(self, entries: Iterable[dict[str, Any]]) -> None:
        """Add a sentence in the client's language to error entries."""
        localize(entries, preferred_language(self.headers.get(b"accept-language", b"")))

    async def respond_overloaded(self, headers: Headers = ()) -> None:
        """Send HTTP 503 with `Retry-After` and the error `OVERLOADED`."""
        seconds = next(_RETRY_AFTER)
        message = f"The hub is overloaded; retry in {seconds} s."
        retry_after = (b"retry-after", str(seconds).encode())
        await self.respond_error(
            503, HubError(ErrorCode.OVERLOADED, message, retryable=True), (retry_after, *headers)
        )


def _challenge(authorization: bytes) -> tuple[bytes, bytes]:
    """Return the header `WWW-Authenticate`, after RFC 6750, 3."""
    is_bearer = authorization[:7].lower() == b"bearer "
    return (b"www-authenticate", b'Bearer error="invalid_token"' if is_bearer else b"Bearer")


def _entity_tag(body: bytes) -> bytes:
    """Return a weak entity tag: it is the same for all content codings of a body."""
    return b'W/"%s"' % hashlib.blake2b(body, digest_size=12).hexdigest().encode()
