"""Opens a department's transport with the credentials, certificates and proxy of its manifest."""

import base64
import datetime as dt
import hashlib
import hmac
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeVar

import aiohttp
from yarl import URL

from adapters.connectors.http.errors import session_expired, status_fault
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
    TimestampRule,
    TlsSettings,
)
from adapters.connectors.http.transport import (
    NO_PROXY,
    HttpReply,
    HttpRequest,
    HttpTransport,
    Proxy,
    Transport,
)
from adapters.connectors.setup import Setup, SetupError

T = TypeVar("T")
AddToken = Callable[[HttpRequest, str], HttpRequest]
Sign = Callable[[HttpRequest], HttpRequest]
"""Returns a request with credentials added."""
CONNECT_SHARE = 0.5
"""Share of a call's time limit within which the connection for a write must be open. After it,
enough is left for the write, and a write that can't be sent ends before its deadline, at which
nobody would know whether it was sent."""
SHORT_REPLY = 4096
"""Maximum size in bytes of a reply that is searched for "session expired"."""


def open_requests(setup: Setup[Any, Any]) -> "RequestSender":
    """Return the sender of a department's requests. The caller closes it.

    Raises:
        SetupError: a certificate can't be used.
    """
    settings: HttpSettings = setup.settings
    tls, proxy = settings.tls, settings.proxy
    transport: Transport = HttpTransport(
        setup.department,
        connections=setup.connections,
        reply_bytes=setup.reply_bytes,
        first_byte=setup.first_byte,
        connect=CONNECT_SHARE * setup.deadline,
        tls=None if tls is None else _tls_context(tls, setup.folder),
        proxy=NO_PROXY if proxy is None else _proxy(proxy),
    )
    if setup.wrappers.transport is not None:
        transport = setup.wrappers.transport(transport)
    department, auth = setup.department, settings.auth
    match auth:
        case None:
            return RequestSender(transport)
        case ApiKeyAuth():
            return RequestSender(SignedTransport(transport, api_key(auth)))
        case BasicAuth():
            return RequestSender(SignedTransport(transport, basic(auth)))
        case HmacAuth():
            return RequestSender(SignedTransport(transport, signature(auth)))
        case OAuth2Auth():
            log_in = oauth2_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline, skew=auth.skew)
            add = _add_to("Authorization", prefix="Bearer ")
            return RequestSender(TokenTransport(department, transport, keeper, add), keeper)
        case SessionAuth():
            log_in = session_login(auth, department, transport)
            keeper = LoginKeeper(department, log_in, within=setup.deadline)
            add = _add_to(auth.header, auth.query, auth.cookie, auth.prefix)
            signed = TokenTransport(department, transport, keeper, add, _expired(auth))
            return RequestSender(signed, keeper)


@dataclass(frozen=True, slots=True)
class SignedTransport:
    """Adds credentials that do not expire to each request."""

    transport: Transport
    sign: Sign

    async def send(self, request: HttpRequest) -> HttpReply:
        return await self.transport.send(self.sign(request))

    async def close(self) -> None:
        await self.transport.close()


@dataclass(frozen=True, slots=True)
class RequestSender:
    """Sends a connector's requests, with a new login once if the reply rejects the current one.

    Attributes:
        transport: sends the requests with the login that they carry.
        logins: keeps the login; None if the department requires none.
    """

    transport: Transport
    logins: LoginKeeper | None = None

    async def send(self, request: HttpRequest, read: Callable[[HttpReply], T]) -> T:
        """Send a request and return what `read` makes of the reply.

        Args:
            read: reads the reply; raises `DepartmentAuthError` if it rejects the login. Departments
                do so in many ways, so only the reader of the whole reply can know.

        Raises:
            DepartmentError: no usable reply came.
        """
        if self.logins is None:
            return read(await self.transport.send(request))

        async def attempt(login: Login) -> T:
            return read(await self.transport.send(replace(request, login=login)))

        # A department that rejects the login has not executed the request, not even a write.
        return await self.logins.run(attempt)

    async def close(self) -> None:
        await self.transport.close()


