"""Operations for administrators: close departments, erase copies of a citizen's data."""

import asyncio
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.contract import Capability
from hub.access import AccessLog
from hub.access.log import Act
from hub.access.policy import Action, Policy
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import PrincipalRequest
from hub.federation.registry import RegistryReader
from hub.link import DepartmentLink
from hub.link.maintenance import Closure
from hub.store.pauses import Pauses
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.errors import HubError
from schema.sources import Erased, Pause


@dataclass(slots=True)
class Administration:
    """The changes that administrators can make. The hub has one instance."""

    links: Mapping[str, DepartmentLink]
    pauses: Pauses
    registry: RegistryReader
    crosswalk: Crosswalk
    policy: Policy
    log: AccessLog
    lock: asyncio.Lock = field(init=False, default_factory=asyncio.Lock)

    async def restore(self) -> None:
        """Close the departments that have a pause in the store."""
        for department, pause in (await self.pauses.load()).items():
            if department in self.links:
                self.links[department].maintenance.pause(Closure(pause.until, pause.note))


@dataclass(frozen=True, slots=True)
class BoundAdministration:
    """`schema.sources.AdministrationSource` for one operation."""

    administration: Administration
    request: PrincipalRequest

    def _allowed(self, action: Action) -> Administration:
        if not self.administration.policy.may(self.request.principal.role, action):
            raise HubError(
                ErrorCode.FORBIDDEN,
                "Only administrators may do this. Send `Authorization: Bearer <HUB_ADMIN_TOKEN>`.",
            )
        return self.administration

    async def _note(
        self, act: Act, target: str = "", reason: str | None = None, *citizens: str
    ) -> None:
        """Write an act to the access log before it takes effect."""
        request = self.request
        await self.administration.log.administrative(
            request.principal,
            act,
            target,
            reason=reason or "",
            citizens=citizens,
            correlation_id=request.call.correlation_id,
        )

    async def pause(self, department: str, pause: Pause) -> None:
        shared = self._allowed(Action.ADMINISTER)
        await self._note(Act.PAUSE_DEPARTMENT, department, pause.note)
        async with shared.lock:
            await shared.pauses.save(department, pause)
            shared.links[department].maintenance.pause(
                Closure(pause.until, pause.note, dt.datetime.now(dt.UTC))
            )

    async def resume(self, department: str) -> None:
        shared = self._allowed(Action.ADMINISTER)
        await self._note(Act.RESUME_DEPARTMENT, department)
        async with shared.lock:
            await shared.pauses.remove(department)
            shared.links[department].reopen()

    async def erase_copies(self, member_identifier: str) -> Erased:
        shared = self._allowed(Action.ERASE)
        await self._note(Act.ERASE_COPIES, "", None, member_identifier)
        # Include numbers that the registry has withdrawn: copies may contain them.
        numbers = {member_identifier, *shared.crosswalk.numbers_of(member_identifier)}
        found = await shared.registry.citizens(
            self.request, Capability.CITIZENS_BY_IDENTIFIER, [member_identifier]
        )
        citizen = found[member_identifier]
        if isinstance(citizen, Citizen):
            numbers |= {link.value for link in citizen.links}
        copies = 0
        for link in shared.links.values():
            copies += await link.erase(numbers)
        # Forget the numbers last. Until the copies are deleted, operations that read them store the
        # numbers again. If a store fails, the numbers remain for the next `eraseCopies`.
        shared.crosswalk.forget(member_identifier)
        return Erased(copies, complete=isinstance(citizen, Citizen))
