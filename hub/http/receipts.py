"""`/receipts/…`: printable receipts, at addresses that the hub has signed."""

import datetime as dt
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.types import Receive, Scope, Send

from hub.access.signed_addresses import ReceiptAddresses
from hub.http.admission import Admission, OverloadedError
from hub.http.exchange import Exchange, Headers
from hub.pages.receipt import CONTENT_POLICY, EXPIRED, TRY_AGAIN, ReceiptPage, Receipts
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.language import Language

GONE = frozenset({ErrorCode.FORBIDDEN, ErrorCode.NOT_FOUND})
"""Errors that a new address cures; the others pass."""


@dataclass(frozen=True, slots=True)
class ReceiptEndpoint:
    """ASGI application of the addresses.

    Attributes:
        addresses: checks the addresses.
        receipts: reads what the receipts show.
        admission: refuses requests while the hub is overloaded.
        page: renders the receipts.
    """

    addresses: ReceiptAddresses
    receipts: Receipts
    admission: Admission
    page: ReceiptPage = field(default_factory=ReceiptPage)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        if exchange.method not in ("GET", "HEAD"):
            error = HubError(ErrorCode.BAD_REQUEST, "Use GET.")
            await exchange.respond_error(405, error, ((b"allow", b"GET, HEAD"),))
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
        await _send_page(status, html.encode(), more, exchange, send)


async def _send_page(
    status: int, html: bytes, more: Headers, exchange: Exchange, send: Send
) -> None:
    headers = (
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(html)),
        (b"content-security-policy", CONTENT_POLICY.encode()),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-correlation-id", exchange.correlation_id.encode()),
        *more,
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    body = html if exchange.method == "GET" else b""
    await send({"type": "http.response.body", "body": body})


def _language(query_string: bytes) -> Language | None:
    chosen = parse_qs(query_string.decode("latin-1")).get("lang", [""])[0].upper()
    return Language[chosen] if chosen in Language.__members__ else None
