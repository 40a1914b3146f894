"""`/documents/…`: the files of certificates, at addresses that the field `document` returns."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.types import Receive, Scope, Send

from hub.access import Caller, SignIn
from hub.access.signed_addresses import DocumentAddresses
from hub.federation.documents import PDF
from hub.http.admission import Admission, OverloadedError
from hub.http.exchange import Exchange, Headers
from schema.certificate_document import CertificateFile
from schema.codes import ErrorCode
from schema.context import RequestContext
from schema.errors import HubError
from schema.needed_fields import ALL_FIELDS

PART_BYTES = 64 << 10
"""A file is sent in parts of this size, so that a slow client does not fill the hub's memory."""
STATUSES = {
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.NOT_FOUND: 404,
    ErrorCode.DEPARTMENT_TIMEOUT: 504,
    ErrorCode.DEADLINE_EXCEEDED: 504,
    ErrorCode.DEPARTMENT_MAINTENANCE: 503,
    ErrorCode.DEPARTMENT_BUSY: 503,
    ErrorCode.DEPARTMENT_OVERLOADED: 503,
    ErrorCode.CIRCUIT_OPEN: 503,
    ErrorCode.STORE_UNAVAILABLE: 503,
}
"""HTTP status of each error; 502 for all others."""


@dataclass(frozen=True, slots=True)
class DocumentEndpoint:
    """ASGI application of the addresses.

    Attributes:
        addresses: checks the addresses.
        sign_in: determines the principal of a request.
        new_context: creates the context of a request from its correlation id and its caller.
        admission: decides which requests run, wait or are refused.
    """

    addresses: DocumentAddresses
    sign_in: SignIn
    new_context: Callable[[str, Caller], RequestContext]
    admission: Admission

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(scope, receive, send)
        if exchange.method not in ("GET", "HEAD"):
            error = HubError(ErrorCode.BAD_REQUEST, "Use GET.")
            await exchange.respond_error(405, error, ((b"allow", b"GET, HEAD"),))
            return
        try:
            local_id, purpose = self.addresses.content_of(
                scope["path"].removeprefix(self.addresses.PATH)
            )
            principal = await self.sign_in.principal_of(exchange.authorization)
            caller = Caller(principal, exchange.purpose, exchange.address)
            file = await self._read(local_id, purpose, caller, exchange)
        except OverloadedError:
            await exchange.respond_overloaded()
        except HubError as error:
            if error.code in (ErrorCode.UNAUTHENTICATED, ErrorCode.ISSUER_UNAVAILABLE):
                await exchange.respond_refused(error)
            else:
                await exchange.respond_error(STATUSES.get(error.code, 502), error)
        else:
            if file is not None:
                await _send_file(file, exchange, send)

    async def _read(
        self, local_id: str, purpose: str, caller: Caller, exchange: Exchange
    ) -> CertificateFile | None:
        """Return the file; None if the client disconnected before the request could run."""
        context = self.new_context(exchange.correlation_id, caller)
        admission, scope = self.admission, exchange.scope
        admission.check_room(scope)
        has_entered = admission.try_enter() or await admission.enter(
            scope, exchange.receive, priority=False
        )
        if not has_entered:
            return None
        try:
            return await context.bind(ALL_FIELDS).documents.read(local_id, purpose)
        finally:
            admission.leave()
            await context.commit()


async def _send_file(file: CertificateFile, exchange: Exchange, send: Send) -> None:
    content = file.content
    headers: Headers = (
        (b"content-type", PDF.encode()),
        (b"content-length", b"%d" % len(content)),
        (b"content-disposition", b'attachment; filename="%s.pdf"' % _name_of(file)),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"no-referrer"),
        (b"content-security-policy", b"default-src 'none'; sandbox"),
        (b"x-correlation-id", exchange.correlation_id.encode()),
    )
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    if exchange.method == "GET":
        for start in range(0, len(content), PART_BYTES):
            part = content[start : start + PART_BYTES]
            await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


def _name_of(file: CertificateFile) -> bytes:
    """Return the certificate's number with the characters that are safe in a file's name."""
    number = file.certificate_number
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in number).encode()
