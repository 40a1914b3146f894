"""Security profiles of REST departments that use the JSON envelope of `mocks.responses`."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlencode

import orjson
from lxml import etree
from starlette.responses import Response

from mocks.faults.transmission import OutgoingReply
from mocks.responses import envelope_refusal, json_response
from mocks.security_profiles.protected_app import Forward, WholeRequest
from mocks.soap.calls import read_xml

SECRET = b"demo-signing-secret"
MOST_CLOCK_DIFFERENCE = 300
"""Largest difference between the signer's clock and this one, in seconds."""
USERNAME, PASSWORD = "citizen-hub", "demo-session-password"
IDLE_SECONDS = 1200
LOGIN = "/login"


async def signed(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Check `x-digilocker-hmac`: base64 of an HMAC-SHA256 over method, URL, time and body."""
    stamp = request.header("x-timestamp")
    lines = f"{request.scope['method']}\n{request.url}\n{stamp}\n".encode() + request.body
    expected = base64.b64encode(hmac.digest(SECRET, lines, "sha256")).decode()
    in_time = stamp.isdecimal() and abs(time.time() - int(stamp)) <= MOST_CLOCK_DIFFERENCE
    if not (in_time and hmac.compare_digest(expected, request.header("x-digilocker-hmac"))):
        return _refusal("Signature mismatch")
    return await forward(request)


class SessionTokens:
    """Requires a token from `/login` in the header `X-Session`. Unused tokens expire."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}

    async def __call__(self, request: WholeRequest, forward: Forward) -> OutgoingReply:
        now = time.monotonic()
        if request.scope["path"] == LOGIN:
            return self._login(request.body, now)
        token = request.header("x-session")
        if now - self._used.get(token, -IDLE_SECONDS) >= IDLE_SECONDS:
            return _refusal("Session expired")
        self._used[token] = now
        return await forward(request)

    def _login(self, body: bytes, now: float) -> OutgoingReply:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = None
        if given != {"username": USERNAME, "password": PASSWORD}:
            return _refusal("Wrong username or password")
        token = secrets.token_urlsafe()
        self._used[token] = now
        return _outgoing(json_response({"token": token, "expires_in": IDLE_SECONDS}))


async def in_xml(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Turn `POST <query>` with parameter elements into a GET, and the reply into XML `<reply>`."""
    scope = request.scope
    if scope["method"] == "POST":
        try:
            given = read_xml(request.body)
        except ValueError:
            return OutgoingReply(400, [], b"")
        query: dict[str, list[str]] = {}
        for each in given:
            query.setdefault(str(each.tag), []).append(each.text or "")
        joined = urlencode({name: ",".join(texts) for name, texts in query.items()})
        scope = {**scope, "method": "GET", "query_string": joined.encode()}
    reply = await forward(WholeRequest(scope, b""))
    root = etree.Element("reply")
    for child in _elements(orjson.loads(reply.body)):
        root.append(child)
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return OutgoingReply(reply.status, [(b"content-type", b"application/xml; charset=utf-8")], body)


async def with_links(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Remove the page numbers; the header `Link` leads to the next page (RFC 8288)."""
    reply = await forward(request)
    content = orjson.loads(reply.body)
    page, pages = content.pop("page", 1), content.pop("pages", 1)
    reply.body = orjson.dumps(content)
    if page < pages:
        query = parse_qs(request.scope["query_string"].decode("latin-1"))
        following = urlencode({**query, "page": [str(page + 1)]}, doseq=True)
        target = f"<{request.scope['path']}?{following}>"
        reply.headers = [*reply.headers, (b"link", f'{target}; rel="next"'.encode())]
    return reply


async def with_etags(request: WholeRequest, forward: Forward) -> OutgoingReply:
    """Add an ETag to each reply; reply 304 to a request that has it (RFC 9110, 13.1.2)."""
    reply = await forward(request)
    tag = f'"{hashlib.sha256(reply.body).hexdigest()[:16]}"'
    if request.header("if-none-match") == tag:
        return OutgoingReply(304, [(b"etag", tag.encode())], b"")
    reply.headers = [*reply.headers, (b"etag", tag.encode())]
    return reply


def _refusal(message: str) -> OutgoingReply:
    return _outgoing(envelope_refusal("E401", message, 401))


def _outgoing(response: Response) -> OutgoingReply:
    return OutgoingReply(response.status_code, response.raw_headers, bytes(response.body))


def _elements(content: dict[str, Any]) -> Iterator[etree._Element]:
    """Yield an element for each value; a list gives several, null an empty one."""
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            element = etree.Element(name)
            if isinstance(each, dict):
                element.extend(_elements(each))
            elif each is not None:
                element.text = str(each)
            yield element
