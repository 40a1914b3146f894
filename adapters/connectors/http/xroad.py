"""Common parts of REST and SOAP over X-Road: its error codes, and the user that a call names.

Version 7 writes a code in CamelCase after a path (`Server.ServerProxy.NetworkError`), later
versions in snake case (`network_error`). Both are understood.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.connectors.templates import CALLER, fill_to_text, placeholders_in
from adapters.contract import (
    CallContext,
    DepartmentAuthError,
    DepartmentError,
    DepartmentFaultError,
    DepartmentMaintenanceError,
    DepartmentRefusedError,
    DepartmentTimeoutError,
    DepartmentUnreachableError,
    MalformedReplyError,
)
from schema.errors import DepartmentFault, ErrorSource

_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
PROXIES = frozenset({"client_proxy", "server_proxy"})
"""Steps that only codes of X-Road's own security servers have."""

_CODES: Mapping[type[DepartmentError], str] = {
    DepartmentAuthError: (
        "access_denied ssl_authentication_failed invalid_signature_value invalid_certificate "
        "incorrect_validation_info"
    ),
    DepartmentFaultError: ("cannot_create_signature database_error internal_error service_failed"),
    DepartmentRefusedError: (
        "duplicate_header_field invalid_body invalid_client_identifier invalid_header "
        "invalid_protocol_version invalid_request invalid_service invalid_soap_action "
        "missing_body missing_header_field service_not_found unknown_member unknown_service"
    ),
    MalformedReplyError: (
        "inconsistent_headers invalid_content_type invalid_message invalid_protocol invalid_soap "
        "invalid_xml missing_soap"
    ),
    DepartmentUnreachableError: ("io_error network_error outdated_global_conf timestamping_failed"),
    DepartmentMaintenanceError: "maintenance_mode service_disabled",
    DepartmentTimeoutError: "timed_out",
}
BEFORE_THE_CALL = frozenset(
    {
        "access_denied",
        "invalid_client_identifier",
        "maintenance_mode",
        "service_disabled",
        "service_not_found",
        "unknown_member",
        "unknown_service",
    }
)
"""Codes with which X-Road has not forwarded the call."""
ERRORS = {code: kind for kind, codes in _CODES.items() for code in codes.split()}

MESSAGES: Mapping[type[DepartmentError], str] = {
    DepartmentAuthError: "X-Road does not let the hub call {}.",
    DepartmentMaintenanceError: "X-Road reports that {} is closed for maintenance.",
    DepartmentRefusedError: "X-Road rejected the hub's request to {} as invalid.",
    DepartmentTimeoutError: "X-Road received no reply from {} in time.",
    DepartmentUnreachableError: "X-Road can't reach {}.",
    MalformedReplyError: "X-Road can't read the reply of {}.",
    DepartmentFaultError: "X-Road received no usable reply from {}.",
}


def exchange_error(department: str, fault: DepartmentFault) -> DepartmentError | None:
    """Return the error for a code of X-Road; None if the code is not X-Road's."""
    steps = [_CAPITAL.sub("_", step).lower() for step in fault.code.split(".")]
    # The last step is the most specific: `service_failed.invalid_soap` is the department's XML.
    named = next((ERRORS[step] for step in reversed(steps) if step in ERRORS), None)
    if named is None:
        if PROXIES.isdisjoint(steps):
            return None
        named = DepartmentRefusedError if steps[0] == "client" else DepartmentFaultError
    error = exchange_failure(named, department, fault)
    # Most other errors may concern the reply of a department that has executed the call.
    error.not_done = not BEFORE_THE_CALL.isdisjoint(steps)
    return error


def exchange_failure(
    kind: type[DepartmentError],
    department: str,
    fault: DepartmentFault | None = None,
    message: str | None = None,
) -> DepartmentError:
    """Return an error of this type with the source `EXCHANGE`; `{}` is the department."""
    error = kind(department, (message or MESSAGES[kind]).format(department), fault=fault)
    error.source = ErrorSource.EXCHANGE
    return error


def _only_caller(value: str) -> str:
    if placeholders_in(value) - {CALLER}:
        raise ValueError("the only placeholder here is {caller}")
    return value


UserId = Annotated[str, Field(max_length=200), AfterValidator(_only_caller)]


def user_of(user_id: str | None, context: CallContext) -> str | None:
    """Return the user to name in X-Road's headers; None if there is none or it is unknown."""
    if user_id is None:
        return None
    return fill_to_text(user_id, {CALLER: context.caller or None})
