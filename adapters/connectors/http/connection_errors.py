"""Errors for connections to a department that failed or broke."""

import asyncio
import ssl
from contextlib import suppress

import aiohttp
from yarl import URL

from adapters.connectors.http.errors import department_error
from adapters.contract import DepartmentAuthError, DepartmentError, DepartmentUnreachableError
from schema.errors import DepartmentFault

PROBE_SECONDS = 2.0
_OWN_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


def connection_error(department: str, error: aiohttp.ClientError) -> DepartmentError:
    """Return the department's error for an exception of aiohttp."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return DepartmentUnreachableError(
            department, f"{department} can't be reached: its certificate can't be verified."
        )
    reason = _tls_reason(error)
    if _is_about_our_certificate(reason):
        return department_error(DepartmentAuthError, department, DepartmentFault(reason))
    if isinstance(error, aiohttp.ClientConnectorError):
        return DepartmentUnreachableError(department, f"{department} can't be reached.")
    return DepartmentUnreachableError(
        department, f"The connection to {department} broke before the reply was complete."
    )


async def refused_certificate(
    department: str, url: str, tls: ssl.SSLContext
) -> DepartmentError | None:
    """Return the error if the department rejects the hub's certificate; None otherwise.

    With TLS 1.3 a server rejects it after the handshake, while the request is being sent, and the
    alert with the reason is usually lost. So this opens a second connection and sends nothing.
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
            return department_error(DepartmentAuthError, department, DepartmentFault(reason))
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
