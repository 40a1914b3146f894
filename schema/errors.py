"""Errors that a person who asks the hub may see.

Every error that leaves the hub has `extensions` (`docs/errors.md`):
`{code, source, department, retryable, departmentFault}`; the executor adds `correlationId`.
Whatever is not a `HubError` is masked before it leaves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

QUOTED = 60
"""Letters that an error repeats of what a caller gave."""


class ErrorSource(StrEnum):
    """Who caused an error: the hub (or its caller), an adapter, the department itself, or the data
    exchange between them (X-Road)."""

    HUB = "HUB"
    ADAPTER = "ADAPTER"
    DEPARTMENT = "DEPARTMENT"
    EXCHANGE = "EXCHANGE"


@dataclass(frozen=True, slots=True)
class DepartmentFault:
    """What the department itself said: its own code, and its sentence with long numbers masked."""

    code: str
    string: str | None = None
    detail: Mapping[str, str] | None = None

    def as_extension(self) -> dict[str, object]:
        return {"code": self.code, "string": self.string, "detail": self.detail}


class HubError(Exception):
    """An error with a sentence for people and a `code` for programs.

    Attributes:
        code: stable, upper snake case, listed in `docs/errors.md`.
        source: who caused it.
        department: identifier of the department concerned, if any.
        retryable: whether the same question may succeed later.
        fault: the department's own words, if it answered with a fault.
    """

    source = ErrorSource.HUB

    def __init__(
        self,
        code: str,
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
        """The GraphQL `extensions` of this error; read by graphql-core when it wraps the error."""
        return {
            "code": self.code,
            "source": self.source.value,
            "department": self.department,
            "retryable": self.retryable,
            "departmentFault": self.fault.as_extension() if self.fault else None,
        }


def bad_input(message: str) -> HubError:
    """An argument that the hub can't work with; the message says which and what to give instead."""
    return HubError("BAD_USER_INPUT", message)


def not_found(message: str, *, department: str | None = None) -> HubError:
    """Asked for by a unique name, and no department has it."""
    return HubError("NOT_FOUND", message, department=department)
