"""Security profiles of SOAP 1.1 departments: headers that they require and changes to replies."""

import base64
import datetime as dt
import hashlib
import hmac
import uuid
from typing import Any
from xml.sax.saxutils import escape

from lxml import etree
from starlette.requests import Request

from mocks.faults.middleware import strikes
from mocks.faults.transmission import OutgoingReply
from mocks.security_profiles.protected_app import Forward, WholeRequest
from mocks.soap.calls import ENVELOPE, read_xml

WSS = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-"
WSSE, WSU = f"{{{WSS}secext-1.0.xsd}}", f"{{{WSS}utility-1.0.xsd}}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
WSA = "{http://www.w3.org/2005/08/addressing}"
XROAD, IDENTIFIERS = "{http://x-road.eu/xsd/xroad.xsd}", "{http://x-road.eu/xsd/identifiers}"
XML = b"text/xml; charset=utf-8"

USERNAME, PASSWORD = "citizen-hub", "demo-token-password"
MOST_NONCES = 10_000
CLIENTS = {"HR/GOV/CRID/CITIZEN-HUB"}
SERVICE = "HR/GOV/SJE/PENSIONS"
IDENTIFIER_PARTS = ("xRoadInstance", "memberClass", "memberCode", "subsystemCode")
MIXUP = "exchange_mixup"
RETURNED_HEADERS = ("client", "service", "userId", "id", "issue", "protocolVersion")


class NotAllowedError(Exception):
    """A refused request, reported as a SOAP fault; `code` includes its prefix."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code

    def fault(self) -> OutgoingReply:
        """Return the fault as a reply."""
        body = (
            f'<e:Envelope xmlns:e="{ENVELOPE}" xmlns:wsse="{WSS}secext-1.0.xsd"'
            f' xmlns:wsu="{WSS}utility-1.0.xsd" xmlns:wsa="{WSA.strip("{}")}"><e:Body><e:Fault>'
            f"<faultcode>{self.code}</faultcode><faultstring>{escape(str(self))}</faultstring>"
            "</e:Fault></e:Body></e:Envelope>"
        )
        return OutgoingReply(500, [(b"content-type", XML)], body.encode())


class UsernameTokens:
    """Requires a password as text or digest and a valid Timestamp. Each digest works once."""

    def __init__(self) -> None:
        self._nonces: dict[str, None] = {}

    async def __call__(self, request: WholeRequest, forward: Forward) -> OutgoingReply:
        if request.scope["method"] == "POST":
            try:
                security = _security(_envelope(request))
                _in_time(security)
                self._check(security.find(f"{WSSE}UsernameToken"))
            except NotAllowedError as error:
                return error.fault()
        return await forward(request)

    def _check(self, token: Any) -> None:
        refused = NotAllowedError(
            "wsse:FailedAuthentication", "The security token could not be authenticated"
        )
        if token is None or token.findtext(f"{WSSE}Username") != USERNAME:
            raise refused
        password = token.find(f"{WSSE}Password")
        given = "" if password is None else password.text or ""
        kind = "" if password is None else password.get("Type") or ""
        expected = PASSWORD
        if kind.endswith("#PasswordDigest"):
            nonce, created = token.findtext(f"{WSSE}Nonce") or "", token.findtext(f"{WSU}Created")
            if nonce in self._nonces:
                raise refused
            self._nonces[nonce] = None
            if len(self._nonces) > MOST_NONCES:
                del self._nonces[next(iter(self._nonces))]
            digested = base64.b64decode(nonce) + (created or "").encode() + PASSWORD.encode()
            # The UsernameToken profile 1.1 of WS-Security requires SHA-1.
            expected = base64.b64encode(hashlib.sha1(digested).digest()).decode()
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise refused


class Signatures:
    """Requires a signature of Body and Timestamp with the certificate of the hub.

    Args:
        certificate: the hub's certificate in PEM.
    """

    def __init__(self, certificate: bytes) -> None:
        # An optional dependency that the other profiles do not need.
        import xmlsec

        self._xmlsec: Any = xmlsec
        self._key: Any = xmlsec.Key.from_memory(certificate, xmlsec.constants.KeyDataFormatCertPem)

    async def __call__(self, request: WholeRequest, forward: Forward) -> OutgoingReply:
        if request.scope["method"] == "POST":
            try:
                self._verify(_envelope(request, signed=True))
            except NotAllowedError as error:
                return error.fault()
        return await forward(request)

    def _verify(self, envelope: Any) -> None:
        security = _security(envelope)
        _in_time(security)
        signature = security.find(f"{DS}Signature")
        if signature is None:
            raise NotAllowedError("wsse:InvalidSecurity", "The message is not signed")
        context = self._xmlsec.SignatureContext()
        context.key = self._key
        wanted = (envelope.find(f"{{{ENVELOPE}}}Body"), security.find(f"{WSU}Timestamp"))
        for node in wanted:
            context.register_id(node, "Id", WSU.strip("{}"))
        signed = {each.get("URI") for each in signature.iter(f"{DS}Reference")}
        if not signed >= {f"#{node.get(f'{WSU}Id')}" for node in wanted}:
            raise NotAllowedError("wsse:FailedCheck", "Body and Timestamp must be signed")
        try:
            context.verify(signature)
        except self._xmlsec.Error as error:
            raise NotAllowedError("wsse:FailedCheck", "The signature is wrong") from error


async def with_addressing(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Require WS-Addressing 1.0 headers; the reply names the message that it belongs to."""
    if request.scope["method"] != "POST":
        return await forward(request)
    header = _envelope(request).find(f"{{{ENVELOPE}}}Header")
    given = {
        name: "" if header is None else header.findtext(f"{WSA}{name}") or ""
        for name in ("Action", "To", "MessageID")
    }
    missing = [name for name, text in given.items() if not text]
    if missing:
        return NotAllowedError(
            "wsa:MessageAddressingHeaderRequired", f"{missing[0]} is missing"
        ).fault()
    if given["Action"] != request.header("soapaction").strip('"'):
        return NotAllowedError("wsa:ActionMismatch", "Action is not the SOAPAction").fault()
    reply = await forward(request)
    added = {
        "Action": f"{given['Action']}Response",
        "MessageID": f"urn:uuid:{uuid.uuid4()}",
        "RelatesTo": given["MessageID"],
    }
    parts = []
    for name, text in added.items():
        part = etree.Element(f"{WSA}{name}")
        part.text = text
        parts.append(part)
    return _with_header(reply, parts)


