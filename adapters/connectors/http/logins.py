"""Logs in over HTTP: at an OAuth 2 token endpoint, or at a department's own login URL."""

import re
from typing import Any
from urllib.parse import urlencode

import aiohttp
import orjson

from adapters.connectors.connector import walk
from adapters.connectors.http.errors import (
    department_error,
    fault_of,
    json_object,
    malformed,
    status_fault,
)
from adapters.connectors.http.login_keeper import LogIn, Login
from adapters.connectors.http.settings import LoginRule, OAuth2Auth, SessionAuth
from adapters.connectors.http.statuses import raise_for_status
from adapters.connectors.http.transport import HttpReply, HttpRequest, Transport
from adapters.connectors.http.xml import NotXmlError, read_xml
from adapters.contract import DepartmentAuthError, MalformedReplyError

FORM = "application/x-www-form-urlencoded"
REJECTIONS = frozenset({"invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"})
"""Error codes of RFC 6749, 5.2, that mean that the hub's credentials are wrong."""
_SENDABLE = re.compile(r"[\x20-\x7e\x80-\xff]+")


def oauth2_login(settings: OAuth2Auth, department: str, transport: Transport) -> LogIn:
    """Return a function that requests a token from the token endpoint (RFC 6749, 4.4.2)."""
    secret = settings.client_secret.get_secret_value()
    fields = {"grant_type": "client_credentials", **settings.parameters}
    headers = {"Accept": "application/json", "Content-Type": FORM}
    if settings.scope is not None:
        fields["scope"] = settings.scope
    if settings.send == "basic":
        # RFC 6749, 2.3.1: name and secret are form-encoded before they are joined.
        encoded = urlencode({settings.client_id: secret})
        name, _, password = encoded.partition("=")
        headers["Authorization"] = aiohttp.encode_basic_auth(name, password)
    else:
        fields |= {"client_id": settings.client_id, "client_secret": secret}
    request = HttpRequest("POST", settings.token_url, headers, content=urlencode(fields).encode())

    async def log_in() -> Login:
        reply = await transport.send(request)
        answer = json_object(reply.body)
        error = answer.get("error")
        if reply.status in (401, 403) or (isinstance(error, str) and error in REJECTIONS):
            code = error if isinstance(error, str) else f"HTTP {reply.status}"
            fault = fault_of(code, answer.get("error_description"))
            raise department_error(DepartmentAuthError, department, fault)
        raise_for_status(department, reply)
        token = checked_token(department, answer.get("access_token"))
        if token is None:
            raise malformed(department, "the token of the hub's login")
        return Login(token, lasts=_seconds(answer.get("expires_in")))

    return log_in


def session_login(settings: SessionAuth, department: str, transport: Transport) -> LogIn:
    """Return a function that logs in at the department's own login URL."""
    rule = settings.login
    content: bytes | None = None
    headers = {"Accept": "application/json, text/xml;q=0.9, */*;q=0.5"}
    query: dict[str, str] = {}
    if rule.method == "GET":
        query = dict(rule.body)
    elif rule.format == "json":
        content, headers["Content-Type"] = orjson.dumps(dict(rule.body)), "application/json"
    else:
        content, headers["Content-Type"] = urlencode(rule.body).encode(), FORM
    request = HttpRequest(rule.method, rule.url, headers, query, content)

    async def log_in() -> Login:
        reply = await transport.send(request)
        raise_for_status(department, reply)
        token = checked_token(department, _token_in(reply, rule))
        if token is None:
            # Some departments reject a login with HTTP 200 and send no token.
            fault = status_fault(reply.status)
            raise department_error(DepartmentAuthError, department, fault)
        lasts = settings.lasts
        if rule.expires_in is not None:
            lasts = _seconds(_found(_tree(reply), rule.expires_in)) or lasts
        return Login(token, lasts=lasts)

    return log_in


def _token_in(reply: HttpReply, rule: LoginRule) -> object:
    if rule.token_header is not None:
        return reply.headers.get(rule.token_header)
    if rule.token_cookie is not None:
        return reply.cookies().get(rule.token_cookie)
    token = _found(_tree(reply), rule.token)
    return str(token) if isinstance(token, int) and not isinstance(token, bool) else token


def checked_token(department: str, token: object) -> str | None:
    """Return the token without surrounding blanks; None if there is none.

    Raises:
        MalformedReplyError: a header can't carry it.
    """
    if not isinstance(token, str) or not token.strip():
        return None
    if not _SENDABLE.fullmatch(token.strip()):
        raise MalformedReplyError(
            department,
            f"{department} sent a token with characters that an HTTP header can't carry.",
        )
    return token.strip()


def _tree(reply: HttpReply) -> Any:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        try:
            return read_xml(reply.body)[0]
        except NotXmlError:
            return None


def _found(tree: Any, path: str | None) -> Any:
    try:
        return walk(tree, path)
    except TypeError:
        return None


def _seconds(value: object) -> float | None:
    """Return the duration of a login; None if the reply names none that can be used.

    Departments send 0, a negative number or an empty text for "unknown". Such a token is used until
    it is rejected.
    """
    try:
        seconds = float(str(value))
    except ValueError:
        return None
    return seconds if 0 < seconds < float("inf") else None
