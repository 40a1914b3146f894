"""`/receipts/…`: printable receipts, at addresses that the hub has signed."""

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from hub.access.signed_addresses import ReceiptAddresses
from hub.http.admission import Admission, OverloadedError
from hub.http.exchange import Exchange, Headers
from hub.http.query_page import STATIC
from hub.pages.receipt import CONTENT_POLICY, EXPIRED, TRY_AGAIN, ReceiptPage, Receipts
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.language import Language

FONT = STATIC / "noto-sans-devanagari.woff2"
"""Font for Hindi: not every service centre has one. The style names it relative to the page."""
GONE = frozenset({ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND})
"""Errors that a new address cures; the others pass."""
PAGE_HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"content-security-policy", CONTENT_POLICY.encode()),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
)
FONT_HEADERS = (
    (b"content-type", b"font/woff2"),
    (b"cache-control", b"public, max-age=86400"),
)


@dataclass(frozen=True, slots=True)
class ReceiptEndpoint:
    """ASGI application of the addresses.

    Attributes:
        addresses: checks the addresses.
        receipts: reads what the receipts show.
        admission: refuses requests while the hub is overloaded.
        page: renders the receipts.
        font: content of `FONT`.
    """

    addresses: ReceiptAddresses
    receipts: Receipts
    admission: Admission
    page: ReceiptPage = field(default_factory=ReceiptPage)
    font: bytes = field(default_factory=FONT.read_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        if exchange.method not in ("GET", "HEAD"):
            error = HubError(ErrorCode.BAD_REQUEST, "Use GET.")
            await exchange.respond_error(405, error, ((b"allow", b"GET, HEAD"),))
            return
        if scope["path"].endswith(f"/{FONT.name}"):
            await _respond(200, self.font, FONT_HEADERS, exchange, send)
            return
        status = 200
        more: Headers = ()
        try:
            self.admission.check_room(scope)
            token = scope["path"].removeprefix(self.addresses.PATH)
            receipt = await self.receipts.read(*self.addresses.content_of(token))
            lang = _language(scope["query_string"]) or receipt.language
            html = self.page.receipt(receipt, lang, dt.datetime.now(dt.UTC))
        except OverloadedError:
            status, html, more = 503, self.page.message(TRY_AGAIN), ((b"retry-after", b"10"),)
        except HubError as refused:
            is_gone = refused.code in GONE
            status = 404 if is_gone else 503
            html = self.page.message(EXPIRED if is_gone else TRY_AGAIN)
        await _respond(status, html.encode(), (*PAGE_HEADERS, *more), exchange, send)


async def _respond(
    status: int, content: bytes, more: Headers, exchange: Exchange, send: Send
) -> None:
    headers = (
        (b"content-length", b"%d" % len(content)),
        (b"x-content-type-options", b"nosniff"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"x-correlation-id", exchange.correlation_id.encode()),
        *more,
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    body = content if exchange.method == "GET" else b""
    await send({"type": "http.response.body", "body": body})


def _language(query_string: bytes) -> Language | None:
    chosen = parse_qs(query_string.decode("latin-1")).get("lang", [""])[0].upper()
    return Language[chosen] if chosen in Language.__members__ else None
