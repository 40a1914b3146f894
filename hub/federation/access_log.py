"""The access log for the principal of one operation."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from adapters.contract import Capability
from hub.access import AccessLog
from hub.access.log import Act
from hub.access.log.writer import log_unavailable
from hub.access.policy import Action, Policy
from hub.federation.crosswalk import Crosswalk
from hub.federation.disclosure import Disclosure
from hub.federation.registry import RegistryReader
from hub.federation.relations import Person
from schema.access_record import AccessRecord
from schema.citizen import Citizen
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.errors import HubError, not_found
from schema.look_ups import NO_CITIZEN
from schema.needed_fields import NeededFields
from schema.sources import AccessLogPage

CURRENT = dt.timedelta(days=1)
"""Age up to which the crosswalk's entry for a citizen is used without a call to the registry."""
ONLY_NUMBERS = NeededFields({Citizen.__name__: ()})


@dataclass(frozen=True, slots=True)
class BoundAccessLog:
    """`schema.sources.AccessLogSource` for one operation."""

    log: AccessLog
    disclosure: Disclosure
    policy: Policy
    registry: RegistryReader
    crosswalk: Crosswalk

    async def page(
        self, member_identifier: str, first: int, after: SortKey | None
    ) -> AccessLogPage:
        if not await self._may_read(member_identifier):
            raise HubError(ErrorCode.FORBIDDEN, "You may read only your own access log.")
        numbers = await self._numbers_of(member_identifier)
        if not self._is_own(member_identifier):
            await self._note_reader(member_identifier)
        async with self._limited():
            page = await self.log.page(member_identifier, first, after, numbers)
        for record in page.records:
            self._add_title(record)
        return page

    async def record(self, member_identifier: str, sort_key: SortKey) -> AccessRecord | None:
        if not await self._may_read(member_identifier):
            return None
        numbers = await self._numbers_of(member_identifier)
        async with self._limited():
            record = await self.log.one(member_identifier, sort_key, numbers)
        if record is not None:
            self._add_title(record)
        return record

    async def _may_read(self, member_identifier: str) -> bool:
        """Return whether the principal may read the access log of a person."""
        disclosure = self.disclosure
        disclosure.begin()
        if disclosure.may(Action.READ_ACCESS_LOGS) or disclosure.is_open(AccessRecord):
            return True
        people = await disclosure.relations.to_people([member_identifier])
        person = people[member_identifier]
        return isinstance(person, Person) and not disclosure.is_hidden(
            AccessRecord, person.relation
        )

    async def _numbers_of(self, member_identifier: str) -> list[tuple[str, str]]:
        """Return the citizen's numbers at departments, as pairs of scheme and number.

        An entry has such a number if the hub did not know the citizen when it wrote the entry. If
        the registry fails, these entries are left out.

        Raises:
            HubError: `NOT_FOUND`, the registry has no such citizen.
        """
        known = self.crosswalk.known(member_identifier, CURRENT)
        if known is not None:
            return [(link.scheme, link.value) for link in known.links]
        request = self.disclosure.request
        call = replace(request.call, needed=ONLY_NUMBERS)
        try:
            found = await self.registry.citizens(
                replace(request, call=call), Capability.CITIZENS_BY_IDENTIFIER, [member_identifier]
            )
        except HubError:
            return []
        citizen = found[member_identifier]
        if citizen is None and not self._is_own(member_identifier):
            raise not_found(NO_CITIZEN)
        links = citizen.links if isinstance(citizen, Citizen) else ()
        return [(link.scheme, link.value) for link in links]

    async def _note_reader(self, member_identifier: str) -> None:
        request = self.disclosure.request
        await self.log.administrative(
            request.principal,
            Act.READ_ACCESS_LOG,
            citizens=[member_identifier],
            correlation_id=request.call.correlation_id,
        )

    def _is_own(self, member_identifier: str) -> bool:
        return self.disclosure.request.principal.member_identifier == member_identifier

    def _add_title(self, record: AccessRecord) -> None:
        purpose = self.policy.purpose(record.purpose or "")
        record.purpose_text = purpose.title if purpose is not None else None

    @contextlib.asynccontextmanager
    async def _limited(self) -> AsyncIterator[None]:
        """Limit the time of a read."""
        try:
            async with asyncio.timeout_at(self.disclosure.request.call.deadline):
                yield
        except TimeoutError:
            raise log_unavailable() from None
