"""Fronts of a REST service whose replies come in the envelope of `mocks.scholarships`."""

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

from mocks.faults.transmission import OutgoingReply
from mocks.responses import json_response
from mocks.security_profiles.protected_app import Forward, ReceivedRequest
from mocks.soap.calls import read_xml

SECRET = b"demo-signing-secret"
CLOCKS_APART = 300
"""Seconds by which the clock of who signs may be wrong."""
USERNAME, PASSWORD = "citizen-hub", "demo-session-password"
IDLE_SECONDS = 1200
LOGIN = "/login"


async def signed(asked: ReceivedRequest, ask: Forward) -> OutgoingReply:
    """`x-digilocker-hmac`: base64 of HMAC-SHA256 over method, URL, time and body."""
    stamp = asked.header("x-timestamp")
    lines = f"{asked.scope['method']}\n{asked.url}\n{stamp}\n".encode() + asked.body
    expected = base64.b64encode(hmac.digest(SECRET, lines, "sha256")).decode()
    in_time = stamp.isdecimal() and abs(time.time() - int(stamp)) <= CLOCKS_APART
    if not (in_time and hmac.compare_digest(expected, asked.header("x-digilocker-hmac"))):
        return _refusal("Signature mismatch")
    return await ask(asked)


class SessionTokens:
    """A token from `/login` goes with each request, in `X-Session`; it ends when it is not used."""

    def __init__(self) -> None:
        self._used: dict[str, float] = {}

    async def __call__(self, asked: ReceivedRequest, ask: Forward) -> OutgoingReply:
        now = time.monotonic()
        if asked.scope["path"] == LOGIN:
            return self._login(asked.body, now)
        token = asked.header("x-session")
        if now - self._used.get(token, -IDLE_SECONDS) >= IDLE_SECONDS:
            return _refusal("Session expired")
        self._used[token] = now
        return await ask(asked)

    def _login(self, body: bytes, now: float) -> OutgoingReply:
        try:
            given = orjson.loads(body)
        except orjson.JSONDecodeError:
            given = None
        if given != {"username": USERNAME, "password": PASSWORD}:
            return _refusal("Wrong username or password")
        token = secrets.token_urlsafe()
        self._used[token] = now
        return _in_json({"token": token, "expires_in": IDLE_SECONDS})


async def in_xml(asked: ReceivedRequest, ask: Forward) -> OutgoingReply:
    """POST of `<query>` with the parameters in it; the answer is `<reply>`."""
    scope = asked.scope
    if scope["method"] == "POST":
        try:
            given = read_xml(asked.body)
        except ValueError:
            return OutgoingReply(400, [], b"")
        query: dict[str, list[str]] = {}
        for each in given:
            query.setdefault(str(each.tag), []).append(each.text or "")
        joined = urlencode({name: ",".join(texts) for name, texts in query.items()})
        scope = {**scope, "method": "GET", "query_string": joined.encode()}
    answer = await ask(ReceivedRequest(scope, b""))
    root = etree.Element("reply")
    for child in _elements(orjson.loads(answer.body)):
        root.append(child)
    body = etree.tostring(root, xml_declaration=True, encoding="utf-8")
    return OutgoingReply(
        answer.status, [(b"content-type", b"application/xml; charset=utf-8")], body
    )


async def linked(asked: ReceivedRequest, ask: Forward) -> OutgoingReply:
    """The number of pages is not told; the header `Link` leads to the next one (RFC 8288)."""
    answer = await ask(asked)
    told = orjson.loads(answer.body)
    page, pages = told.pop("page", 1), told.pop("pages", 1)
    answer.body = orjson.dumps(told)
    if page < pages:
        query = parse_qs(asked.scope["query_string"].decode("latin-1"))
        following = urlencode({**query, "page": [str(page + 1)]}, doseq=True)
        target = f"<{asked.scope['path']}?{following}>"
        answer.headers = [*answer.headers, (b"link", f'{target}; rel="next"'.encode())]
    return answer


async def tagged(asked: ReceivedRequest, ask: Forward) -> OutgoingReply:
    """Each answer has an ETag; who has it already gets 304 (RFC 9110, 13.1.2)."""
    answer = await ask(asked)
    tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
    if asked.header("if-none-match") == tag:
        return OutgoingReply(304, [(b"etag", tag.encode())], b"")
    answer.headers = [*answer.headers, (b"etag", tag.encode())]
    return answer


def _refusal(message: str) -> OutgoingReply:
    return _in_json({"status": "false", "code": "E401", "msg": message, "data": ""}, 401)


def _in_json(content: Any, status: int = 200) -> OutgoingReply:
    answer = json_response(content, status)
    return OutgoingReply(status, answer.raw_headers, bytes(answer.body))


def _elements(content: dict[str, Any]) -> Iterator[etree._Element]:
    """An element for each value; a list becomes as many of one name, null an empty one."""
    for name, value in content.items():
        for each in value if isinstance(value, list) else [value]:
            element = etree.Element(name)
            if isinstance(each, dict):
                element.extend(_elements(each))
            elif each is not None:
                element.text = str(each)
            yield element
