"""Operations for administrators: close departments, erase copies of a citizen's data."""

import asyncio
from collections.abc import Mapping
from typing import Protocol

from adapters.contract import Capability
from hub.access import Policy
from hub.federation.citizens import RegistryReader
from hub.federation.crosswalk import Crosswalk
from hub.federation.gateway import PrincipalRequest
from hub.link import DepartmentLink
from hub.link.maintenance import Closure
from schema.batch import Partial
from schema.citizen import Citizen
from schema.sources import Erased, Pause


class PauseStore(Protocol):
    """Stores pauses, so that they survive a restart of the hub."""

    async def save(self, department: str, pause: Pause) -> None: ...
    async def remove(self, department: str) -> None: ...
    async def load(self) -> Mapping[str, Pause]:
        """Return the pauses that have not ended, by department."""


class Administration:
    """Closes and reopens departments. The hub has one instance."""

    def __init__(self, links: Mapping[str, DepartmentLink], store: PauseStore) -> None:
        self._links = links
        self._store = store
        self._lock = asyncio.Lock()

    async def restore(self) -> None:
        """Close the departments that have a pause in the store."""
        for department, pause in (await self._store.load()).items():
            if department in self._links:
                self._links[department].maintenance.pause(Closure(pause.until, pause.note))

    async def pause(self, department: str, pause: Pause) -> None:
        async with self._lock:
            await self._store.save(department, pause)
            self._links[department].maintenance.pause(Closure(pause.until, pause.note))

    async def resume(self, department: str) -> None:
        async with self._lock:
            await self._store.remove(department)
            self._links[department].reopen()


class BoundAdministration:
    """`schema.sources.AdministrationSource` for one operation."""

    def __init__(
        self,
        administration: Administration,
        links: Mapping[str, DepartmentLink],
        registry: RegistryReader,
        crosswalk: Crosswalk,
        policy: Policy,
        request: PrincipalRequest,
    ) -> None:
        self._administration = administration
        self._links = links
        self._registry = registry
        self._crosswalk = crosswalk
        self._policy = policy
        self._request = request

    async def pause(self, department: str, pause: Pause) -> None:
        self._policy.check_administration(self._request.principal)
        await self._administration.pause(department, pause)

    async def resume(self, department: str) -> None:
        self._policy.check_administration(self._request.principal)
        await self._administration.resume(department)

    async def erase_copies(self, member_identifier: str) -> Erased:
        self._policy.check_administration(self._request.principal)
        # Include numbers that the registry has withdrawn: copies may contain them.
        numbers = {member_identifier, *self._crosswalk.numbers_of(member_identifier)}
        citizen = await self._citizen(member_identifier)
        if citizen is not None:
            numbers |= {link.value for link in citizen.links}
        copies = 0
        for link in self._links.values():
            copies += await link.erase(numbers)
        # Forget the numbers last. Until the copies are deleted, operations that read them store the
        # numbers again. If a store fails, the numbers remain for the next `eraseCopies`.
        self._crosswalk.forget(member_identifier)
        return Erased(copies, complete=citizen is not None)

    async def _citizen(self, member_identifier: str) -> Citizen | None:
        found = await self._registry.citizens(
            self._request, Capability.CITIZENS_BY_IDENTIFIER, [member_identifier]
        )
        outcome = found[member_identifier]
        if isinstance(outcome, Partial):
            return outcome.value
        return outcome if isinstance(outcome, Citizen) else None
