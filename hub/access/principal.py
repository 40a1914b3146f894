"""Who asks."""

import hmac
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a principal is to the hub.

    `DEMO` stands for everybody until sign-in is built; `ADMIN` is who knows the hub's admin token.
    """

    ADMIN = "ADMIN"
    ANONYMOUS = "ANONYMOUS"
    DEMO = "DEMO"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks.

    Attributes:
        role: what the principal is to the hub.
        member_identifier: Family ID member number, if the principal is a citizen.
    """

    role: Role
    member_identifier: str | None = None

    @property
    def scope(self) -> str:
        """Copies of replies are shared within it, and with nobody else."""
        return f"{self.role}:{self.member_identifier or ''}"


class SignIn:
    """Tells who asks by the header `Authorization`.

    Args:
        member_identifier: the citizen that everybody is until sign-in is built.
        admin_token: makes whoever sends it an administrator; nobody is one when None.
    """

    def __init__(self, member_identifier: str | None, admin_token: str | None) -> None:
        self._everybody = Principal(Role.DEMO, member_identifier)
        self._admin = Principal(Role.ADMIN, member_identifier)
        self._bearer = f"Bearer {admin_token}".encode() if admin_token else None

    def principal_of(self, authorization: bytes) -> Principal:
        if self._bearer is not None and hmac.compare_digest(authorization, self._bearer):
            return self._admin
        return self._everybody
