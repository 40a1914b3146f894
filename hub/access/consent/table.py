"""Statements on the table `consent`."""

import datetime as dt
import logging
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, delete, or_, select, tuple_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.consent.records import (
    AlteredRowError,
    Consent,
    ConsentState,
    consent_of,
    row_of,
)
from hub.access.signing import Signer
from hub.store import Store
from hub.store.tables import consent, microseconds_of, one_time_code
from schema.connections import SortKey

log = logging.getLogger(__name__)
columns = consent.c


@dataclass(frozen=True, slots=True)
class ConsentKey:
    """Names the consents of one requester and some citizens for one purpose.

    Attributes:
        requesters: pseudonyms of the requester with all keys.
        citizens: pseudonyms of the citizens with all keys.
        purpose: code of the purpose.
    """

    requesters: Sequence[bytes]
    citizens: Sequence[bytes]
    purpose: str

    def matches(self) -> ColumnElement[bool]:
        return and_(
            columns.requester.in_(self.requesters),
            columns.citizen.in_(self.citizens),
            columns.purpose == self.purpose,
        )


@dataclass(frozen=True, slots=True)
class ConsentTable:
    """Reads and writes consents, and checks the seal of each row.

    Attributes:
        signer: seals the rows.
        altered: called for each row that does not match its seal.
    """

    store: Store
    signer: Signer
    altered: Callable[[], None]

    async def active(
        self, connection: AsyncConnection, key: ConsentKey, now: dt.datetime
    ) -> dict[bytes, Consent]:
        """Return the consent of each citizen that is valid longest, by the citizen's pseudonym."""
        is_valid = _is_in(ConsentState.ACTIVE, microseconds_of(now))
        statement = select(consent).where(key.matches(), is_valid).order_by(columns.expires_us)
        rows = (await connection.execute(statement)).all()
        found = [each for row in rows if (each := self._checked(row)) is not None]
        return {each.citizen: each for each in found}

    async def has_active(
        self,
        connection: AsyncConnection,
        requesters: Sequence[bytes],
        purpose: str,
        now: dt.datetime,
    ) -> bool:
        """Return whether anybody's consent for the requester and purpose is valid."""
        is_valid = _is_in(ConsentState.ACTIVE, microseconds_of(now))
        statement = select(columns.consent_id).where(
            columns.requester.in_(requesters), columns.purpose == purpose, is_valid
        )
        return (await connection.execute(statement.limit(1))).first() is not None

    async def open_request(self, connection: AsyncConnection, key: ConsentKey) -> Consent | None:
        """Return the stored request that was neither decided nor replaced, and lock its row.

        It may have lapsed. A request that was altered is closed.
        """
        statement = select(consent).where(key.matches(), columns.state == ConsentState.REQUESTED)
        row = (await connection.execute(statement.with_for_update())).first()
        if row is None:
            return None
        found = self._checked(row)
        if found is None:
            # Without a new seal: the row stays recognisable as altered.
            await connection.execute(
                update(consent)
                .where(columns.consent_id == row.consent_id)
                .values(state=ConsentState.LAPSED)
            )
        return found

    async def one(
        self, connection: AsyncConnection, consent_id: str, member_identifier: str, *, lock: bool
    ) -> Consent | None:
        """Return a consent of the citizen, or None.

        Args:
            lock: lock its row until the transaction ends.
        """
        statement: Select[Any] = select(consent).where(
            columns.consent_id == consent_id,
            columns.citizen.in_(self.signer.pseudonyms(member_identifier)),
        )
        row = (await connection.execute(statement.with_for_update() if lock else statement)).first()
        return None if row is None else self._checked(row)

    async def insert(self, connection: AsyncConnection, made: Consent) -> bool:
        """Insert a request. Return False if there is an open one with the same key."""
        statement = self.store.insert_new(consent)
        return bool((await connection.execute(statement, row_of(made, self.signer))).rowcount)

    async def save(self, connection: AsyncConnection, changed: Consent) -> None:
        """Replace a row. Delete the one-time code of the request."""
        await connection.execute(
            update(consent)
            .where(columns.consent_id == changed.consent_id)
            .values(row_of(changed, self.signer))
        )
        await connection.execute(
            delete(one_time_code).where(one_time_code.c.consent_id == changed.consent_id)
        )

    async def page(
        self,
        connection: AsyncConnection,
        member_identifier: str,
        states: Collection[ConsentState],
        now: dt.datetime,
        first: int,
        after: SortKey | None,
    ) -> tuple[list[Consent], bool]:
        """Return the citizen's consents in these states, newest first, and whether more follow."""
        now_us = microseconds_of(now)
        conditions = [
            columns.citizen.in_(self.signer.pseudonyms(member_identifier)),
            or_(*(_is_in(state, now_us) for state in states)),
        ]
        if after is not None:
            key = tuple_(columns.requested_us, columns.consent_id)
            conditions.append(key < tuple_(int(after[0]), after[1]))
        statement = (
            select(consent)
            .where(*conditions)
            .order_by(columns.requested_us.desc(), columns.consent_id.desc())
            .limit(first + 1)
        )
        rows = (await connection.execute(statement)).all()
        checked = [each for row in rows[:first] if (each := self._checked(row)) is not None]
        return checked, len(rows) > first

    async def delete_ended(self, connection: AsyncConnection, before: dt.datetime) -> int:
        """Delete consents and requests that ended before this time. Return how many."""
        before_us = microseconds_of(before)
        ended = or_(columns.ended_us < before_us, columns.expires_us < before_us)
        lapsed = and_(columns.given_us.is_(None), columns.lapses_us < before_us)
        return (await connection.execute(delete(consent).where(or_(ended, lapsed)))).rowcount

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
            self.altered()
            return None


def _is_in(state: ConsentState, now_us: int) -> ColumnElement[bool]:
    """Return the condition that a row is in a state now."""
    if state is ConsentState.ACTIVE:
        return and_(columns.state == state, columns.expires_us > now_us)
    if state is ConsentState.EXPIRED:
        return and_(columns.state == ConsentState.ACTIVE, columns.expires_us <= now_us)
    if state is ConsentState.REQUESTED:
        return and_(columns.state == state, columns.lapses_us > now_us)
    if state is ConsentState.LAPSED:
        lapsed = and_(columns.state == ConsentState.REQUESTED, columns.lapses_us <= now_us)
        return or_(columns.state == state, lapsed)
    return columns.state == state
