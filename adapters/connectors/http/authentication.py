"""Opens a department's transport with the credentials, certificates and proxy of its manifest."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

from adapters.connectors.http.credentials import Sign, api_key, basic, signature
from adapters.connectors.http.login_keeper import LoginKeeper
from adapters.connectors.http.logins import oauth2_login, session_login
from adapters.connectors.http.settings import (
    ApiKeyAuth,
    BasicAuth,
    HmacAuth,
    HttpSettings,
    OAuth2Auth,
    ProxySettings,
    SessionAuth,
    TlsSettings,
)
from adapters.connectors.http.transport import HttpReply, HttpRequest, Proxy, Transport
from adapters.connectors.setup import Setup, SetupError

AddToken = Callable[[HttpRequest, str], HttpRequest]
SHORT_REPLY = 4096
"""Maximum size in bytes of a reply that is searched for "session expired"."""


def open_transport(setup: Setup[Any, Any], settings: HttpSettings) -> Transport:
    """Return the department's transport. The caller closes it.

    Raises:
        SetupError: a certificate can't be used.
    """
    tls, proxy = settings.tls, settings.proxy
    transport = setup.http_transport(
        tls=None if tls is None else _tls_context(tls, setup.folder),
        proxy=None if proxy is None else _proxy(proxy),
    )
    department, auth = setup.department, settings.auth
    match auth:
        case None:
            return transport
        case ApiKeyAuth():
            return SignedTransport(transport, api_key(auth))
        case BasicAuth():
            return SignedTransport(transport, basic(auth))
        case HmacAuth():
            return SignedTransport(transport, signature(auth))
        case OAuth2Auth():
            log_in = oauth2_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline, skew=auth.skew)
            return TokenTransport(transport, keeper, _add_bearer, _status_401)
        case SessionAuth():
            log_in = session_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline)
            return TokenTransport(transport, keeper, _session_token(auth), _expired(auth))


class SignedTransport:
    """Adds credentials that do not expire to each request."""

    def __init__(self, transport: Transport, sign: Sign) -> None:
        self._transport = transport
        self._sign = sign

    async def send(self, request: HttpRequest) -> HttpReply:
        return await self._transport.send(self._sign(request))

    async def close(self) -> None:
        await self._transport.close()


class TokenTransport:
    """Adds a token to each request. A rejected token is renewed once per request.

    Args:
        transport: sends the requests.
        keeper: logs in; closed with this transport.
        add_token: returns a request with the token added.
        expired: returns True for a reply that rejects the token.
    """

    def __init__(
        self,
        transport: Transport,
        keeper: LoginKeeper,
        add_token: AddToken,
        expired: Callable[[HttpReply], bool],
    ) -> None:
        self._transport = transport
        self._keeper = keeper
        self._add_token = add_token
        self._expired = expired

    async def send(self, request: HttpRequest) -> HttpReply:
        login = await self._keeper.current()
        reply = await self._transport.send(self._add_token(request, login.token or ""))
        if not self._expired(reply):
            return reply
        login = await self._keeper.replacement(login)
        return await self._transport.send(self._add_token(request, login.token or ""))

    async def close(self) -> None:
        await self._keeper.close()
        await self._transport.close()


def _add_bearer(request: HttpRequest, token: str) -> HttpRequest:
    return request.with_headers({"Authorization": f"Bearer {token}"})


def _status_401(reply: HttpReply) -> bool:
    return reply.status == 401


def _session_token(settings: SessionAuth) -> AddToken:
    def add_token(request: HttpRequest, token: str) -> HttpRequest:
        text = settings.prefix + token
        if settings.query is not None:
            return request.with_query({settings.query: text})
        if settings.cookie is not None:
            return request.with_headers({"Cookie": f"{settings.cookie}={text}"})
        assert settings.header is not None
        return request.with_headers({settings.header: text})

    return add_token


def _expired(settings: SessionAuth) -> Callable[[HttpReply], bool]:
    statuses = frozenset(settings.expired_statuses)
    texts = [text.encode() for text in settings.expired_texts]

    def expired(reply: HttpReply) -> bool:
        if reply.status in statuses:
            return True
        return len(reply.body) <= SHORT_REPLY and any(text in reply.body for text in texts)

    return expired


def _tls_context(settings: TlsSettings, folder: Path) -> ssl.SSLContext:
    def path(name: str) -> str:
        return str(folder / Path(name).expanduser())

    try:
        authority = settings.authority
        context = ssl.create_default_context(cafile=path(authority) if authority else None)
    except (OSError, ssl.SSLError) as error:
        raise _unusable("authority", error) from None
    if settings.certificate is None:
        return context
    password = settings.password.get_secret_value() if settings.password is not None else ""
    try:
        # Always pass a password: without one, OpenSSL would prompt for it on the terminal.
        context.load_cert_chain(
            path(settings.certificate),
            path(settings.key) if settings.key is not None else None,
            password,
        )
    except (OSError, ssl.SSLError) as error:
        raise _unusable("certificate", error) from None
    return context


def _proxy(settings: ProxySettings) -> Proxy:
    if settings.username is None or settings.password is None:
        return Proxy(URL(settings.url))
    password = settings.password.get_secret_value()
    return Proxy(URL(settings.url), aiohttp.encode_basic_auth(settings.username, password))


def _unusable(name: str, error: Exception) -> SetupError:
    reason = (
        error.strerror
        if isinstance(error, FileNotFoundError)
        else "it is not a PEM file of this kind"
    )
    return SetupError(
        ("connector", "tls", name), f"the {name} can't be read: {reason}", "correct its path"
    )
