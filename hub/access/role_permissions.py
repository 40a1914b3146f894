"""The policy: what a principal may do. Everything else is forbidden."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access.principal import Principal, Role
from schema.codes import ErrorCode
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class Policy:
    """The permissions of each role. A role that is not listed may do nothing.

    Attributes:
        allowed: the calls to departments that a role may cause.
        administrators: roles that may change how the hub runs.
        log_readers: roles that may read the access logs of other citizens.
        operators: roles that see how departments' systems perform.
    """

    allowed: Mapping[Role, frozenset[Capability]]
    administrators: frozenset[Role] = frozenset()
    log_readers: frozenset[Role] = frozenset()
    operators: frozenset[Role] = frozenset()

    def check(self, principal: Principal, capability: Capability, department: str) -> None:
        """Check that the principal may cause this call to the department.

        Raises:
            HubError: `FORBIDDEN`.
        """
        if capability not in self.allowed.get(principal.role, frozenset()):
            raise HubError(
                ErrorCode.FORBIDDEN,
                "You may not read this. Sign in with a role that may.",
                department=department,
            )

    def check_log(self, principal: Principal, member_identifier: str) -> None:
        """Check that the principal may read this citizen's access log.

        Raises:
            HubError: `FORBIDDEN`.
        """
        own = principal.member_identifier == member_identifier
        if not own and principal.role not in self.log_readers:
            raise HubError(ErrorCode.FORBIDDEN, "You may read only your own access log.")

    def check_administration(self, principal: Principal) -> None:
        """Check that the principal may change how the hub runs.

        Raises:
            HubError: `FORBIDDEN`.
        """
        if principal.role not in self.administrators:
            raise HubError(
                ErrorCode.FORBIDDEN,
                "Only administrators may do this. Send `Authorization: Bearer <HUB_ADMIN_TOKEN>`.",
            )

    def sees_internals(self, principal: Principal) -> bool:
        """Return whether the principal sees latencies, breakers and queues of departments."""
        return principal.role in self.operators


DEMO_POLICY = Policy(
    {role: frozenset(Capability) for role in Role},
    administrators=frozenset({Role.ADMIN}),
    log_readers=frozenset(Role),
    operators=frozenset({Role.ADMIN}),
)
