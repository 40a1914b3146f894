"""Opens a department's transport with everything that its manifest says of HTTP."""

import ssl
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from adapters.connectors.http.credentials import Credentials, Sign, api_key, basic, signature
from adapters.connectors.http.login_keeper import TokenKeeper
from adapters.connectors.http.logins import oauth2_token, session_token
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
from adapters.connectors.http.transport import HttpReply, Transport, Proxy, Transport
from adapters.connectors.setup import Setup, SetupError

SHORT_REPLY = 4096
"""A reply of more bytes is no message about a session."""


def open_transport(setup: Setup[Any, Any], settings: HttpSettings) -> Transport:
    """The department's transport; raises `SetupError` when a certificate can't be used.

    Without `auth` it is the bare `Transport`.
    """
    tls, proxy = settings.tls, settings.proxy
    http = setup.http_transport(
        tls=None if tls is None else _tls_context(tls, setup.folder),
        proxy=None if proxy is None else _proxy(proxy),
    )
    auth = settings.auth
    match auth:
        case None:
            return http
        case ApiKeyAuth():
            return SignedTransport(http, api_key(auth))
        case BasicAuth():
            return SignedTransport(http, basic(auth))
        case HmacAuth():
            return SignedTransport(http, signature(auth))
        case OAuth2Auth():
            fetch = oauth2_token(auth, setup.department, http)
            keeper = TokenKeeper(setup.department, fetch, within=setup.deadline, skew=auth.skew)
            return TokenTransport(http, keeper, _bearer, _status_401)
        case SessionAuth():
            fetch = session_token(auth, setup.department, http)
            keeper = TokenKeeper(setup.department, fetch, within=setup.deadline, skew=10.0)
            return TokenTransport(http, keeper, _session_credentials(auth), _expired(auth))


class SignedTransport:
    """A transport whose requests carry credentials that never change."""

    def __init__(self, transport: Transport, sign: Sign) -> None:
        self._transport = transport
        self._sign = sign

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        whole = f"{url}?{urlencode(query)}" if query else url
        added = self._sign(method, whole, content or b"")
        return await self._transport.send(
            method,
            url,
            headers={**headers, **added.headers},
            query={**(query or {}), **added.query},
            content=content,
        )

    async def close(self) -> None:
        await self._transport.close()


class TokenTransport:
    """A transport whose requests carry a token; one that is refused is renewed, once for a request."""

    def __init__(
        self,
        transport: Transport,
        keeper: TokenKeeper,
        credentials: Callable[[str], Credentials],
        expired: Callable[[HttpReply], bool],
    ) -> None:
        self._transport = transport
        self._keeper = keeper
        self._credentials = credentials
        self._expired = expired

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        async def attempt(token: str) -> HttpReply:
            added = self._credentials(token)
            return await self._transport.send(
                method,
                url,
                headers={**headers, **added.headers},
                query={**(query or {}), **added.query},
                content=content,
            )

        return await with_token(self._keeper, attempt, self._expired)

    async def close(self) -> None:
        await self._keeper.close()
        await self._transport.close()


async def with_token(
    keeper: TokenKeeper,
    attempt: Callable[[str], Awaitable[HttpReply]],
    expired: Callable[[HttpReply], bool],
) -> HttpReply:
    """The reply to a request with a token; with a new token when it says that this one is over."""
    token = await keeper.token()
    reply = await attempt(token)
    if not expired(reply):
        return reply
    keeper.drop(token)
    renewed = await keeper.token()
    return await attempt(renewed)


def _bearer(token: str) -> Credentials:
    return Credentials(headers={"Authorization": f"Bearer {token}"})


def _status_401(reply: HttpReply) -> bool:
    return reply.status == 401


def _session_credentials(settings: SessionAuth) -> Callable[[str], Credentials]:
    def credentials(token: str) -> Credentials:
        text = settings.prefix + token
        if settings.query is not None:
            return Credentials(query={settings.query: text})
        if settings.cookie is not None:
            return Credentials(headers={"Cookie": f"{settings.cookie}={text}"})
        assert settings.header is not None
        return Credentials(headers={settings.header: text})

    return credentials


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
        # A password is given in any case: without one, OpenSSL would ask for it on the terminal.
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
    reason = error.strerror if isinstance(error, FileNotFoundError) else "it is no such PEM file"
    return SetupError(
        ("connector", "tls", name), f"the {name} can't be read: {reason}", "correct its path"
    )
