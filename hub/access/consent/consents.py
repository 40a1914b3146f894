"""Requests for consent, and consents: the changes of their state.

The table holds pseudonyms. The id that clients see is encrypted and contains the citizen's number,
so the hub can act for the citizen of a request that it stored without the number.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Collection
from dataclasses import replace

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.consent.artefact import MEDIA_TYPE, ConsentScope, artefact_of
from hub.access.consent.counts import Act, HourlyLimits, count_act
from hub.access.consent.events import ConsentAct, ConsentEvent, Recorder, nothing
from hub.access.consent.reader import ConsentReader
from hub.access.consent.records import Consent, ConsentState, GivenBy
from hub.access.consent.refusals import consent_ended, no_such_consent, too_many
from hub.access.consent.table import ConsentTable
from hub.access.principal import Principal, Role
from hub.access.signing import Signer
from hub.store import Store
from hub.store.transactions import reading, writing
from schema.ids import IdCipher
from schema.node import local_id_in, to_global_id

REQUEST_DAYS = 7
ASSISTED_SECONDS = 30 * 60
"""How long an operator may act on behalf of a citizen."""
DEFAULT_DAYS = 30
MAX_DAYS = 365

ScopeOf = Callable[[Role, str], ConsentScope]
"""Returns what a consent opens to a role for a purpose."""


class Consents(ConsentReader):
    """Reads and changes consents. The hub has one instance.

    Args:
        scope_of: returns what a consent opens to a role for a purpose.
        issuer: URL of the hub, for artefacts.
        limits: maximum number of requests and of tries of codes.
        record: awaited before each change is committed. If it raises, nothing is changed.
        altered: called for each row that does not match its seal.
        clock: returns the current time (UTC).
    """

    def __init__(
        self,
        store: Store,
        signer: Signer,
        ids: IdCipher,
        scope_of: ScopeOf,
        *,
        issuer: str = "",
        limits: HourlyLimits | None = None,
        record: Recorder = nothing,
        altered: Callable[[], None] = lambda: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        super().__init__(store, ConsentTable(store, signer, altered), clock)
        self.signer = signer
        self.limits = limits or HourlyLimits()
        self._ids = ids
        self.scope_of = scope_of
        self._issuer = issuer
        self._record = record

    async def request_for(
        self,
        principal: Principal,
        member_identifier: str,
        purpose: str,
        departments: Collection[str],
        seconds: int | None = None,
    ) -> str:
        """Return the id of the principal's open request to the citizen; make it if there is none.

        The result is the same whether the citizen exists or not. A request for further departments
        replaces the open one, because the citizen may have read that already.

        Args:
            seconds: how long the consent is to be valid; None for the usual time. It is always 30
                minutes for operators.

        Raises:
            HubError: `RATE_LIMITED`, `STORE_UNAVAILABLE`.
        """
        if principal.role is Role.OPERATOR:
            seconds = ASSISTED_SECONDS
        key = self.key(principal, member_identifier, purpose)
        wanted = frozenset(departments)
        now = self.clock()
        async with writing(self.store) as connection:
            found = await self.table.open_request(connection, key)
            if found is not None:
                if found.state_at(now) is ConsentState.REQUESTED:
                    if wanted <= found.departments and seconds in (None, found.seconds):
                        return self.id_of(found, member_identifier)
                    wanted |= found.departments
                await self.table.save(connection, found.ended(ConsentState.LAPSED, now))
            requester = key.requesters[0]
            count = await count_act(connection, self.store, requester, Act.REQUEST, now)
            is_allowed = count <= self.limits.requests
            made = Consent(
                uuid.uuid4().hex,
                key.citizens[0],
                requester,
                purpose,
                wanted,
                str(principal.role),
                principal.client,
                principal.department,
                principal.centre,
                DEFAULT_DAYS * 86_400 if seconds is None else seconds,
                now,
                now + dt.timedelta(days=REQUEST_DAYS),
            )
            if is_allowed and await self.table.insert(connection, made):
                await self.record(ConsentAct.REQUESTED, principal, member_identifier, made)
            elif is_allowed:
                # Another replica has just stored a request for the same citizen and purpose.
                other = await self.table.open_request(connection, key)
                made = made if other is None else other
        if not is_allowed:
            raise too_many("requests for consent")
        return self.id_of(made, member_identifier)

    async def requested(self, principal: Principal, consent_id: str) -> tuple[Consent, str]:
        """Return the principal's own open request, and the citizen's number.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        async with reading(self.store) as connection:
            return await self.requested_in(connection, principal, consent_id, lock=False)

    async def requested_in(
        self,
        connection: AsyncConnection,
        principal: Principal,
        consent_id: str,
        *,
        lock: bool = True,
    ) -> tuple[Consent, str]:
        """Return what `requested` does, in a transaction.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`.
        """
        local_id, member_identifier = self.parts_of(consent_id)
        found = await self.table.one(connection, local_id, member_identifier, lock=lock)
        if found is None or found.requester not in self.requesters(principal):
            raise no_such_consent()
        if found.state_at(self.clock()) is not ConsentState.REQUESTED:
            raise consent_ended()
        return found, member_identifier

    async def give(self, principal: Principal, consent_id: str, given_by: GivenBy) -> Consent:
        """Grant a request: the consent is valid from now on. The caller has checked who grants it.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        local_id, member_identifier = self.parts_of(consent_id)
        async with writing(self.store) as connection:
            found = await self.table.one(connection, local_id, member_identifier, lock=True)
            if found is None:
                raise no_such_consent()
            state = found.state_at(self.clock())
            if state is ConsentState.ACTIVE:
                return found
            if state is not ConsentState.REQUESTED:
                raise consent_ended()
            given = await self.give_in(connection, found, given_by)
            await self.record(ConsentAct.GIVEN, principal, member_identifier, given)
        return given

    async def give_in(
        self, connection: AsyncConnection, found: Consent, given_by: GivenBy
    ) -> Consent:
        """Give the consent of an open request, in the transaction that locked the request."""
        given = found.given(given_by, self.clock())
        scope = self.scope_of(Role(found.role), found.purpose)
        signed = self.signer.sign(artefact_of(given, scope, self._issuer), MEDIA_TYPE)
        given = replace(given, artefact=signed)
        await self.table.save(connection, given)
        return given

    async def refuse(self, principal: Principal, consent_id: str) -> Consent:
        """Refuse a request.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        before, after = ConsentState.REQUESTED, ConsentState.REFUSED
        return await self._end(principal, consent_id, before, after, ConsentAct.REFUSED)

    async def withdraw(self, principal: Principal, consent_id: str) -> Consent:
        """Withdraw a consent. It is not valid from then on.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        before, after = ConsentState.ACTIVE, ConsentState.WITHDRAWN
        return await self._end(principal, consent_id, before, after, ConsentAct.WITHDRAWN)

    async def _end(
        self,
        principal: Principal,
        consent_id: str,
        before: ConsentState,
        after: ConsentState,
        act: ConsentAct,
    ) -> Consent:
        local_id, member_identifier = self.parts_of(consent_id)
        now = self.clock()
        async with writing(self.store) as connection:
            found = await self.table.one(connection, local_id, member_identifier, lock=True)
            if found is None:
                raise no_such_consent()
            state = found.state_at(now)
            if state is after:
                return found
            if state is not before:
                raise consent_ended()
            ended = found.ended(after, now)
            await self.table.save(connection, ended)
            await self.record(act, principal, member_identifier, ended)
        return ended

    def id_of(self, consent: Consent, member_identifier: str) -> str:
        """Return the id that clients see."""
        return to_global_id(self._ids, "Consent", f"{consent.consent_id}|{member_identifier}")

    def parts_of(self, consent_id: str) -> tuple[str, str]:
        """Return the UUID and the citizen's number in an id that clients see.

        Raises:
            HubError: `BAD_USER_INPUT`, it is not the id of a consent.
        """
        local_id = local_id_in(self._ids, "Consent", consent_id)
        name, _, member_identifier = local_id.partition("|")
        return name, member_identifier

    async def record(
        self, act: ConsentAct, principal: Principal, member_identifier: str, consent: Consent
    ) -> None:
        """Record a change before it is committed."""
        await self._record(ConsentEvent(act, principal, member_identifier, consent.consent_id))