async def as_mtom(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Send each reply as an MTOM package, as services do even without an attachment."""
    reply = await forward(request)
    if request.scope["method"] != "POST":
        return reply
    boundary = f"uuid:{uuid.uuid4()}"
    head = (
        f"--{boundary}\r\nContent-Id: <root@pensions>\r\nContent-Transfer-Encoding: 8bit\r\n"
        'Content-Type: application/xop+xml; charset=utf-8; type="text/xml"\r\n\r\n'
    )
    content_type = (
        f'multipart/related; type="application/xop+xml"; start="<root@pensions>"; '
        f'boundary="{boundary}"; start-info="text/xml"'
    )
    body = head.encode() + reply.body + f"\r\n--{boundary}--\r\n".encode()
    return OutgoingReply(reply.status, [(b"content-type", content_type.encode())], body)


async def over_xroad(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Require the headers of X-Road's message protocol 4.0; return them in another order."""
    if request.scope["method"] != "POST":
        return await forward(request)
    envelope = _envelope(request)
    header = envelope.find(f"{{{ENVELOPE}}}Header")
    given = {} if header is None else {etree.QName(each).localname: each for each in header}
    try:
        _check_client(given, etree.QName(envelope.find(f"{{{ENVELOPE}}}Body")[0]).localname)
    except NotAllowedError as error:
        return error.fault()
    reply = await forward(request)
    request_hash = etree.Element(f"{XROAD}requestHash")
    request_hash.text = base64.b64encode(hashlib.sha512(request.body).digest()).decode()
    if strikes(Request(request.scope), MIXUP):
        given["id"].text = str(uuid.uuid4())
    returned = [given[name] for name in reversed(RETURNED_HEADERS) if name in given]
    return _with_header(reply, [*returned, request_hash])


def _check_client(given: dict[str, Any], called: str) -> None:
    for name in ("client", "service", "id", "protocolVersion"):
        if name not in given:
            raise NotAllowedError("Client.MissingHeader", f"Header {name} is missing")
    if given["protocolVersion"].text != "4.0":
        raise NotAllowedError("Client.InvalidProtocolVersion", "The protocol's version is 4.0")
    if _subsystem(given["client"]) not in CLIENTS:
        raise NotAllowedError("Server.ServerProxy.AccessDenied", "Request is not allowed")
    service = given["service"]
    code = service.findtext(f"{IDENTIFIERS}serviceCode")
    if _subsystem(service) != SERVICE or code != called:
        raise NotAllowedError("Server.ServerProxy.UnknownService", "Unknown service")


def _subsystem(node: Any) -> str:
    return "/".join(node.findtext(f"{IDENTIFIERS}{part}") or "" for part in IDENTIFIER_PARTS)


def _envelope(request: WholeRequest, *, signed: bool = False) -> Any:
    try:
        return read_xml(request.body, signed=signed)
    except ValueError:
        # The service itself reports invalid XML.
        return etree.Element(f"{{{ENVELOPE}}}Envelope")


def _security(envelope: Any) -> Any:
    security = envelope.find(f"{{{ENVELOPE}}}Header/{WSSE}Security")
    if security is None:
        raise NotAllowedError("wsse:InvalidSecurity", "The header Security is missing")
    return security


def _in_time(security: Any) -> None:
    expires = security.findtext(f"{WSU}Timestamp/{WSU}Expires")
    if not expires or dt.datetime.fromisoformat(expires) < dt.datetime.now(dt.UTC):
        raise NotAllowedError("wsu:MessageExpired", "The message has expired")


def _with_header(reply: OutgoingReply, parts: list[Any]) -> OutgoingReply:
    envelope = read_xml(reply.body)
    header = etree.Element(f"{{{ENVELOPE}}}Header")
    header.extend(parts)
    envelope.insert(0, header)
    body = etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
    return OutgoingReply(reply.status, reply.headers, body)
