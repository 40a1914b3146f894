"""Who asks."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a principal is to the hub. `DEMO` stands for everybody until sign-in is built."""

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
