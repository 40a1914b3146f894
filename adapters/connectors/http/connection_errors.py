"""What a connection that could not be made, or that broke, says of the department."""

import asyncio
import ssl
from contextlib import suppress

import aiohttp
from yarl import URL

from adapters.contract import DepartmentAuthError, DepartmentError, DepartmentUnreachableError
from schema.errors import DepartmentFault

PROBE_SECONDS = 2.0
_OWN_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


def connection_error(department: str, error: aiohttp.ClientError) -> DepartmentError:
    """The department's error for what aiohttp raised."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return DepartmentUnreachableError(
            department, f"{department} can't be reached: its certificate is not to be trusted."
        )
    reason = _tls_reason(error)
    if _is_about_our_certificate(reason):
        return _certificate_refused(department, reason)
    if isinstance(error, aiohttp.ClientConnectorError):
        return DepartmentUnreachableError(department, f"{department} can't be reached.")
    return DepartmentUnreachableError(
        department, f"The connection to {department} broke within its reply."
    )


async def refused_certificate(
    department: str, url: str, tls: ssl.SSLContext
) -> DepartmentError | None:
    """The error, if the department hangs up because of the hub's certificate; else None.

    With TLS 1.3 it does so after the handshake, when the request is under way already, and the
    alert that says why is mostly lost. So a connection is made on which nothing is sent.
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
            return _certificate_refused(department, reason)
    return None


def _is_about_our_certificate(reason: str) -> bool:
    """Alerts are the department's: it does not take the hub's certificate, or misses one."""
    return "ALERT" in reason and any(word in reason for word in _OWN_CERTIFICATE)


def _certificate_refused(department: str, reason: str) -> DepartmentError:
    return DepartmentAuthError(
        department, f"{department} refused the hub's credentials.", fault=DepartmentFault(reason)
    )


def _tls_reason(error: BaseException | None) -> str:
    """OpenSSL's name of what went wrong, in any of the causes; empty if it is not about TLS."""
    while error is not None:
        inner = getattr(error, "os_error", None)
        for each in (error, inner):
            reason = getattr(each, "reason", None) if isinstance(each, ssl.SSLError) else None
            if reason:
                return str(reason)
        error = error.__cause__ or error.__context__
    return ""
