"""What a principal may: one table, deny by default."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access.principal import Principal, Role
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Policy:
    """Capabilities by role, who may administrate, and who may read the access log of others.

    A role that is not listed may nothing.
    """

    allowed: Mapping[Role, frozenset[Capability]]
    administrators: frozenset[Role] = frozenset()
    log_readers: frozenset[Role] = frozenset()

    def check(self, principal: Principal, capability: Capability, department: str) -> None:
        """Raises FORBIDDEN when the principal may not use the capability of the department."""
        if capability not in self.allowed.get(principal.role, frozenset()):
            raise HubError(
                "FORBIDDEN",
                "You may not read this. Sign in with a role that may.",
                department=department,
            )

    def check_log(self, principal: Principal, member_identifier: str) -> None:
        """Raises FORBIDDEN when the principal may not read that citizen's access log."""
        own = principal.member_identifier == member_identifier
        if not own and principal.role not in self.log_readers:
            raise HubError("FORBIDDEN", "You may read your own access log only.")

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
    log_readers=frozenset({Role.DEMO, Role.ADMIN}),
)
