"""Principals: who sends an operation."""

import hmac
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """Role of a principal.

    `DEMO` is every caller until sign-in is built. `ADMIN` is a caller who sent the admin token.
    """

    ADMIN = "ADMIN"
    ANONYMOUS = "ANONYMOUS"
    DEMO = "DEMO"


@dataclass(frozen=True, slots=True)
class Principal:
    """The person or system that sends an operation.

    Attributes:
        role: decides what the principal may do.
        member_identifier: Family ID member number, if the principal is a citizen.
    """

    role: Role
    member_identifier: str | None = None

    @property
    def scope(self) -> str:
        """Copies of replies are shared only between operations with the same scope."""
        return f"{self.role}:{self.member_identifier or ''}"


class SignIn:
    """Determines the principal from the header `Authorization`.

    Args:
        member_identifier: the citizen that every caller acts as until sign-in is built.
        admin_token: callers who send it are administrators. If None, there are none.
    """

    def __init__(self, member_identifier: str | None, admin_token: str | None) -> None:
        self._everybody = Principal(Role.DEMO, member_identifier)
        self._admin = Principal(Role.ADMIN, member_identifier)
        self._bearer = f"Bearer {admin_token}".encode() if admin_token else None

    def principal_of(self, authorization: bytes) -> Principal:
        """Return the principal for the value of a request's header `Authorization`."""
        if self._bearer is not None and hmac.compare_digest(authorization, self._bearer):
            return self._admin
        return self._everybody
