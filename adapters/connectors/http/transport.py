"""One department's HTTP line: a pool of connections of its own, bounded replies, typed errors."""

import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from adapters.connectors.http.connection_errors import connection_error, refused_certificate
from adapters.connectors.http.decompression import ACCEPTED, BombError, InflationError, inflater_for
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentOverloadedError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
    ReplyTooLargeError,
)
from schema.errors import DepartmentFault

READ_BUFFER = 1 << 18
PROXY_AUTHENTICATION_REQUIRED, REQUEST_TIMEOUT, TOO_MANY_REQUESTS = 407, 408, 429
NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_HTML = re.compile(rb"\A\s*(<!doctype html|<html)", re.IGNORECASE)
_MAINTENANCE = re.compile("maint[ae]?[ia]?nance|रखरखाव|अनुरक्षण", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class HttpReply:
    """A complete reply: HTTP status and body, decompressed, and headers by name in any case."""

    status: int
    body: bytes
    headers: CIMultiDictProxy[str] = field(default_factory=lambda: NO_HEADERS)

    def all_of(self, name: str) -> Sequence[str]:
        """Every header of this name."""
        return self.headers.getall(name, [])


@dataclass(frozen=True, slots=True)
class Proxy:
    """What stands between the hub and a department.

    Attributes:
        url: the proxy's.
        credentials: the hub's there, as `Authorization` would have them.
    """

    url: URL
    credentials: str | None = None


class Transport(Protocol):
    """Sends a request and gives its reply; raises `DepartmentError` when there is none to use.

    Layers add what a department wants beside the request itself: credentials, X-Road's headers,
    validators of copies. A department that wants nothing of it has the bare `HttpTransport`.
    """

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        """The reply, whatever its status."""

    async def close(self) -> None: ...


class HttpTransport:
    """Sends requests to one department, over connections that are kept open.

    aiohttp rather than httpx: a small reply costs a tenth of the time (docs/decisions/0005).
    Certificates are verified, redirects not followed, proxies of the environment not used.

    Args:
        department: identifier, for errors.
        connections: most connections open at once.
        reply_bytes: most bytes taken of one reply, after decompression.
        first_byte: most seconds until a reply begins, and between parts of it; None: no bound here.
        tls: which certificates are shown and accepted; those of the system when None.
        proxy: what requests go through; straight to the department when None.
    """

    def __init__(
        self,
        department: str,
        *,
        connections: int,
        reply_bytes: int,
        first_byte: float | None = None,
        tls: ssl.SSLContext | None = None,
        proxy: Proxy | None = None,
    ) -> None:
        self._proxy = proxy.url if proxy is not None else None
        self._proxy_headers: dict[str, str] | None = None
        if proxy is not None and proxy.credentials is not None:
            # aiohttp sends it to the proxy alone, as Proxy-Authorization.
            self._proxy_headers = {"Authorization": proxy.credentials}
        self._tls: ssl.SSLContext | bool = True if tls is None else tls
        self.department = department
        self._connections = connections
        self._reply_bytes = reply_bytes
        self._first_byte = first_byte
        self._session: aiohttp.ClientSession | None = None

    def _open_session(self) -> aiohttp.ClientSession:
        # Not in __init__: a session belongs to the event loop that it is opened in.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, ssl=self._tls),
                # Deadlines are the link's: it cancels the call when its time is up.
                timeout=aiohttp.ClientTimeout(total=None, sock_read=self._first_byte),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Accept-Encoding": ACCEPTED},
                auto_decompress=False,
                read_bufsize=READ_BUFFER,
            )
            # Second attempts are the link's alone, which keeps them within a budget.
            self._session._retry_connection = False
        return self._session

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        query: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> HttpReply:
        """The reply, whatever its status; raises DepartmentError when there is no usable one."""
        if query:
            url = f"{url}?{urlencode(query)}"
        try:
            async with self._open_session().request(
                method,
                URL(url, encoded=True),
                headers=headers,
                data=content,
                allow_redirects=False,
                proxy=self._proxy,
                proxy_headers=self._proxy_headers,
            ) as response:
                body = await self._bounded_body(response)
                status, told = response.status, response.headers
        except aiohttp.ServerTimeoutError:
            raise DepartmentTimeoutError(
                self.department, f"{self.department} did not answer in time."
            ) from None
        except aiohttp.ClientProxyConnectionError:
            raise self._behind_proxy("unreachable") from None
        except aiohttp.ClientHttpProxyError as error:
            raise self._behind_proxy(f"HTTP {error.status}") from None
        except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
            raise await self._connection_error(url, error) from None
        except aiohttp.InvalidURL:
            raise DepartmentUnreachableError(
                self.department, f"{self.department} can't be reached."
            ) from None
        except aiohttp.ClientError:
            raise DepartmentUnreachableError(
                self.department, f"The connection to {self.department} broke within its reply."
            ) from None
        if status == PROXY_AUTHENTICATION_REQUIRED:
            raise self._behind_proxy(f"HTTP {status}")
        if _HTML.match(body) and status != 401:
            raise self._html_error(status, body)
        return HttpReply(status, body, told)

    def _behind_proxy(self, told: str) -> DepartmentUnreachableError:
        return DepartmentUnreachableError(
            self.department,
            f"{self.department} can't be reached through its proxy.",
            fault=DepartmentFault(f"proxy: {told}"),
        )

    async def _connection_error(self, url: str, error: aiohttp.ClientError) -> DepartmentError:
        told = connection_error(self.department, error)
        connected = not isinstance(error, aiohttp.ClientConnectorError)
        if connected and self._proxy is None and isinstance(self._tls, ssl.SSLContext):
            return await refused_certificate(self.department, url, self._tls) or told
        return told

    async def _bounded_body(self, response: aiohttp.ClientResponse) -> bytes:
        try:
            return await self._unpacked(response)
        except (ReplyTooLargeError, InflationError) as error:
            # Nothing more is read: the connection can't be used again.
            response.close()
            if isinstance(error, ReplyTooLargeError):
                raise
            raise self._inflation_error(error, response.headers) from None

    async def _unpacked(self, response: aiohttp.ClientResponse) -> bytes:
        inflater = inflater_for(response.headers.get("Content-Encoding", ""))
        pieces: list[bytes] = []
        packed = size = 0
        async for chunk in response.content.iter_any():
            packed += len(chunk)
            for piece in (chunk,) if inflater is None else inflater.feed(chunk):
                size += len(piece)
                if size > self._reply_bytes:
                    raise self._too_large()
                pieces.append(piece)
            if packed > self._reply_bytes:
                raise self._too_large()
        if inflater is not None:
            inflater.end()
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def _too_large(self) -> ReplyTooLargeError:
        return ReplyTooLargeError(
            self.department, f"{self.department} sent more than {self._reply_bytes:,} bytes."
        )

    def _inflation_error(
        self, error: InflationError, headers: CIMultiDictProxy[str]
    ) -> DepartmentError:
        if isinstance(error, BombError):
            return ReplyTooLargeError(
                self.department, f"{self.department} sent a reply that grows beyond measure."
            )
        return MalformedReplyError(
            self.department,
            f"{self.department} sent a reply that can't be unpacked.",
            fault=DepartmentFault(f"Content-Encoding: {headers.get('Content-Encoding', '')[:40]}"),
        )

    def _html_error(self, status: int, body: bytes) -> Exception:
        if _MAINTENANCE.search(body[:20_000].decode("utf-8", "replace")):
            return DepartmentMaintenanceError(
                self.department, f"{self.department} is closed for maintenance."
            )
        return MalformedReplyError(
            self.department,
            f"{self.department} sent a web page instead of data.",
            fault=DepartmentFault(f"HTTP {status}"),
        )

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()


def raise_for_status(department: str, status: int, told: DepartmentFault | None = None) -> None:
    """Turns an HTTP status that is no success into the department's error.

    `told` is what the reply says of it in the department's own words, where it says anything.
    """
    if status < 300:
        return
    fault = told or DepartmentFault(f"HTTP {status}")
    if status < 400:
        raise MalformedReplyError(
            department, f"{department} redirects elsewhere; the hub does not follow.", fault=fault
        )
    if status in (401, 403):
        raise DepartmentAuthError(
            department, f"{department} refused the hub's credentials.", fault=fault
        )
    if status == TOO_MANY_REQUESTS:
        raise DepartmentOverloadedError(
            department, f"{department} is asked more than it can answer.", fault=fault
        )
    if status < 500 and status != REQUEST_TIMEOUT:
        raise DepartmentRefusedError(
            department, f"{department} refused the hub's question.", fault=fault
        )
    raise DepartmentFaultError(department, f"{department} reports a failure.", fault=fault)
