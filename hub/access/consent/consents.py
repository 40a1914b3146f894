"""Requests for consent, and consents: the changes of their state.

The table holds pseudonyms. The id that clients see is encrypted and contains the citizen's number,
so the hub can act for the citizen of a request that it stored without the number.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.consent.artefact import MEDIA_TYPE, ConsentScope, artefact_of
from hub.access.consent.counts import Act, HourlyLimits, count_act, delete_old_counts, too_many
from hub.access.consent.records import (
    AlteredRowError,
    Consent,
    ConsentState,
    GivenBy,
    consent_of,
    row_of,
)
from hub.access.consent.transactions import reading, writing
from hub.access.principal import Principal, Role
from hub.access.signing import Signer
from hub.store import Store
from hub.store.tables import consent as consent_table
from hub.store.tables import microseconds_of, one_time_code
from schema.codes import ErrorCode
from schema.connections import SortKey
from schema.errors import HubError, not_found
from schema.ids import IdCipher
from schema.node import local_id_in, to_global_id

log = logging.getLogger(__name__)

REQUEST_DAYS = 7
ASSISTED_SECONDS = 30 * 60
"""How long an operator may act on behalf of a citizen."""
DEFAULT_DAYS = 30
MAX_DAYS = 365

ScopeOf = Callable[[Role, str], ConsentScope]
"""Returns what a consent opens to a role for a purpose."""


@dataclass(frozen=True, slots=True)
class ConsentEvent:
    """A change that the access log and the metrics record.

    Attributes:
        act: `REQUESTED`, or the new state of the consent.
        principal: who made the change.
        member_identifier: Family ID member number of the citizen.
        consent: the row after the change.
    """

    act: ConsentState
    principal: Principal
    member_identifier: str
    consent: Consent


class Consents:
    """Reads and changes consents. The hub has one instance.

    Args:
        scope_of: returns what a consent opens to a role for a purpose.
        issuer: URL of the hub, for artefacts.
        notify: receives each change.
        altered: called for each row that does not match its seal.
    """

    def __init__(
        self,
        store: Store,
        signer: Signer,
        ids: IdCipher,
        scope_of: ScopeOf,
        *,
        issuer: str = "",
        limits: HourlyLimits = HourlyLimits(),  # noqa: B008  # frozen
        notify: Callable[[ConsentEvent], None] = lambda _event: None,
        altered: Callable[[], None] = lambda: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self.store = store
        self.signer = signer
        self.clock = clock
        self.limits = limits
        self._ids = ids
        self._scope_of = scope_of
        self._issuer = issuer
        self._notify = notify
        self._altered = altered

    async def active(
        self, principal: Principal, member_identifier: str, purpose: str
    ) -> Consent | None:
        """Return the citizen's consent for this principal and purpose that is valid now, if any.

        Nothing is cached: a consent that was withdrawn is not returned.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        now = self.clock()
        columns = consent_table.c
        statement = (
            select(consent_table)
            .where(
                columns.requester.in_(self.signer.pseudonyms(requester_text(principal))),
                columns.citizen.in_(self.signer.pseudonyms(member_identifier)),
                columns.purpose == purpose,
                columns.state == ConsentState.ACTIVE,
                columns.expires_us > microseconds_of(now),
            )
            .order_by(columns.expires_us.desc())
        )
        async with reading(self.store) as connection:
            rows = (await connection.execute(statement)).all()
        return next((each for row in rows if (each := self._checked(row)) is not None), None)

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
        now = self.clock()
        if principal.role is Role.OPERATOR:
            seconds = ASSISTED_SECONDS
        requesters = self.signer.pseudonyms(requester_text(principal))
        citizens = self.signer.pseudonyms(member_identifier)
        wanted = frozenset(departments)
        async with writing(self.store) as connection:
            found = await self._open_request(connection, requesters, citizens, purpose)
            if found is not None:
                if found.state_at(now) is ConsentState.REQUESTED:
                    if wanted <= found.departments and seconds in (None, found.seconds):
                        return self.id_of(found, member_identifier)
                    wanted |= found.departments
                await self._save(connection, found.ended(ConsentState.LAPSED, now))
            count = await count_act(connection, self.store, requesters[0], Act.REQUEST, now)
            if count <= self.limits.requests:
                made = Consent(
                    uuid.uuid4().hex,
                    citizens[0],
                    requesters[0],
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
                inserted = await connection.execute(
                    self.store.insert_new(consent_table), row_of(made, self.signer)
                )
                if not inserted.rowcount:
                    # Another replica has just stored a request for the same person and purpose.
                    other = await self._open_request(connection, requesters, citizens, purpose)
                    made = made if other is None else other
        if count > self.limits.requests:
            raise too_many("requests for consent")
        self._notify(ConsentEvent(ConsentState.REQUESTED, principal, member_identifier, made))
        return self.id_of(made, member_identifier)

    async def requested(self, principal: Principal, consent_id: str) -> tuple[Consent, str]:
        """Return the principal's own open request, and the citizen's number.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        local_id, member_identifier = self.parts_of(consent_id)
        async with reading(self.store) as connection:
            found = await self.locked(connection, local_id, member_identifier, lock=False)
        self.check_open(found, principal)
        return found, member_identifier

    def check_open(self, found: Consent, principal: Principal) -> None:
        """Check that a request is the principal's own, and open.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`.
        """
        if found.requester not in self.signer.pseudonyms(requester_text(principal)):
            raise no_such_consent()
        if found.state_at(self.clock()) is not ConsentState.REQUESTED:
            raise consent_ended()

    async def give(self, principal: Principal, consent_id: str, given_by: GivenBy) -> Consent:
        """Give the consent that a request asks for. The caller has checked who gives it.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        local_id, member_identifier = self.parts_of(consent_id)
        async with writing(self.store) as connection:
            found = await self.locked(connection, local_id, member_identifier)
            if found.state_at(self.clock()) is ConsentState.ACTIVE:
                return found
            given = await self.give_in(connection, found, given_by)
        self.announce(principal, member_identifier, given)
        return given

    async def give_in(
        self, connection: AsyncConnection, found: Consent, given_by: GivenBy
    ) -> Consent:
        """Give the consent in the transaction that locked the request.

        Raises:
            HubError: `CONSENT_ENDED`.
        """
        now = self.clock()
        if found.state_at(now) is not ConsentState.REQUESTED:
            raise consent_ended()
        given = found.given(given_by, now)
        scope = self._scope_of(Role(found.role), found.purpose)
        signed = self.signer.sign(artefact_of(given, scope, self._issuer), MEDIA_TYPE)
        given = replace(given, artefact=signed)
        await self._save(connection, given)
        return given

    async def refuse(self, principal: Principal, consent_id: str) -> Consent:
        """Refuse a request.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        return await self._end(principal, consent_id, ConsentState.REQUESTED, ConsentState.REFUSED)

    async def withdraw(self, principal: Principal, consent_id: str) -> Consent:
        """Withdraw a consent. It is not valid from then on.

        Raises:
            HubError: `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        return await self._end(principal, consent_id, ConsentState.ACTIVE, ConsentState.WITHDRAWN)

    async def _end(
        self, principal: Principal, consent_id: str, before: ConsentState, after: ConsentState
    ) -> Consent:
        local_id, member_identifier = self.parts_of(consent_id)
        async with writing(self.store) as connection:
            found = await self.locked(connection, local_id, member_identifier)
            now = self.clock()
            state = found.state_at(now)
            if state is after:
                return found
            if state is not before:
                raise consent_ended()
            ended = found.ended(after, now)
            await self._save(connection, ended)
        self.announce(principal, member_identifier, ended)
        return ended

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
        columns = consent_table.c
        conditions: list[ColumnElement[bool]] = [
            columns.citizen.in_(self.signer.pseudonyms(member_identifier)),
            _in_states(states, microseconds_of(self.clock())),
        ]
        if after is not None:
            key = tuple_(columns.requested_us, columns.consent_id)
            conditions.append(key < tuple_(int(after[0]), after[1]))
        statement = (
            select(consent_table)
            .where(*conditions)
            .order_by(columns.requested_us.desc(), columns.consent_id.desc())
            .limit(first + 1)
        )
        async with reading(self.store) as connection:
            rows = (await connection.execute(statement)).all()
        checked = [each for row in rows[:first] if (each := self._checked(row)) is not None]
        return checked, len(rows) > first

    async def one(self, consent_id: str, member_identifier: str) -> Consent:
        """Return one consent of the citizen by its UUID.

        Raises:
            HubError: `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """
        async with reading(self.store) as connection:
            return await self.locked(connection, consent_id, member_identifier, lock=False)

    async def delete_old(self, days: int) -> int:
        """Delete consents and requests that ended more than `days` days ago; return how many.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        now = self.clock()
        before = microseconds_of(now - dt.timedelta(days=days))
        columns = consent_table.c
        ended = or_(columns.ended_us < before, columns.expires_us < before)
        lapsed = and_(columns.given_us.is_(None), columns.lapses_us < before)
        async with writing(self.store) as connection:
            old = await connection.execute(delete(consent_table).where(or_(ended, lapsed)))
            await connection.execute(
                delete(one_time_code).where(one_time_code.c.expires_us < microseconds_of(now))
            )
            await delete_old_counts(connection, now)
        return old.rowcount

    def id_of(self, consent: Consent, member_identifier: str) -> str:
        """Return the id that clients see."""
        return to_global_id(self._ids, "Consent", f"{consent.consent_id}|{member_identifier}")

    def parts_of(self, consent_id: str) -> tuple[str, str]:
        """Return the UUID and the citizen's number in an id that clients see.

        Raises:
            HubError: `BAD_USER_INPUT`, it is not the id of a consent.
        """
        local_id, _, member_identifier = local_id_in(self._ids, "Consent", consent_id).partition(
            "|"
        )
        return local_id, member_identifier

    async def locked(
        self,
        connection: AsyncConnection,
        local_id: str,
        member_identifier: str,
        *,
        lock: bool = True,
    ) -> Consent:
        """Return a consent of the citizen, and lock its row until the transaction ends.

        Raises:
            HubError: `NOT_FOUND`.
        """
        statement = select(consent_table).where(
            consent_table.c.consent_id == local_id,
            consent_table.c.citizen.in_(self.signer.pseudonyms(member_identifier)),
        )
        row = (await connection.execute(statement.with_for_update() if lock else statement)).first()
        found = None if row is None else self._checked(row)
        if found is None:
            raise no_such_consent()
        return found

    def announce(self, principal: Principal, member_identifier: str, consent: Consent) -> None:
        """Report a change, after it was committed."""
        self._notify(ConsentEvent(consent.state, principal, member_identifier, consent))

    async def _open_request(
        self,
        connection: AsyncConnection,
        requesters: Sequence[bytes],
        citizens: Sequence[bytes],
        purpose: str,
    ) -> Consent | None:
        columns = consent_table.c
        statement = select(consent_table).where(
            columns.requester.in_(requesters),
            columns.citizen.in_(citizens),
            columns.purpose == purpose,
            columns.state == ConsentState.REQUESTED,
        )
        row = (await connection.execute(statement.with_for_update())).first()
        if row is None:
            return None
        found = self._checked(row)
        if found is None:
            # Without a new seal: the row stays recognisable as altered.
            await connection.execute(
                update(consent_table)
                .where(columns.consent_id == row.consent_id)
                .values(state=ConsentState.LAPSED)
            )
        return found

    async def _save(self, connection: AsyncConnection, consent: Consent) -> None:
        await connection.execute(
            update(consent_table)
            .where(consent_table.c.consent_id == consent.consent_id)
            .values(row_of(consent, self.signer))
        )
        await connection.execute(
            delete(one_time_code).where(one_time_code.c.consent_id == consent.consent_id)
        )

    def _checked(self, row: Row[Any]) -> Consent | None:
        """Return the consent in a row; None, and a line in the log, if the row was altered."""
        try:
            return consent_of(row, self.signer)
        except AlteredRowError:
            log.error(
                "The consent %s in the hub's database was changed by something other than the hub, "
                "or HUB_SIGNING_KEY lacks the key that sealed it. The consent is not valid.",
                row.consent_id,
            )
            self._altered()
            return None


def requester_text(principal: Principal) -> str:
    """Return the text that names a requester: the person in one role and office."""
    parts = (principal.role, principal.subject, principal.department or "", principal.centre or "")
    return "|".join(parts)


def _in_states(states: Collection[ConsentState], now_us: int) -> ColumnElement[bool]:
    columns = consent_table.c
    conditions: dict[ConsentState, ColumnElement[bool]] = {
        ConsentState.REQUESTED: and_(
            columns.state == ConsentState.REQUESTED, columns.lapses_us > now_us
        ),
        ConsentState.ACTIVE: and_(
            columns.state == ConsentState.ACTIVE, columns.expires_us > now_us
        ),
        ConsentState.REFUSED: columns.state == ConsentState.REFUSED,
        ConsentState.WITHDRAWN: columns.state == ConsentState.WITHDRAWN,
        ConsentState.LAPSED: or_(
            columns.state == ConsentState.LAPSED,
            and_(columns.state == ConsentState.REQUESTED, columns.lapses_us <= now_us),
        ),
        ConsentState.EXPIRED: and_(
            columns.state == ConsentState.ACTIVE, columns.expires_us <= now_us
        ),
    }
    return or_(*(conditions[state] for state in states))


def no_such_consent() -> HubError:
    return not_found("There is no such consent or request for consent.")


def consent_ended() -> HubError:
    return HubError(
        ErrorCode.CONSENT_ENDED,
        "The request or consent has ended. Make a new request with `requestConsent`.",
    )
