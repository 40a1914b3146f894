"""What a principal may: one table, deny by default."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access.principal import Principal, Role
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Policy:
    """Capabilities by role; a role that is not listed may nothing."""

    allowed: Mapping[Role, frozenset[Capability]]

    def check(self, principal: Principal, capability: Capability, department: str) -> None:
        """Raises FORBIDDEN when the principal may not use the capability of the department."""
        if capability not in self.allowed.get(principal.role, frozenset()):
            raise HubError(
                "FORBIDDEN",
                "You may not read this. Sign in with a role that may.",
                department=department,
            )


DEMO_POLICY = Policy({Role.DEMO: frozenset(Capability)})
