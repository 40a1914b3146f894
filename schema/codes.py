"""The codes of errors, faults and warnings (`docs/errors.md`). Codes do not change."""

from enum import StrEnum

import strawberry
from strawberry import enum_value


class Code(StrEnum):
    """An enum of codes, each written `NAME = "NAME", "what it means"`.

    A member is a text that equals its name.
    """

    def __new__(cls, code: str, description: str) -> "Code":
        member = str.__new__(cls, code)
        # `strawberry.enum` reads the description and replaces this value by the code.
        member._value_ = enum_value(code, description=description)  # type: ignore[assignment]
        return member


@strawberry.enum(
    description="Kind of an error: the value of `extensions.code` of each entry in `errors`, and "
    "of `errorCode`. Codes are added, but never changed."
)
class ErrorCode(Code):
    BAD_REQUEST = "BAD_REQUEST", "The HTTP request is not valid GraphQL over HTTP."
    OVERLOADED = "OVERLOADED", "The hub is overloaded. Retry after some seconds."
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED", "The document has a syntax error."
    GRAPHQL_VALIDATION_FAILED = (
        "GRAPHQL_VALIDATION_FAILED",
        "The document does not match the schema.",
    )
    LIMIT_EXCEEDED = (
        "LIMIT_EXCEEDED",
        "The document, its variables or its cost exceed a limit of the hub.",
    )
    COST_BUDGET_EXCEEDED = (
        "COST_BUDGET_EXCEEDED",
        "The caller's operations of the last minute cost too much.",
    )
    RATE_LIMITED = "RATE_LIMITED", "The caller has tried this too often. Retry later."
    BAD_USER_INPUT = "BAD_USER_INPUT", "An argument or variable has an unusable value."
    NOT_FOUND = "NOT_FOUND", "There is no record with this number."
    TOO_MANY_MATCHES = "TOO_MANY_MATCHES", "A search for people matched more than five."
    UNAUTHENTICATED = (
        "UNAUTHENTICATED",
        "The access token is missing, invalid, expired or revoked. Sign in again.",
    )
    ISSUER_UNAVAILABLE = (
        "ISSUER_UNAVAILABLE",
        "The token can't be checked now: the keys of its issuer can't be fetched.",
    )
    DOCUMENT_NOT_FOUND = (
        "DOCUMENT_NOT_FOUND",
        "The hub has no trusted document with this id.",
    )
    DOCUMENT_NOT_TRUSTED = (
        "DOCUMENT_NOT_TRUSTED",
        "The hub runs trusted documents only, or the document belongs to another portal.",
    )
    FORBIDDEN = "FORBIDDEN", "The caller may not read or do this."
    PURPOSE_REQUIRED = (
        "PURPOSE_REQUIRED",
        "The caller must state what the data is used for. The message lists the purposes.",
    )
    PURPOSE_NOT_ALLOWED = (
        "PURPOSE_NOT_ALLOWED",
        "The caller's role may not use this purpose. The message lists those that it may use.",
    )
    PURPOSE_NOT_COVERED = (
        "PURPOSE_NOT_COVERED",
        "The purpose does not cover this department.",
    )
    CONSENT_REQUIRED = (
        "CONSENT_REQUIRED",
        "The citizen must consent first. `extensions.consentRequestId` is the id of the request.",
    )
    CONSENT_ENDED = (
        "CONSENT_ENDED",
        "The request for consent, or the consent, has ended.",
    )
    CODE_REJECTED = "CODE_REJECTED", "The one-time code is wrong, or it has expired."
    MESSAGES_UNAVAILABLE = (
        "MESSAGES_UNAVAILABLE",
        "The hub can't send messages to telephones at the moment.",
    )
    STORE_UNAVAILABLE = (
        "STORE_UNAVAILABLE",
        "The hub's own database or shared cache does not reply.",
    )
    UPLOADS_UNAVAILABLE = (
        "UPLOADS_UNAVAILABLE",
        "The hub can't store or scan uploaded documents at the moment.",
    )
    NOT_CONFIGURED = "NOT_CONFIGURED", "No department provides the required capability."
    UNUSABLE_ROW = (
        "UNUSABLE_ROW",
        "The department has the record, but it lacks a required field.",
    )
    INTERNAL = "INTERNAL", "The hub has a bug. Details are only in its log."
    CIRCUIT_OPEN = (
        "CIRCUIT_OPEN",
        "The department failed repeatedly, so the hub has paused calls to it for a few seconds.",
    )
    DEADLINE_EXCEEDED = (
        "DEADLINE_EXCEEDED",
        "The operation ran out of time before the department could be called.",
    )
    DEPARTMENT_PENDING = (
        "DEPARTMENT_PENDING",
        "The department had not replied when `waitAtMostMs` ended. The call goes on.",
    )
    DEPARTMENT_BUSY = (
        "DEPARTMENT_BUSY",
        "The hub made no call: its limit of concurrent calls to the department is reached.",
    )
    DEPARTMENT_TIMEOUT = "DEPARTMENT_TIMEOUT", "The department did not reply in time."
    DEPARTMENT_UNREACHABLE = (
        "DEPARTMENT_UNREACHABLE",
        "The connection to the department failed, or broke before its reply was complete.",
    )
    DEPARTMENT_FAULT = "DEPARTMENT_FAULT", "The department reported an internal error."
    DEPARTMENT_OVERLOADED = (
        "DEPARTMENT_OVERLOADED",
        "The department rejected the call because it receives too many.",
    )
    DEPARTMENT_REFUSED = (
        "DEPARTMENT_REFUSED",
        "The department rejected the hub's call as invalid.",
    )
    DEPARTMENT_AUTH_FAILED = (
        "DEPARTMENT_AUTH_FAILED",
        "The department rejected the hub's credentials.",
    )
    DEPARTMENT_MAINTENANCE = (
        "DEPARTMENT_MAINTENANCE",
        "The department is closed for maintenance.",
    )
    DEPARTMENT_MALFORMED_REPLY = (
        "DEPARTMENT_MALFORMED_REPLY",
        "The reply does not have the form that the manifest describes.",
    )
    DEPARTMENT_INCOMPLETE_REPLY = (
        "DEPARTMENT_INCOMPLETE_REPLY",
        "Rows of the reply are missing.",
    )
    DEPARTMENT_FILE_LATE = "DEPARTMENT_FILE_LATE", "The department's next file is overdue."
    DEPARTMENT_REPLY_TOO_LARGE = (
        "DEPARTMENT_REPLY_TOO_LARGE",
        "The reply exceeds the limit in the manifest.",
    )


