"""One-time codes: a citizen at a service centre reads the operator a code from the own telephone.

A code confirms one request for consent. Wrong tries are bounded per code, per principal and per
citizen, and all numbers of citizens are treated alike, whether the citizen exists or not.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.access.consent.consents import Consents
from hub.access.consent.counts import Act, count_act
from hub.access.consent.events import ConsentAct
from hub.access.consent.records import Consent, GivenBy, requester_text
from hub.access.consent.refusals import code_rejected, too_many
from hub.access.principal import Principal
from hub.store.tables import microseconds_of, one_time_code
from hub.store.transactions import writing

DIGITS = 6
VALID_MINUTES = 10
MAX_TRIES = 5
"""Tries of one code. After a wrong try the same code can still be right."""
MAX_CODES = 3
"""Codes of one request for consent."""


@dataclass(frozen=True, slots=True)
class NewCode:
    """A code that was stored and is to be sent.

    Attributes:
        code: the digits.
        expires_at: when it expires.
        consent: the request that it confirms.
        member_identifier: Family ID member number of the citizen.
    """

    code: str
    expires_at: dt.datetime
    consent: Consent
    member_identifier: str


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """Makes and checks codes."""

    consents: Consents

    async def make(self, principal: Principal, consent_id: str) -> NewCode:
        """Store a new code for the principal's open request. It replaces an earlier one.

        Raises:
            HubError: `RATE_LIMITED`, `NOT_FOUND`, `CONSENT_ENDED`, `BAD_USER_INPUT`,
                `STORE_UNAVAILABLE`.
        """
        consents, limits = self.consents, self.consents.limits
        now = consents.clock()
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        expires_at = now + dt.timedelta(minutes=VALID_MINUTES)
        async with writing(consents.store) as connection:
            found, member_identifier = await consents.requested_in(
                connection, principal, consent_id
            )
            mine, theirs = await self._count(
                connection, principal, member_identifier, Act.CODE_SENT, now
            )
            sent = await self._sent(connection, found.consent_id)
            is_allowed = (
                mine <= limits.codes_sent and theirs <= limits.codes_to_citizen and sent < MAX_CODES
            )
            if is_allowed:
                values = {
                    "digest": consents.signer.seal(_sealed_text(found, code)),
                    "expires_us": microseconds_of(expires_at),
                    "sent": sent + 1,
                    "tries": 0,
                }
                statement = consents.store.upsert(one_time_code).values(
                    consent_id=found.consent_id, **values
                )
                await connection.execute(
                    statement.on_conflict_do_update(index_elements=["consent_id"], set_=values)
                )
                act = ConsentAct.CODE_SENT
                await consents.record(act, principal, member_identifier, found)
        if not is_allowed:
            raise too_many("one-time codes")
        return NewCode(code, expires_at, found, member_identifier)

    async def confirm(self, principal: Principal, consent_id: str, code: str) -> Consent:
        """Give the consent of the principal's open request, if the code is right.

        Raises:
            HubError: `CODE_REJECTED`, `RATE_LIMITED`, `NOT_FOUND`, `CONSENT_ENDED`,
                `BAD_USER_INPUT`, `STORE_UNAVAILABLE`.
        """
        consents, limits = self.consents, self.consents.limits
        now = consents.clock()
        given: Consent | None = None
        # Errors are raised after the transaction, so that the counts are stored.
        async with writing(consents.store) as connection:
            found, member_identifier = await consents.requested_in(
                connection, principal, consent_id
            )
            mine, theirs = await self._count(
                connection, principal, member_identifier, Act.CODE_TRIED, now
            )
            is_allowed = mine <= limits.codes_tried and theirs <= limits.codes_for_citizen
            if is_allowed and await self._is_right(connection, found, code, now):
                given = await consents.give_in(connection, found, GivenBy.ONE_TIME_CODE)
            act = ConsentAct.CODE_REJECTED if given is None else ConsentAct.GIVEN
            await consents.record(act, principal, member_identifier, given or found)
        if given is not None:
            return given
        if not is_allowed:
            raise too_many("tries of one-time codes")
        raise code_rejected()

    async def _count(
        self,
        connection: AsyncConnection,
        principal: Principal,
        member_identifier: str,
        act: Act,
        now: dt.datetime,
    ) -> tuple[int, int]:
        """Count the act. Return this hour's acts of the principal, and those for the citizen."""
        consents = self.consents
        persons = (requester_text(principal), member_identifier)
        mine, theirs = [
            await count_act(connection, consents.store, consents.signer.pseudonym(each), act, now)
            for each in persons
        ]
        return mine, theirs

    async def _sent(self, connection: AsyncConnection, consent_id: str) -> int:
        sent = await connection.execute(
            select(one_time_code.c.sent).where(one_time_code.c.consent_id == consent_id)
        )
        return int(sent.scalar() or 0)

    async def _is_right(
        self, connection: AsyncConnection, found: Consent, code: str, now: dt.datetime
    ) -> bool:
        """Count a try of the request's code. Return whether the code is right."""
        statement = (
            one_time_code.update()
            .where(one_time_code.c.consent_id == found.consent_id)
            .values(tries=one_time_code.c.tries + 1)
            .returning(one_time_code.c.digest, one_time_code.c.expires_us, one_time_code.c.tries)
        )
        row = (await connection.execute(statement)).first()
        # Without a code, the same work is done for a digest that no code has.
        digest = bytes(row.digest) if row is not None else bytes(16)
        is_equal = self.consents.signer.is_sealed(_sealed_text(found, code), digest)
        return (
            row is not None
            and is_equal
            and row.tries <= MAX_TRIES
            and microseconds_of(now) < row.expires_us
        )


def _sealed_text(found: Consent, code: str) -> bytes:
    return f"code {found.consent_id} {code}".encode(errors="backslashreplace")
