"""Makes the ports for each operation."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

from adapters.contract import Capability
from hub.access import AccessLog, Policy
from hub.access.document_addresses import DocumentAddresses
from hub.access.log.writer import log_unavailable
from hub.federation.administration import Administration, BoundAdministration
from hub.federation.attribution import Attribution
from hub.federation.catalogue import Catalogue
from hub.federation.citizens import BoundCitizens, BoundFamilies, RegistryReader
from hub.federation.conflicts import BoundConflicts
from hub.federation.crosswalk import Crosswalk
from hub.federation.directory import Directory
from hub.federation.documents import BoundDocuments
from hub.federation.gateway import DepartmentGateway, PrincipalRequest
from hub.federation.records import (
    BoundApplications,
    BoundCertificates,
    BoundGrievances,
    BoundRecords,
)
from hub.link import DepartmentLink
from hub.store.pauses import Pauses
from schema.access_record import AccessRecord
from schema.connections import SortKey
from schema.ids import IdCipher
from schema.sources import AccessLogPage, Sources
from schema.working_days import WorkingDays


@dataclass(frozen=True, slots=True)
class BoundAccessLog:
    """`schema.sources.AccessLogSource` for one operation."""

    log: AccessLog
    policy: Policy
    request: PrincipalRequest

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        async with self._allowed(member_identifier):
            return await self.log.page(member_identifier, first, after)

    async def record(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        async with self._allowed(member_identifier):
            return await self.log.one(member_identifier, sort_key)

    @contextlib.asynccontextmanager
    async def _allowed(self, member_identifier: str) -> AsyncIterator[None]:
        """Check the policy, and limit the time of a read."""
        self.policy.check_log(self.request.principal, member_identifier)
        try:
            async with asyncio.timeout_at(self.request.call.deadline):
                yield
        except TimeoutError:
            raise log_unavailable() from None


class Federation:
    """The departments of the hub. The hub has one instance."""

    def __init__(
        self,
        directory: Directory,
        links: Mapping[str, DepartmentLink],
        policy: Policy,
        crosswalk: Crosswalk,
        pauses: Pauses,
        log: AccessLog,
        working_days: WorkingDays,
        ids: IdCipher,
        addresses: DocumentAddresses,
    ) -> None:
        self._ids = ids
        self._addresses = addresses
        self._directory = directory
        self._links = links
        self._policy = policy
        self._log = log
        self._gateway = DepartmentGateway(links, policy, Attribution(directory, crosswalk))
        self._registry = RegistryReader(directory, self._gateway, crosswalk)
        self.catalogue = Catalogue(directory, links, working_days, ids)
        self._administration = Administration(links, pauses, self._registry, crosswalk, policy)

    def bind(self, request: PrincipalRequest) -> Sources:
        """Return the ports for one operation."""
        shared = (self._directory, self._gateway, request)
        return Sources(
            catalogue=self.catalogue,
            citizens=BoundCitizens(self._registry, *shared),
            families=BoundFamilies(self._registry, request),
            applications=BoundApplications(Capability.APPLICATIONS_BY_CITIZEN, *shared),
            benefits=BoundRecords(Capability.BENEFITS_BY_CITIZEN, *shared),
            certificates=BoundCertificates(Capability.CERTIFICATES_BY_CITIZEN, *shared),
            documents=BoundDocuments(self._addresses, *shared),
            grievances=BoundGrievances(Capability.GRIEVANCES_BY_CITIZEN, *shared),
            conflicts=BoundConflicts(*shared),
            administration=BoundAdministration(self._administration, request),
            access_log=BoundAccessLog(self._log, self._policy, request),
            ids=self._ids,
            own_member_identifier=request.principal.member_identifier,
            sees_internals=self._policy.sees_internals(request.principal),
        )

    async def open(self) -> None:
        """Close the departments that were paused in the last process, and open all links."""
        await self._administration.restore()
        for link in self._links.values():
            await link.open()

    async def close(self) -> None:
        for link in self._links.values():
            await link.close()
