"""Reads consents. Nothing is cached, so a consent that was withdrawn is not valid from then on."""

import datetime as dt
from collections.abc import Callable, Collection, Iterator

from hub.access.consent.records import Consent, ConsentState, requester_text
from hub.access.consent.refusals import no_such_consent
from hub.access.consent.table import ConsentKey, ConsentTable
from hub.access.principal import Principal
from hub.store import Store
from hub.store.transactions import reading
from schema.connections import SortKey

CHUNK = 500
"""Maximum number of pseudonyms in one statement."""


class ConsentReader:
    """Reads consents.

    Args:
        clock: returns the current time (UTC).
    """

    def __init__(self, store: Store, table: ConsentTable, clock: Callable[[], dt.datetime]) -> None:
        self.store = store
        self.table = table
        self.clock = clock

    async def active(
        self, principal: Principal, member_identifier: str, purpose: str
    ) -> Consent | None:
        """Return the citizen's consent for this principal and purpose that is valid now, if any.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        found = await self.active_among(principal, [member_identifier], purpose)
        return found.get(member_identifier)

    async def active_among(
        self, principal: Principal, member_identifiers: Collection[str], purpose: str
    ) -> dict[str, Consent]:
        """Return what `active` returns for several citizens, by member number.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        pseudonyms = {each: self.table.signer.pseudonyms(each) for each in member_identifiers}
        found: dict[bytes, Consent] = {}
        async with reading(self.store) as connection:
            for some in _chunks([each for of_one in pseudonyms.values() for each in of_one]):
                key = ConsentKey(self.requesters(principal), some, purpose)
                found |= await self.table.active(connection, key, self.clock())
        return {
            member: found[each]
            for member, of_one in pseudonyms.items()
            for each in reversed(of_one)
            if each in found
        }

    async def has_active(self, principal: Principal, purpose: str) -> bool:
        """Return whether anybody's consent for this principal and purpose is valid now.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        requesters = self.requesters(principal)
        async with reading(self.store) as connection:
            return await self.table.has_active(connection, requesters, purpose, self.clock())

    async def page(
        self,
        member_identifier: str,
        states: Collection[ConsentState],
        first: int,
        after: SortKey | None,
    ) -> tuple[list[Consent], bool]:
        """Return the citizen's consents in these states, newest first, and whether more follow.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        now = self.clock()
        async with reading(self.store) as connection:
            return await self.table.page(connection, member_identifier, states, now, first, after)

    async def one(self, consent_id: str, member_identifier: str) -> Consent:
        """Return one consent of the citizen by its UUID.

        Raises:
            HubError: `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """
        async with reading(self.store) as connection:
            found = await self.table.one(connection, consent_id, member_identifier, lock=False)
        if found is None:
            raise no_such_consent()
        return found

    def key(self, principal: Principal, member_identifier: str, purpose: str) -> ConsentKey:
        """Return what the principal's consents of a citizen have in common."""
        citizens = self.table.signer.pseudonyms(member_identifier)
        return ConsentKey(self.requesters(principal), citizens, purpose)

    def requesters(self, principal: Principal) -> list[bytes]:
        """Return the principal's pseudonyms with all keys."""
        return self.table.signer.pseudonyms(requester_text(principal))


def _chunks(pseudonyms: list[bytes]) -> Iterator[list[bytes]]:
    for start in range(0, len(pseudonyms), CHUNK):
        yield pseudonyms[start : start + CHUNK]