@dataclass(frozen=True, slots=True)
class TokenTransport:
    """Adds the token of a request's login.

    Attributes:
        department: identifier, for errors.
        transport: sends the requests.
        keeper: logs in; closed with this transport.
        add_token: returns a request with the token added.
        expired: returns True for a reply that reports the end of the session in a way that only the
            manifest knows.
    """

    department: str
    transport: Transport
    keeper: LoginKeeper
    add_token: AddToken
    expired: Callable[[HttpReply], bool] | None = None

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send the request with its login's token.

        Raises:
            SessionExpiredError: the reply says that the session has ended.
            DepartmentError: no usable reply came.
        """
        token = (request.login.token if request.login is not None else None) or ""
        reply = await self.transport.send(self.add_token(request, token))
        if self.expired is not None and self.expired(reply):
            raise session_expired(self.department, status_fault(reply.status))
        return reply

    async def close(self) -> None:
        await self.keeper.close()
        await self.transport.close()


def _add_to(
    header: str | None, query: str | None = None, cookie: str | None = None, prefix: str = ""
) -> AddToken:
    """Return a function that adds a token with a prefix to one of these parts of a request."""

    def add(request: HttpRequest, token: str) -> HttpRequest:
        if query is not None:
            return request.with_query({query: prefix + token})
        if cookie is not None:
            return request.with_headers({"Cookie": f"{cookie}={prefix}{token}"})
        assert header is not None
        return request.with_headers({header: prefix + token})

    return add


def api_key(settings: ApiKeyAuth) -> Sign:
    """Return a function that adds the API key."""
    add = _add_to(settings.header, settings.query)
    value = settings.value.get_secret_value()
    return lambda request: add(request, value)


def basic(settings: BasicAuth) -> Sign:
    """Return a function that adds name and password (HTTP Basic)."""
    password = settings.password.get_secret_value()
    headers = {"Authorization": aiohttp.encode_basic_auth(settings.username, password)}
    return lambda request: request.with_headers(headers)


def signature(settings: HmacAuth, clock: Callable[[], float] = time.time) -> Sign:
    """Return a function that signs requests; `clock` returns seconds since 1970."""
    secret = settings.secret.get_secret_value().encode()

    def sign(request: HttpRequest) -> HttpRequest:
        headers: dict[str, str] = {}
        timestamp = ""
        if settings.timestamp is not None:
            timestamp = _written(settings.timestamp, clock())
            headers[settings.timestamp.header] = timestamp
        parts = {
            "method": request.method.encode(),
            "url": URL(request.full_url, encoded=True).raw_path_qs.encode(),
            "timestamp": timestamp.encode(),
            "body": request.content or b"",
        }
        signed = b"\n".join(parts[part] for part in settings.signs)
        digest = hmac.digest(secret, signed, getattr(hashlib, settings.algorithm))
        written = digest.hex() if settings.encoding == "hex" else base64.b64encode(digest).decode()
        headers[settings.header] = settings.prefix + written
        return request.with_headers(headers)

    return sign


def _written(rule: TimestampRule, now: float) -> str:
    if rule.format == "iso":
        moment = dt.datetime.fromtimestamp(now, dt.UTC)
        return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return str(int(now * 1000) if rule.format == "epoch_ms" else int(now))


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
    credentials = aiohttp.encode_basic_auth(settings.username, password)
    return Proxy(URL(settings.url), {"Authorization": credentials})


def _unusable(name: str, error: Exception) -> SetupError:
    reason = "it is not a PEM file of this kind"
    if isinstance(error, FileNotFoundError):
        reason = str(error.strerror)
    return SetupError(
        ("connector", "tls", name), f"the {name} can't be read: {reason}", "correct its path"
    )
