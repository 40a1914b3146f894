"""X-Road's error codes, in both of their spellings, as the hub's errors.

Version 7's documentation writes `Server.ServerProxy.NetworkError`, the current code
`network_error`; either may come, and as much of the way before the last word as the server likes.
"""

import re

from adapters.connectors.faults import fault_of
from adapters.contract import (
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
)

_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")

_MAINTENANCE = frozenset({"maintenance_mode", "service_disabled"})
_AUTH = frozenset(
    {
        "access_denied",
        "cert_validation",
        "client_not_found",
        "invalid_client_identifier",
        "ssl_authentication_failed",
    }
)
_UNREACHABLE = frozenset({"host_not_found", "io_error", "network_error", "unknown_host"})
_TIMEOUT = frozenset({"connection_timeout", "timed_out", "timeout"})
_REFUSED = frozenset(
    {
        "bad_request",
        "duplicate_header_field",
        "endpoint_not_found",
        "inconsistent_headers",
        "invalid_body",
        "invalid_content_type",
        "invalid_http_method",
        "invalid_message",
        "invalid_protocol_version",
        "invalid_request",
        "invalid_rest",
        "invalid_security_server",
        "invalid_soap",
        "invalid_soap_action",
        "missing_body",
        "missing_header",
        "missing_header_field",
        "missing_rest",
        "missing_soap",
        "not_found",
        "security_server_not_found",
        "service_not_found",
        "unknown_member",
        "unknown_service",
    }
)


def xroad_error(
    department: str, code: str, message: object = None, detail: object = None
) -> DepartmentError:
    """The department's error that one of X-Road's amounts to.

    Args:
        department: identifier.
        code: REST's `type`, or the faultcode of a SOAP Fault.
        message: REST's `message`, or the faultstring.
        detail: X-Road's number of the error, by which its operators find it.
    """
    fault = fault_of(code, message, {"xroad": str(detail)} if detail else None)
    words = [_HUMP.sub("_", word).lower() for word in re.split(r"[.\s]+", code) if word]
    known = set(words)
    if known & _MAINTENANCE:
        return DepartmentMaintenanceError(
            department, f"{department} is closed for maintenance.", fault=fault
        )
    if known & _AUTH:
        return DepartmentAuthError(
            department, f"{department} refused the hub's credentials at X-Road.", fault=fault
        )
    if known & _TIMEOUT:
        return DepartmentTimeoutError(
            department, f"{department} did not answer X-Road in time.", fault=fault
        )
    if known & _UNREACHABLE:
        return DepartmentUnreachableError(
            department, f"{department} can't be reached through X-Road.", fault=fault
        )
    if known & _REFUSED:
        return DepartmentRefusedError(
            department, f"X-Road refused the hub's question to {department}.", fault=fault
        )
    return DepartmentFaultError(
        department, f"X-Road to {department} reports a failure.", fault=fault
    )
