"""What a connection that could not be made, or that broke, says of the department."""

import ssl

import aiohttp

from adapters.contract import DepartmentAuthError, DepartmentError, DepartmentUnreachableError
from schema.errors import DepartmentFault

_OWN_CERTIFICATE = ("CERTIFICATE", "UNKNOWN_CA", "ACCESS_DENIED", "HANDSHAKE_FAILURE")


def connection_error(department: str, error: aiohttp.ClientError) -> DepartmentError:
    """The department's error for what aiohttp raised."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return DepartmentUnreachableError(
            department, f"{department} can't be reached: its certificate is not to be trusted."
        )
    reason = _tls_reason(error)
    if "ALERT" in reason and any(word in reason for word in _OWN_CERTIFICATE):
        # The alert is the department's: it does not take the hub's certificate, or misses one.
        return DepartmentAuthError(
            department,
            f"{department} refused the hub's credentials.",
            fault=DepartmentFault(reason),
        )
    if isinstance(error, aiohttp.ClientConnectorError):
        return DepartmentUnreachableError(department, f"{department} can't be reached.")
    return DepartmentUnreachableError(
        department, f"The connection to {department} broke within its reply."
    )


def _tls_reason(error: BaseException | None) -> str:
    """OpenSSL's name of what went wrong, in any of the causes; empty if it is not about TLS."""
    while error is not None:
        inner = getattr(error, "os_error", None)
        for each in (error, inner):
            if isinstance(each, ssl.SSLError) and each.reason:
                return each.reason
        error = error.__cause__ or error.__context__
    return ""
