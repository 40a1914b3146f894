"""Opens a department's transport with the credentials, certificates and proxy of its manifest."""

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from adapters.connectors.http.credentials import Sign, api_key, basic, signature
from adapters.connectors.http.errors import session_expired
from adapters.connectors.http.login_keeper import Login, LoginKeeper
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
from schema.errors import DepartmentFault

T = TypeVar("T")
AddToken = Callable[[HttpRequest, str], HttpRequest]
SHORT_REPLY = 4096
"""Maximum size in bytes of a reply that is searched for "session expired"."""


def open_transport(
    setup: Setup[Any, Any], settings: HttpSettings
) -> tuple[Transport, LoginKeeper | None]:
    """Return the department's transport, and its keeper if the hub must log in.

    The caller closes the transport, which closes the keeper. Requests for a department with a
    keeper carry its login (`RequestSender`).

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
            return transport, None
        case ApiKeyAuth():
            return SignedTransport(transport, api_key(auth)), None
        case BasicAuth():
            return SignedTransport(transport, basic(auth)), None
        case HmacAuth():
            return SignedTransport(transport, signature(auth)), None
        case OAuth2Auth():
            log_in = oauth2_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline, skew=auth.skew)
            return TokenTransport(department, transport, keeper, _add_bearer), keeper
        case SessionAuth():
            log_in = session_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline)
            token = _session_token(auth)
            return TokenTransport(department, transport, keeper, token, _expired(auth)), keeper


class SignedTransport:
    """Adds credentials that do not expire to each request."""

    def __init__(self, transport: Transport, sign: Sign) -> None:
        self._transport = transport
        self._sign = sign

    async def send(self, request: HttpRequest) -> HttpReply:
        return await self._transport.send(self._sign(request))

    async def close(self) -> None:
        await self._transport.close()


class RequestSender:
    """Sends a connector's requests, with a new login once if the reply rejects the current one.

    Args:
        transport: sends the requests; the connector closes it.
        logins: keeps the login; None if the department requires none.
    """

    def __init__(self, transport: Transport, logins: LoginKeeper | None) -> None:
        self._transport = transport
        self._logins = logins

    async def send(self, request: HttpRequest, read: Callable[[HttpReply], T]) -> T:
        """Send a request and return what `read` makes of the reply.

        Args:
            request: the request, without credentials.
            read: reads the reply; raises `DepartmentAuthError` if it rejects the login. Departments
                do so in many ways, so only the reader of the whole reply can know.

        Raises:
            DepartmentError: no usable reply came.
        """
        if self._logins is None:
            return read(await self._transport.send(request))

        async def attempt(login: Login) -> T:
            return read(await self._transport.send(request.with_login(login)))

        return await self._logins.run(attempt, may_repeat=request.repeatable)


class TokenTransport:
    """Adds the token of a request's login.

    Args:
        department: identifier, for errors.
        transport: sends the requests.
        keeper: logs in; closed with this transport.
        add_token: returns a request with the token added.
        expired: returns True for a reply that reports the end of the session in a way that only the
            manifest knows.
    """

    def __init__(
        self,
        department: str,
        transport: Transport,
        keeper: LoginKeeper,
        add_token: AddToken,
        expired: Callable[[HttpReply], bool] | None = None,
    ) -> None:
        self._department = department
        self._transport = transport
        self._keeper = keeper
        self._add_token = add_token
        self._expired = expired

    async def send(self, request: HttpRequest) -> HttpReply:
        token = (request.login.token if request.login is not None else None) or ""
        reply = await self._transport.send(self._add_token(request, token))
        if self._expired is not None and self._expired(reply):
            raise session_expired(self._department, DepartmentFault(f"HTTP {reply.status}"))
        return reply

    async def close(self) -> None:
        await self._keeper.close()
        await self._transport.close()


def _add_bearer(request: HttpRequest, token: str) -> HttpRequest:
    return request.with_headers({"Authorization": f"Bearer {token}"})


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
