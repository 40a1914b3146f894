"""What X-Road itself says when a message does not get through, as the hub's errors.

Its codes are CamelCase behind a path in version 7 (`Server.ServerProxy.NetworkError`) and snake
case in its later sources (`network_error`); both are read.
"""

import re
from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator, Field

from adapters.connectors.templates import fill_to_text, placeholders_in
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

AUTH, REFUSED, MALFORMED = DepartmentAuthError, DepartmentRefusedError, MalformedReplyError
ERRORS: Mapping[str, type[DepartmentError]] = {
    "access_denied": AUTH,
    "ssl_authentication_failed": AUTH,
    "invalid_signature_value": AUTH,
    "invalid_certificate": AUTH,
    "cannot_create_signature": DepartmentFaultError,
    "database_error": DepartmentFaultError,
    "duplicate_header_field": REFUSED,
    "inconsistent_headers": MALFORMED,
    "incorrect_validation_info": AUTH,
    "internal_error": DepartmentFaultError,
    "invalid_body": REFUSED,
    "invalid_client_identifier": REFUSED,
    "invalid_content_type": MALFORMED,
    "invalid_header": REFUSED,
    "invalid_message": MALFORMED,
    "invalid_protocol": MALFORMED,
    "invalid_protocol_version": REFUSED,
    "invalid_request": REFUSED,
    "invalid_service": REFUSED,
    "invalid_soap": MALFORMED,
    "invalid_soap_action": REFUSED,
    "invalid_xml": MALFORMED,
    "io_error": DepartmentUnreachableError,
    "maintenance_mode": DepartmentMaintenanceError,
    "missing_body": REFUSED,
    "missing_header_field": REFUSED,
    "missing_soap": MALFORMED,
    "network_error": DepartmentUnreachableError,
    "outdated_global_conf": DepartmentUnreachableError,
    "service_disabled": DepartmentMaintenanceError,
    "service_failed": DepartmentFaultError,
    "service_not_found": REFUSED,
    "timestamping_failed": DepartmentUnreachableError,
    "timed_out": DepartmentTimeoutError,
    "unknown_member": REFUSED,
    "unknown_service": REFUSED,
}

MESSAGES: Mapping[type[DepartmentError], str] = {
    DepartmentAuthError: "The exchange does not let the hub ask {department}.",
    DepartmentMaintenanceError: "The exchange says that {department} is closed for maintenance.",
    DepartmentRefusedError: "The exchange refused the hub's question to {department}.",
    DepartmentTimeoutError: "The exchange had no answer from {department} in time.",
    DepartmentUnreachableError: "The exchange can't reach {department}.",
    MalformedReplyError: "The exchange could not read what {department} sent.",
    DepartmentFaultError: "The exchange could not get an answer from {department}.",
}


def exchange_error(department: str, fault: DepartmentFault) -> DepartmentError | None:
    """The error that X-Road's code stands for; None when the code is not one of X-Road's."""
    steps = [_CAPITAL.sub("_", step).lower() for step in fault.code.split(".")]
    # The most particular step is the last; `service_failed.invalid_soap` is the provider's XML.
    named = next((ERRORS[step] for step in reversed(steps) if step in ERRORS), None)
    if named is None:
        if PROXIES.isdisjoint(steps):
            return None
        named = DepartmentRefusedError if steps[0] == "client" else DepartmentFaultError
    error = named(department, MESSAGES[named].format(department=department), fault=fault)
    error.source = ErrorSource.EXCHANGE
    return error


CALLER = "caller"


def _caller_alone(value: str) -> str:
    if placeholders_in(value) - {CALLER}:
        raise ValueError("the only placeholder here is {caller}")
    return value


UserId = Annotated[str, Field(max_length=200), AfterValidator(_caller_alone)]


def told_user(user_id: str | None, context: CallContext) -> str | None:
    """Who is told; None when nobody is, or when it is not known who asks."""
    if user_id is None:
        return None
    return fill_to_text(user_id, {CALLER: context.caller or None})
