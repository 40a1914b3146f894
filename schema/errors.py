"""Errors in the hub's responses.

Every error has `extensions` with `code`, `source`, `department`, `retryable` and
`departmentFault`; the executor adds `correlationId` (see `docs/errors.md`). Clients do not see the
messages of other exceptions, only the code `INTERNAL`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from schema.codes import ErrorCode, FaultKind


class ErrorSource(StrEnum):
    """Where an error was caused.

    `HUB` is the hub or its client, `ADAPTER` the department's manifest, `EXCHANGE` the X-Road
    between the hub and the department.
    """

    HUB = "HUB"
    ADAPTER = "ADAPTER"
    DEPARTMENT = "DEPARTMENT"
    EXCHANGE = "EXCHANGE"


@dataclass(frozen=True, slots=True)
class DepartmentFault:
    """The error as the department reported it, or what the hub received in place of a reply.

    Attributes:
        code: the department's code, or the hub's name of the failure (`docs/errors.md`).
        string: the department's text, with long numbers masked.
        detail: further texts of the department, by name.
        kind: what kind of failure it is.
    """

    code: str
    string: str | None = None
    detail: Mapping[str, str] | None = None
    kind: FaultKind = FaultKind.DEPARTMENT

    def as_extension(self) -> dict[str, object]:
        return {
            "kind": self.kind,
            "code": self.code,
            "string": self.string,
            "detail": self.detail,
        }


class HubError(Exception):
    """An error with a message for people and a `code` for programs.

    Attributes:
        code: what kind of error it is.
        source: where the error was caused.
        department: identifier of the department that failed, if any.
        retryable: True if the same operation may succeed later.
        fault: the error as the department reported it, if it did.
    """

    source = ErrorSource.HUB

    def __init__(
        self,
        code: ErrorCode,
        message: str,
        *,
        department: str | None = None,
        retryable: bool = False,
        fault: DepartmentFault | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.department = department
        self.retryable = retryable
        self.fault = fault

    @property
    def extensions(self) -> dict[str, object]:
        """The GraphQL `extensions`; graphql-core reads this attribute when it wraps the error."""
        return {
            "code": self.code,
            "source": self.source.value,
            "department": self.department,
            "retryable": self.retryable,
            "departmentFault": self.fault.as_extension() if self.fault else None,
        }


def bad_input(message: str) -> HubError:
    """Make the error for an unusable argument. The message must name it and say what to pass."""
    return HubError(ErrorCode.BAD_USER_INPUT, message)


def not_found(message: str, *, department: str | None = None) -> HubError:
    """Make the error for a record that was requested by its number but does not exist."""
    return HubError(ErrorCode.NOT_FOUND, message, department=department)
