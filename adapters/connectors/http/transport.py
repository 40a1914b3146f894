"""Sends requests to one department over HTTP: pooled connections, bounded replies, typed errors."""

import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import KW_ONLY, dataclass, field, replace
from http.cookies import CookieError, SimpleCookie
from typing import Protocol
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from adapters.connectors.http.connection_errors import (
    KeptConnectionLostError,
    Response,
    connection_error,
    refused_certificate,
    wrong_http,
)
from adapters.connectors.http.decompression import (
    ACCEPTED,
    BombError,
    DecompressionError,
    Decompressor,
)
from adapters.connectors.http.login_keeper import Login
from adapters.connectors.http.web_pages import page_error
from adapters.contract import (
    DepartmentError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from schema.codes import FaultKind
from schema.errors import DepartmentFault

READ_BUFFER = 1 << 18
MOST_HEADER_BYTES = 1 << 16
"""Maximum size of one header. Servers with single sign-on send cookies of more than 8 KiB."""
PROXY_AUTHENTICATION_REQUIRED = 407
CORRELATION_HEADER = "X-Correlation-Id"
"""Header with the hub's id of the operation, sent with every call."""
NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request.

    Attributes:
        method: HTTP method.
        url: URL, encoded.
        headers: headers by name.
        query: query parameters to append to the URL, not encoded yet.
        content: the body.
        repeatable: False if the request changes data, so that it must not arrive twice. Its reply
            may be a web page.
        login: the login that the transport adds; None if the department requires none.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    query: Mapping[str, str] = field(default_factory=dict)
    content: bytes | None = None
    repeatable: bool = True
    login: Login | None = None

    @property
    def full_url(self) -> str:
        """The URL with the query parameters."""
        return f"{self.url}?{urlencode(self.query)}" if self.query else self.url

    def with_headers(self, headers: Mapping[str, str]) -> "HttpRequest":
        """Return a copy with these headers added."""
        return replace(self, headers={**self.headers, **headers})

    def with_query(self, query: Mapping[str, str]) -> "HttpRequest":
        """Return a copy with these query parameters added."""
        return replace(self, query={**self.query, **query})


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A complete reply.

    Attributes:
        status: HTTP status.
        body: the body, decompressed.
        headers: headers; names match in upper and lower case.
    """

    status: int
    body: bytes
    headers: CIMultiDictProxy[str] = field(default_factory=lambda: NO_HEADERS)

    def all_of(self, name: str) -> Sequence[str]:
        """Return the values of every header with this name."""
        return self.headers.getall(name, [])

    def page_error(self, department: str) -> DepartmentError | None:
        """Return the error for a web page in place of data; see `web_pages.page_error`."""
        return page_error(department, self.status, self.body, self.headers)

    @property
    def charset(self) -> str | None:
        """The character set that the header `Content-Type` declares; None if it declares none."""
        _, _, declared = self.headers.get("Content-Type", "").lower().partition("charset=")
        return declared.partition(";")[0].strip(" \"'") or None

    def cookies(self) -> dict[str, str]:
        """Return the cookies that the reply sets, as they must be sent back."""
        found: dict[str, str] = {}
        for header in self.all_of("Set-Cookie"):
            try:
                parsed = SimpleCookie(header)
            except CookieError:
                continue
            found |= {name: morsel.coded_value for name, morsel in parsed.items()}
        return found


class Transport(Protocol):
    """Sends requests to one department.

    `HttpTransport` opens the connections. Others wrap a transport and add what the department
    requires: credentials, X-Road's headers, `If-None-Match`. Closing a wrapper closes what it
    wraps.
    """

    async def send(self, request: HttpRequest) -> HttpReply:
        """Send a request and return the reply, whatever its status is.

        Raises:
            DepartmentError: no usable reply came. `not_done` is True if nothing has left the hub.
        """
        ...

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Proxy:
    """The HTTP proxy in front of a department.

    Attributes:
        url: the proxy's URL. None: connect to the department directly.
        headers: the hub's credentials there. aiohttp sends `Authorization` to the proxy only, as
            `Proxy-Authorization`.
    """

    url: URL | None = None
    headers: Mapping[str, str] | None = None


NO_PROXY = Proxy()


@dataclass(slots=True, eq=False)
class HttpTransport:
    """Sends requests to one department over connections that stay open.

    Certificates are verified. Redirects are not followed, and proxies of the environment are not
    used. aiohttp needs a tenth of httpx's time for a small reply (docs/decisions/0005).

    Attributes:
        department: identifier, for errors.
        connections: maximum number of open connections.
        reply_bytes: maximum size of a reply in bytes, after decompression.
        first_byte: time limit in seconds until a reply begins, and between its parts. None: no
            limit here.
        connect: time limit in seconds until a connection for a write is open. None: no limit here.
        tls: certificates to show and to accept. None: the system's authorities.
    """

    department: str
    _: KW_ONLY
    connections: int
    reply_bytes: int
    first_byte: float | None = None
    connect: float | None = None
    tls: ssl.SSLContext | None = None
    proxy: Proxy = NO_PROXY
    _sessions: dict[bool, aiohttp.ClientSession] = field(init=False, default_factory=dict)

    def _session(self, *, keeps: bool) -> aiohttp.ClientSession:
        """Return the session that keeps connections, or the one that opens a new one each time."""
        # Not in __init__: a session belongs to the event loop in which it is opened.
        if keeps not in self._sessions:
            session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self.connections, ssl=self.tls or True, force_close=not keeps
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": ACCEPTED},
                auto_decompress=False,
                read_bufsize=READ_BUFFER,
                max_line_size=MOST_HEADER_BYTES,
                max_field_size=MOST_HEADER_BYTES,
                response_class=Response,
            )
            # Only the link repeats calls, because it has a budget for that.
            session._retry_connection = False
            self._sessions[keeps] = session
        return self._sessions[keeps]

    async def send(self, request: HttpRequest) -> HttpReply:
        if request.repeatable:
            with suppress(KeptConnectionLostError, aiohttp.ClientConnectionResetError):
                return await self._send(request, keeps=True)
        # A write gets a new connection, because a kept one may be lost while the write leaves.
        try:
            return await self._send(request, keeps=False)
        except aiohttp.ClientConnectionError as error:
            raise connection_error(self.department, error) from None

    async def _send(self, request: HttpRequest, *, keeps: bool) -> HttpReply:
        url = request.full_url
        timeout = aiohttp.ClientTimeout(
            # The link cancels a call at its deadline.
            total=None,
            sock_read=self.first_byte,
            connect=None if request.repeatable else self.connect,
        )
        try:
            async with self._session(keeps=keeps).request(
                request.method,
                URL(url, encoded=True),
                headers=request.headers,
                data=request.content,
                allow_redirects=False,
                proxy=self.proxy.url,
                proxy_headers=self.proxy.headers,
                timeout=timeout,
            ) as response:
                body = await self._bounded_body(response)
                status, reply_headers = response.status, response.headers
        except (KeptConnectionLostError, aiohttp.ClientConnectionResetError):
            raise
        except aiohttp.ClientError as error:
            raise await self._failure_of(url, error) from None
        if status == PROXY_AUTHENTICATION_REQUIRED:
            raise self._proxy_error(f"HTTP {status}")
        reply = HttpReply(status, body, reply_headers)
        # The rules of a write may read a web page.
        page = reply.page_error(self.department) if request.repeatable else None
        if page is not None:
            raise page
        return reply

    async def _failure_of(self, url: str, error: aiohttp.ClientError) -> DepartmentError:
        """Return the error for an exception of aiohttp."""
        match error:
            case aiohttp.ConnectionTimeoutError():
                message = f"{self.department} can't be reached in time."
                return _not_sent(DepartmentUnreachableError(self.department, message))
            case aiohttp.ServerTimeoutError():
                message = f"{self.department} did not reply in time."
                return DepartmentTimeoutError(self.department, message)
            case aiohttp.ClientProxyConnectionError():
                return self._proxy_error("unreachable")
            case aiohttp.ClientHttpProxyError():
                return self._proxy_error(f"HTTP {error.status}")
            case aiohttp.ClientOSError() | aiohttp.ServerDisconnectedError():
                return await self._connection_error(url, error)
            case aiohttp.InvalidURL():
                message = f"{self.department} can't be reached: its URL is not valid."
                return _not_sent(DepartmentUnreachableError(self.department, message))
        return wrong_http(self.department, error)

    def _proxy_error(self, reason: str) -> DepartmentError:
        return _not_sent(
            DepartmentUnreachableError(
                self.department,
                f"{self.department} can't be reached through its proxy.",
                fault=DepartmentFault(f"proxy: {reason}", kind=FaultKind.PROXY),
            )
        )

    async def _connection_error(self, url: str, error: aiohttp.ClientError) -> DepartmentError:
        failure = connection_error(self.department, error)
        connected = not isinstance(error, aiohttp.ClientConnectorError)
        if connected and self.proxy.url is None and self.tls is not None:
            return await refused_certificate(self.department, url, self.tls) or failure
        return failure

    async def _bounded_body(self, response: aiohttp.ClientResponse) -> bytes:
        # After an error the rest is not read, so the connection can't be used again.
        try:
            return await self._decompressed(response)
        except ReplyTooLargeError:
            response.close()
            raise
        except DecompressionError as error:
            response.close()
            if isinstance(error, BombError):
                message = f"{self.department} sent a decompression bomb."
                raise ReplyTooLargeError(self.department, message) from None
            encoding = response.headers.get("Content-Encoding", "")[:40]
            raise MalformedReplyError(
                self.department,
                f"{self.department} sent a reply that can't be decompressed.",
                fault=DepartmentFault(f"Content-Encoding: {encoding}", kind=FaultKind.HTTP),
            ) from None

    async def _decompressed(self, response: aiohttp.ClientResponse) -> bytes:
        decompressor = Decompressor.for_encoding(response.headers.get("Content-Encoding", ""))
        pieces: list[bytes] = []
        received = size = 0
        async for chunk in response.content.iter_any():
            received += len(chunk)
            for piece in (chunk,) if decompressor is None else decompressor.feed(chunk):
                size += len(piece)
                if size > self.reply_bytes:
                    raise self._too_large()
                pieces.append(piece)
            if received > self.reply_bytes:
                raise self._too_large()
        if decompressor is not None:
            decompressor.end()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _too_large(self) -> ReplyTooLargeError:
        return ReplyTooLargeError(
            self.department,
            f"{self.department} sent more than {self.reply_bytes:,} bytes, the manifest's limit.",
        )

    async def close(self) -> None:
        for session in self._sessions.values():
            await session.close()


def _not_sent(error: DepartmentError) -> DepartmentError:
    """Mark the error of a request of which nothing has left the hub."""
    error.not_done = True
    return error
