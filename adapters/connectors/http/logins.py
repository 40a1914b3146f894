"""Where tokens come from: an OAuth 2 token endpoint, or a department's own login."""

from collections.abc import Awaitable, Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlencode

import orjson

from adapters.connectors.connector import walk
from adapters.connectors.http.credentials import basic_header
from adapters.connectors.http.errors import fault_of
from adapters.connectors.http.login_keeper import Token
from adapters.connectors.http.settings import LoginRule, OAuth2Auth, SessionAuth
from adapters.connectors.http.transport import HttpReply, Transport, raise_for_status
from adapters.connectors.http.xml_trees import NotXmlError, read_xml
from adapters.contract import DepartmentAuthError, MalformedReplyError
from schema.errors import DepartmentFault

FORM = "application/x-www-form-urlencoded"
REFUSALS = frozenset({"invalid_client", "invalid_grant", "unauthorized_client", "invalid_scope"})
"""Errors of RFC 6749, 5.2, that mean that the hub's credentials are wrong."""

FetchToken = Callable[[], Awaitable[Token]]


def oauth2_token(settings: OAuth2Auth, department: str, transport: Transport) -> FetchToken:
    """Asks the token endpoint (RFC 6749, 4.4.2)."""
    secret = settings.client_secret.get_secret_value()
    fields = {"grant_type": "client_credentials", **settings.parameters}
    headers = {"Accept": "application/json", "Content-Type": FORM}
    if settings.scope is not None:
        fields["scope"] = settings.scope
    if settings.send == "basic":
        # RFC 6749, 2.3.1: name and secret are form-encoded before they are joined.
        encoded = urlencode({settings.client_id: secret})
        name, _, password = encoded.partition("=")
        headers["Authorization"] = basic_header(name, password)
    else:
        fields |= {"client_id": settings.client_id, "client_secret": secret}
    content = urlencode(fields).encode()

    async def fetch() -> Token:
        reply = await transport.send("POST", settings.token_url, headers=headers, content=content)
        told = _object(reply)
        error = told.get("error")
        if reply.status in (400, 401, 403) and (reply.status != 400 or error in REFUSALS):
            code = error if isinstance(error, str) else f"HTTP {reply.status}"
            raise _refused(department, fault_of(code, told.get("error_description")))
        raise_for_status(department, reply.status)
        token = told.get("access_token")
        if not isinstance(token, str) or not token:
            raise _malformed(department)
        return Token(token, _seconds(told.get("expires_in"), department))

    return fetch


def session_token(settings: SessionAuth, department: str, transport: Transport) -> FetchToken:
    """Logs in."""
    rule = settings.login
    content: bytes | None = None
    headers = {"Accept": "application/json, text/xml;q=0.9, */*;q=0.5"}
    query: dict[str, str] | None = None
    if rule.method == "GET":
        query = dict(rule.body) or None
    elif rule.format == "json":
        content, headers["Content-Type"] = orjson.dumps(dict(rule.body)), "application/json"
    else:
        content, headers["Content-Type"] = urlencode(rule.body).encode(), FORM

    async def fetch() -> Token:
        reply = await transport.send(
            rule.method, rule.url, headers=headers, query=query, content=content
        )
        raise_for_status(department, reply.status)
        token = _token_in(reply, rule)
        if not token:
            # Departments that refuse a login with 200 send no token.
            raise _refused(department, DepartmentFault(f"HTTP {reply.status}"))
        lasts = settings.lasts
        if rule.expires_in is not None:
            lasts = _seconds(_found(_tree(reply), rule.expires_in), department)
        return Token(token, lasts)

    return fetch


def _token_in(reply: HttpReply, rule: LoginRule) -> str | None:
    if rule.token_header is not None:
        return reply.headers.get(rule.token_header)
    if rule.token_cookie is not None:
        return _cookies(reply).get(rule.token_cookie)
    token = _found(_tree(reply), rule.token)
    return str(token).strip() if isinstance(token, str | int) else None


def _cookies(reply: HttpReply) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in reply.all_of("Set-Cookie"):
        try:
            parsed = SimpleCookie(each)
        except CookieError:
            continue
        found |= {name: morsel.coded_value for name, morsel in parsed.items()}
    return found


def _tree(reply: HttpReply) -> Any:
    try:
        return orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        try:
            return read_xml(reply.body)
        except NotXmlError:
            return None


def _found(tree: Any, path: str | None) -> Any:
    try:
        return walk(tree, path)
    except TypeError:
        return None


def _object(reply: HttpReply) -> Mapping[str, Any]:
    try:
        told = orjson.loads(reply.body)
    except orjson.JSONDecodeError:
        return {}
    return told if isinstance(told, dict) else {}


def _seconds(told: object, department: str) -> float | None:
    if told is None:
        return None
    try:
        seconds = float(str(told))
    except ValueError:
        raise _malformed(department) from None
    if not 0 < seconds < float("inf"):
        raise _malformed(department)
    return seconds


def _refused(department: str, fault: DepartmentFault) -> DepartmentAuthError:
    return DepartmentAuthError(
        department, f"{department} refused the hub's credentials.", fault=fault
    )


def _malformed(department: str) -> MalformedReplyError:
    return MalformedReplyError(
        department, f"{department} answered a login in a form that the hub does not know."
    )
