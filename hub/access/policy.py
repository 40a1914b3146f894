"""What a principal may: one table, deny by default."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access.principal import Principal, Role
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Policy:
    """Capabilities by role, and who may administrate; a role that is not listed may nothing."""

    allowed: Mapping[Role, frozenset[Capability]]
    administrators: frozenset[Role] = frozenset()

    def check(self, principal: Principal, capability: Capability, department: str) -> None:
        """Raises FORBIDDEN when the principal may not use the capability of the department."""
        if capability not in self.allowed.get(principal.role, frozenset()):
            raise HubError(
                "FORBIDDEN",
                "You may not read this. Sign in with a role that may.",
                department=department,
            )

    def check_administration(self, principal: Principal) -> None:
        """Raises FORBIDDEN when the principal may not change how the hub runs."""
        if principal.role not in self.administrators:
            raise HubError(
                "FORBIDDEN",
                "Only administrators may do this: send `Authorization: Bearer …` with the hub's "
                "HUB_ADMIN_TOKEN.",
            )


DEMO_POLICY = Policy(
    {Role.DEMO: frozenset(Capability), Role.ADMIN: frozenset(Capability)},
    administrators=frozenset({Role.ADMIN}),
)
