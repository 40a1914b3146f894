"""The error entries of a response: what a person may see of what went wrong (`docs/errors.md`)."""

import logging
import traceback
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from schema.errors import ErrorSource, HubError

log = logging.getLogger(__name__)

MASKED = "Something went wrong in the hub. Please tell the helpdesk the correlation id."


def error_entry(error: GraphQLError, correlation_id: str) -> dict[str, Any]:
    """The error as the response shows it; unforeseen ones are masked and logged."""
    original = error.original_error
    entry: dict[str, Any] = {"message": error.message}
    if isinstance(original, HubError):
        entry["message"] = original.message
        extensions = dict(original.extensions)
    elif original is None or isinstance(original, GraphQLError):
        extensions = _by_caller(_code_of(error))
    else:
        _log_unforeseen(original, correlation_id)
        entry["message"] = MASKED
        extensions = {**_by_caller("INTERNAL"), "retryable": True}
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    entry["extensions"] = {**extensions, "correlationId": correlation_id}
    return entry


def _code_of(error: GraphQLError) -> str:
    if isinstance(error, GraphQLSyntaxError):
        return "GRAPHQL_PARSE_FAILED"
    return "BAD_USER_INPUT" if error.path is not None else "GRAPHQL_VALIDATION_FAILED"


def _by_caller(code: str) -> dict[str, object]:
    return {
        "code": code,
        "source": ErrorSource.HUB.value,
        "department": None,
        "retryable": False,
        "departmentFault": None,
    }


def _log_unforeseen(error: BaseException, correlation_id: str) -> None:
    """Type and place only: the message may hold somebody's data."""
    stack = "".join(traceback.format_tb(error.__traceback__))
    log.error("unforeseen %s [%s]\n%s", type(error).__name__, correlation_id, stack)
