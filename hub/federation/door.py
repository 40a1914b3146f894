"""The one door: every question to a department passes here, where the policy is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.contract import CallContext, Capability, LookUpReply, SearchReply
from hub.access import Policy, Principal
from hub.link import Line


@dataclass(frozen=True, slots=True)
class Request:
    """Who asks, and how much time is left.

    Attributes:
        principal: who asks.
        call: the correlation id and the deadline that go with every call.
    """

    principal: Principal
    call: CallContext


class Door:
    """Asks departments on behalf of a principal, if the policy allows."""

    def __init__(self, lines: Mapping[str, Line], policy: Policy) -> None:
        self._lines = lines
        self._policy = policy

    async def look_up(
        self, request: Request, department: str, capability: Capability, keys: Sequence[str]
    ) -> LookUpReply:
        """Raises FORBIDDEN, or the `DepartmentError` of a department that did not answer."""
        self._policy.check(request.principal, capability, department)
        return await self._lines[department].look_up(capability, keys, request.call)

    async def search(
        self,
        request: Request,
        department: str,
        capability: Capability,
        criteria: Mapping[str, object],
    ) -> SearchReply:
        """Raises FORBIDDEN, or the `DepartmentError` of a department that did not answer."""
        self._policy.check(request.principal, capability, department)
        return await self._lines[department].search(capability, criteria, request.call)
