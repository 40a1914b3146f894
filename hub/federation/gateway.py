"""The one door: every question to a department passes here, where the policy is asked and the
access log written."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.contract import CallContext, Capability, LookUpReply, SearchReply
from hub.access import AccessEntry, Policy, Principal
from hub.federation.attribution import Attribution
from hub.link import DepartmentLink
from schema.errors import HubError


@dataclass(frozen=True, slots=True)
class PrincipalRequest:
    """Who asks, and how much time is left.

    Attributes:
        principal: who asks.
        call: the correlation id and the deadline that go with every call.
    """

    principal: Principal
    call: CallContext


class DepartmentGateway:
    """Asks departments on behalf of a principal, if the policy allows.

    Args:
        links: by department.
        policy: what principals may.
        attribution: tells whose data a reply is.
        record: takes each access.
    """

    def __init__(
        self,
        links: Mapping[str, DepartmentLink],
        policy: Policy,
        attribution: Attribution,
        record: Callable[[AccessEntry], None],
    ) -> None:
        self._links = links
        self._policy = policy
        self._attribution = attribution
        self._record = record

    async def look_up(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        keys: Sequence[str],
        subjects: Sequence[str] | None = None,
    ) -> LookUpReply:
        """Raises FORBIDDEN, or the `DepartmentError` of a department that did not answer.

        `subjects` are the citizens (member numbers) that are asked about; told from the reply where
        the caller does not know them.
        """
        self._policy.check(request.principal, capability, department)
        begun = time.time_ns()
        try:
            reply = await self._links[department].look_up(capability, keys, request.call)
        except HubError as error:
            self._note(request, begun, department, capability, error.code, subjects or ())
            raise
        if subjects is None:
            subjects = self._attribution.of_look_up(department, capability, keys, reply)
        self._note(request, begun, department, capability, None, subjects)
        return reply

    async def search(
        self,
        request: PrincipalRequest,
        department: str,
        capability: Capability,
        criteria: Mapping[str, object],
    ) -> SearchReply:
        """Raises FORBIDDEN, or the `DepartmentError` of a department that did not answer."""
        self._policy.check(request.principal, capability, department)
        begun = time.time_ns()
        try:
            reply = await self._links[department].search(capability, criteria, request.call)
        except HubError as error:
            self._note(request, begun, department, capability, error.code, ())
            raise
        subjects = self._attribution.of_records(department, reply.rows.records)
        self._note(request, begun, department, capability, None, subjects)
        return reply

    def _note(
        self,
        request: PrincipalRequest,
        begun: int,
        department: str,
        capability: Capability,
        fault_code: str | None,
        subjects: Sequence[str],
    ) -> None:
        self._record(
            AccessEntry(
                request.call.correlation_id,
                begun // 1000,
                time.time_ns() // 1000,
                department,
                capability,
                request.principal.role,
                fault_code,
                subjects,
            )
        )