@strawberry.enum(description="What kind of failure a department's fault is.")
class FaultKind(Code):
    DEPARTMENT = "DEPARTMENT", "The department reported it, with a code of its own."
    DATABASE = "DATABASE", "The department's database reported it."
    HTTP_STATUS = "HTTP_STATUS", "The department sent an HTTP status and nothing more specific."
    HTTP = "HTTP", "The department's reply breaks the rules of HTTP."
    CONNECTION = "CONNECTION", "The department closed or reset the connection."
    TLS = "TLS", "The encrypted connection could not be made."
    PROXY = "PROXY", "The proxy in front of the department failed."


@strawberry.enum(description="A problem with data in a department's reply.")
class WarningCode(Code):
    UNKNOWN_CODE = (
        "UNKNOWN_CODE",
        "The code is in no code table. The hub's value is UNKNOWN or null; `raw` has the code.",
    )
    INVALID_VALUE = (
        "INVALID_VALUE",
        "The value does not fit the field. The field is null; `raw` has the value.",
    )
    UNUSABLE_ROW = "UNUSABLE_ROW", "A row lacks a required field (`field`) and was left out."
    INCOMPLETE = "INCOMPLETE", "Rows of the reply are missing. `raw` says how many."
    DUPLICATE_ROW = (
        "DUPLICATE_ROW",
        "Several rows have the same number. The newest is shown.",
    )
    FORBIDDEN_CHARACTERS = (
        "FORBIDDEN_CHARACTERS",
        "Characters that XML or JSON forbids were removed. `raw` has the first of them.",
    )
    WRONG_CHARSET = (
        "WRONG_CHARSET",
        "The reply declares a wrong character set. The hub detected the actual one.",
    )
    UNREQUESTED_ROW = (
        "UNREQUESTED_ROW",
        "A row for a key that was not requested was left out.",
    )
    BAD_LINE = (
        "BAD_LINE",
        "A line of a file was left out, or the whole file is not complete (line 0).",
    )
    LATE_FILE = "LATE_FILE", "The department's next file is overdue or unusable."
