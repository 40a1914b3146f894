"""`/attachments/…`: documents that citizens uploaded, at addresses that the hub has signed."""

import contextlib
from dataclasses import dataclass
from urllib.parse import quote

from starlette.types import Receive, Scope, Send

from hub.access.signed_addresses import AttachmentAddresses
from hub.durable.attachments import Attachment, Attachments
from hub.http.admission import Admission, OverloadedError
from hub.http.exchange import Exchange, Headers
from schema.codes import ErrorCode
from schema.errors import HubError

STATUSES = {
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.STORE_UNAVAILABLE: 503,
    ErrorCode.UPLOADS_UNAVAILABLE: 503,
}
"""HTTP status of each error; 500 for all others."""


@dataclass(frozen=True, slots=True)
class AttachmentEndpoint:
    """ASGI application of the addresses.

    Attributes:
        addresses: checks the addresses.
        attachments: reads the documents.
        admission: refuses requests while the hub is overloaded.
    """

    addresses: AttachmentAddresses
    attachments: Attachments
    admission: Admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        if exchange.method not in ("GET", "HEAD"):
            error = HubError(ErrorCode.BAD_REQUEST, "Use GET.")
            await exchange.respond_error(405, error, ((b"allow", b"GET, HEAD"),))
            return
        try:
            self.admission.check_room(scope)
            token = scope["path"].removeprefix(self.addresses.PATH)
            attachment = await self.attachments.one(self.addresses.content_of(token))
            await self._send(attachment, exchange, send)
        except OverloadedError:
            await exchange.respond_overloaded()
        except HubError as refused:
            await exchange.respond_error(STATUSES.get(refused.code, 500), refused)

    async def _send(self, attachment: Attachment, exchange: Exchange, send: Send) -> None:
        headers = _headers_of(attachment, exchange)
        start = {"type": "http.response.start", "status": 200, "headers": headers}
        async with contextlib.aclosing(self.attachments.content(attachment)) as content:
            # Before the headers are sent, so that a missing content is an error, not half a file.
            part: bytes | None = await anext(content)
            await send(start)
            # After an error, the server closes the connection, so that the client sees it.
            with contextlib.suppress(HubError):
                while part is not None and exchange.method == "GET":
                    await send({"type": "http.response.body", "body": part, "more_body": True})
                    part = await anext(content, None)
                await send({"type": "http.response.body", "body": b""})


def _headers_of(attachment: Attachment, exchange: Exchange) -> Headers:
    return (
        (b"content-type", attachment.media_type.encode()),
        (b"content-length", b"%d" % attachment.size_bytes),
        (b"content-disposition", _disposition(attachment.name)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-correlation-id", exchange.correlation_id.encode()),
    )


def _disposition(name: str) -> bytes:
    """Return the header `Content-Disposition` with a name in any script (RFC 6266)."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}".encode()
