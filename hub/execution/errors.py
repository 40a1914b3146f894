"""Error entries of a response (`docs/errors.md`). Unexpected errors are masked."""

import logging
import traceback
from typing import Any

from graphql import GraphQLError, GraphQLSyntaxError

from schema.codes import ErrorCode
from schema.errors import HubError

log = logging.getLogger(__name__)

MASKED = "The hub has an internal error. Report the correlation id to the helpdesk."


def error_entry(
    error: GraphQLError, correlation_id: str, *, shows_internals: bool
) -> dict[str, Any]:
    """Return the response's entry of an error. Mask and log an unexpected error.

    Args:
        shows_internals: whether the caller may see texts of departments. They can be about anybody:
            the breaker repeats the failure of another caller's operation.
    """
    original = error.original_error
    entry: dict[str, Any] = {"message": error.message}
    if isinstance(original, HubError):
        entry["message"] = original.message
        extensions = dict(original.extensions)
        fault = extensions.get("departmentFault")
        if isinstance(fault, dict) and not shows_internals:
            extensions["departmentFault"] = {**fault, "string": None, "detail": None}
    elif original is None or isinstance(original, GraphQLError):
        extensions = HubError(_code_of(error), error.message).extensions
    else:
        _log_unexpected(original, correlation_id)
        entry["message"] = MASKED
        extensions = HubError(ErrorCode.INTERNAL, MASKED, retryable=True).extensions
    if error.locations:
        entry["locations"] = [location.formatted for location in error.locations]
    if error.path is not None:
        entry["path"] = list(error.path)
    entry["extensions"] = {**extensions, "correlationId": correlation_id}
    return entry


def _code_of(error: GraphQLError) -> ErrorCode:
    if isinstance(error, GraphQLSyntaxError):
        return ErrorCode.GRAPHQL_PARSE_FAILED
    if error.path is not None:
        return ErrorCode.BAD_USER_INPUT
    return ErrorCode.GRAPHQL_VALIDATION_FAILED


def _log_unexpected(error: BaseException, correlation_id: str) -> None:
    # Without the message, which may contain personal data.
    stack = "".join(traceback.format_tb(error.__traceback__))
    log.error("unexpected %s, correlation id %s\n%s", type(error).__name__, correlation_id, stack)
