"""Errors for connections that failed or broke, and for replies that are not HTTP.

A server may close a kept connection at the moment at which the hub sends its next request (RFC
9112, 9.3.1). That says nothing about the department's health: the request is sent once more, on a
new connection.
"""

import asyncio
import re
import ssl
from contextlib import suppress
from functools import partial
from weakref import WeakSet

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from yarl import URL

from adapters.connectors.http.errors import department_error
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from schema.codes import FaultKind
from schema.errors import DepartmentFault

PROBE_SECONDS = 2.0
_OWN_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")
_used: "WeakSet[ResponseHandler]" = WeakSet()
"""Connections that have carried a reply."""


class KeptConnectionLostError(aiohttp.ClientConnectionError):
    """A kept connection was lost before a byte of the reply came."""


class DamagedBodyError(aiohttp.ClientPayloadError):
    """The connection was closed because the body's framing is damaged."""


class Response(aiohttp.ClientResponse):
    """A response that reports a lost connection precisely."""

    async def start(self, connection: Connection) -> aiohttp.ClientResponse:
        """Read the head of the reply.

        Raises:
            KeptConnectionLostError: the connection was lost before the reply began.
        """
        protocol = connection.protocol
        assert protocol is not None
        try:
            await super().start(connection)
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError) as error:
            # aiohttp's message is a text if nothing came; otherwise it is the head so far.
            if protocol in _used and isinstance(getattr(error, "message", ""), str):
                raise KeptConnectionLostError from error
            raise
        _used.add(protocol)
        if not self.content.is_eof():
            self._watch(protocol)
        return self

    def _watch(self, protocol: ResponseHandler) -> None:
        """End the body when the connection ends: after a damaged chunk, aiohttp would wait."""
        closed, content = protocol.closed, self.content
        if closed is None:
            _end(content, None)
            return
        end = partial(_end, content)
        closed.add_done_callback(end)

        def forget() -> None:
            closed.remove_done_callback(end)

        content.on_eof(forget)


def _end(content: aiohttp.StreamReader, _: "asyncio.Future[None] | None") -> None:
    if not content.is_eof() and content.exception() is None:
        content.set_exception(DamagedBodyError("damaged chunk"))


def connection_error(department: str, error: aiohttp.ClientError) -> DepartmentError:
    """Return the department's error for an exception of aiohttp.

    A connection that could not be opened has `not_done`: nothing was sent.
    """
    failure = _connection_error(department, error)
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientConnectorCertificateError):
        failure.not_done = True
    return failure


def _connection_error(department: str, error: aiohttp.ClientError) -> DepartmentError:
    message = f"{department} can't be reached: its certificate can't be verified."
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return DepartmentUnreachableError(department, message)
    reason = _tls_reason(error)
    if _is_about_our_certificate(reason):
        return department_error(
            DepartmentAuthError, department, DepartmentFault(reason, kind=FaultKind.TLS)
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        message = f"{department} can't be reached."
        fault = DepartmentFault(f"TLS: {reason}", kind=FaultKind.TLS) if reason else None
    else:
        message = f"{department} closed the connection before its reply began."
        fault = DepartmentFault("NO_REPLY", kind=FaultKind.CONNECTION)
    return DepartmentUnreachableError(department, message, fault=fault)


def wrong_http(department: str, error: aiohttp.ClientError) -> DepartmentError:
    """Return the error for a reply that breaks the rules of HTTP, in its head or in its body."""
    cause: BaseException = error
    while cause.__cause__ is not None:
        cause = cause.__cause__
    code, what = _http_fault(str(cause))
    if "ConnectionResetError" in str(error):
        return DepartmentUnreachableError(
            department,
            f"The connection to {department} was reset within its reply: {what}.",
            fault=DepartmentFault("CONNECTION_RESET", kind=FaultKind.CONNECTION),
        )
    return MalformedReplyError(
        department,
        f"{department} sent a reply that breaks the rules of HTTP: {what}.",
        fault=DepartmentFault(code, kind=FaultKind.HTTP),
    )


def _http_fault(message: str) -> tuple[str, str]:
    for pattern, code, what in _HTTP_FAULTS:
        if match := re.search(pattern, message):
            return code, what.format(*match.groups())
    return "HEAD", "its head is not well-formed"


_HTTP_FAULTS = (
    (r"received (\d+) of (\d+) bytes", "INCOMPLETE_BODY", "its body ended after {} of {} bytes"),
    ("satisfy transfer length", "INCOMPLETE_BODY", "its body ended before the last chunk"),
    ("more than (\\d+) bytes when reading", "LONG_HEADER", "a header has more than {} bytes"),
    ("Too many headers", "TOO_MANY_HEADERS", "it has too many headers"),
    ("Invalid status code", "STATUS_LINE", "its status line has no valid status"),
    ("(?i)status line", "STATUS_LINE", "where a status line is due, it has something different"),
    ("Transfer-Encoding can't", "TWO_LENGTHS", "it has Content-Length and Transfer-Encoding"),
    ("Content-Length can't", "TWO_LENGTHS", "it has Content-Length and Transfer-Encoding"),
    ("Duplicate Content-Length", "TWO_LENGTHS", "it has two headers Content-Length"),
    ("Content-Length", "CONTENT_LENGTH", "its Content-Length is not a number"),
    ("(?i)chunk", "CHUNK", "a chunk of its body is damaged"),
    ("Data after", "CONTENT_LENGTH", "its body is longer than its Content-Length"),
    ("(?i)header", "HEADER", "a header is not well-formed"),
)
"""Patterns in aiohttp's messages; fault codes and texts for them. `{}` is a group in a pattern."""


async def refused_certificate(
    department: str, url: str, tls: ssl.SSLContext
) -> DepartmentError | None:
    """Return the error if the department rejects the hub's certificate; None otherwise.

    With TLS 1.3 a server rejects it while the request is being sent, and the alert with the reason
    is usually lost. So open a second connection and send nothing.
    """
    address = URL(url, encoded=True)
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            reader, writer = await asyncio.open_connection(address.host, address.port, ssl=tls)
            try:
                await reader.read(1)
            finally:
                writer.close()
                with suppress(OSError):
                    await writer.wait_closed()
    except (OSError, TimeoutError) as error:
        reason = _tls_reason(error)
        if _is_about_our_certificate(reason):
            return department_error(
                DepartmentAuthError, department, DepartmentFault(reason, kind=FaultKind.TLS)
            )
    return None


def _is_about_our_certificate(reason: str) -> bool:
    """Return True for an alert: the department rejects the hub's certificate or requires one."""
    return "ALERT" in reason and any(word in reason for word in _OWN_CERTIFICATE)


def _tls_reason(error: BaseException | None) -> str:
    """Return OpenSSL's reason from the chain of causes; empty if the error is not about TLS."""
    while error is not None:
        inner = getattr(error, "os_error", None)
        for each in (error, inner):
            reason = getattr(each, "reason", None) if isinstance(each, ssl.SSLError) else None
            if reason:
                return str(reason)
        error = error.__cause__ or error.__context__
    return ""
