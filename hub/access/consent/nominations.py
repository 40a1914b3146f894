"""Nominations: a citizen names who may act for them after their death (DPDP Act, section 14)."""

import datetime as dt
import logging
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select, update

from hub.access.consent.events import ConsentAct, ConsentEvent, Recorder, nothing
from hub.access.consent.records import AlteredRowError, check_seal, sealed_content
from hub.access.principal import Principal
from hub.access.signing import Signer
from hub.store import Store
from hub.store.tables import microseconds_of, moment_of, nomination
from hub.store.transactions import reading, writing
from schema.errors import bad_input, not_found
from schema.ids import IdCipher, Purpose

log = logging.getLogger(__name__)

MAX_NOMINEES = 5


@dataclass(frozen=True, slots=True)
class Nominee:
    """A nomination.

    Attributes:
        nomination_id: a UUID without hyphens.
        nominee_identifier: Family ID member number of the nominee; None if `HUB_ID_KEYS` lacks the
            key that encrypted it.
        nominated_at: when the citizen made it.
        withdrawn_at: when the citizen withdrew it; None if it is valid.
    """

    nomination_id: str
    nominee_identifier: str | None
    nominated_at: dt.datetime
    withdrawn_at: dt.datetime | None


class Nominations:
    """Reads and changes nominations. The hub has one instance.

    Args:
        ids: encrypts the nominees' numbers.
        record: awaited before each change is committed. If it raises, nothing is changed.
        altered: called for each row that does not match its seal.
        clock: returns the current time (UTC).
    """

    def __init__(
        self,
        store: Store,
        signer: Signer,
        ids: IdCipher,
        record: Recorder = nothing,
        altered: Callable[[], None] = lambda: None,
        clock: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._store = store
        self._signer = signer
        self._ids = ids
        self._record = record
        self._altered = altered
        self._clock = clock

    async def is_nominee(self, nominee: str, citizen: str) -> bool:
        """Return whether the citizen has named this person. Both are member numbers.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        columns = nomination.c
        statement = select(nomination).where(
            columns.nominee.in_(self._signer.pseudonyms(nominee)),
            columns.citizen.in_(self._signer.pseudonyms(citizen)),
            columns.withdrawn_us.is_(None),
        )
        async with reading(self._store) as connection:
            rows = (await connection.execute(statement)).all()
        return any(self._checked(row) is not None for row in rows)

    async def nominate(self, principal: Principal, citizen: str, nominee: str) -> Nominee:
        """Name a person. The result is the same whether the person exists or not.

        Raises:
            HubError: `BAD_USER_INPUT`, it is the citizen, or the citizen has too many nominees.
                `STORE_UNAVAILABLE`.
        """
        if nominee == citizen:
            raise bad_input("`nominee` is you. Name another person.")
        async with writing(self._store) as connection:
            found = await connection.execute(self._of_citizen(citizen))
            existing = [each for row in found.all() if (each := self._checked(row)) is not None]
            for each in existing:
                if each.nominee_identifier == nominee:
                    return each
            if len(existing) >= MAX_NOMINEES:
                raise bad_input(
                    f"You have {MAX_NOMINEES} nominees, which is the limit. Withdraw one first."
                )
            values = {
                "nomination_id": uuid.uuid4().hex,
                "citizen": self._signer.pseudonym(citizen),
                "nominee": self._signer.pseudonym(nominee),
                "nominee_number": self._ids.encrypt(Purpose.ID, f"Citizen:{nominee}"),
                "nominated_us": microseconds_of(self._clock()),
                "withdrawn_us": None,
            }
            await connection.execute(nomination.insert(), self._sealed(values))
            target = str(values["nomination_id"])
            await self._record(ConsentEvent(ConsentAct.NOMINATED, principal, citizen, target))
        return self._nominee(values)

    async def withdraw(self, principal: Principal, citizen: str, nomination_id: str) -> Nominee:
        """Withdraw a nomination of the citizen.

        Raises:
            HubError: `NOT_FOUND`, `STORE_UNAVAILABLE`.
        """
        async with writing(self._store) as connection:
            statement = select(nomination).where(
                nomination.c.nomination_id == nomination_id,
                nomination.c.citizen.in_(self._signer.pseudonyms(citizen)),
            )
            row = (await connection.execute(statement.with_for_update())).first()
            values = None if row is None else self._checked(row)
            if row is None or values is None:
                raise not_found("There is no such nomination.")
            if values.withdrawn_at is not None:
                return values
            changed = row._asdict() | {"withdrawn_us": microseconds_of(self._clock())}
            del changed["seal"]
            await connection.execute(
                update(nomination)
                .where(nomination.c.nomination_id == nomination_id)
                .values(self._sealed(changed))
            )
            act = ConsentAct.NOMINATION_WITHDRAWN
            await self._record(ConsentEvent(act, principal, citizen, nomination_id))
        return self._nominee(changed)

    async def of_citizen(self, citizen: str) -> list[Nominee]:
        """Return the citizen's valid nominations, oldest first.

        Raises:
            HubError: `STORE_UNAVAILABLE`.
        """
        async with reading(self._store) as connection:
            rows = (await connection.execute(self._of_citizen(citizen))).all()
        return [each for row in rows if (each := self._checked(row)) is not None]

    def _of_citizen(self, citizen: str) -> Any:
        columns = nomination.c
        return (
            select(nomination)
            .where(
                columns.citizen.in_(self._signer.pseudonyms(citizen)),
                columns.withdrawn_us.is_(None),
            )
            .order_by(columns.nominated_us)
        )

    def _sealed(self, values: dict[str, Any]) -> dict[str, Any]:
        return {**values, "seal": self._signer.seal(sealed_content(values))}

    def _checked(self, row: Row[Any]) -> Nominee | None:
        """Return the nomination in a row; None, and a line in the log, if the row was altered."""
        values = row._asdict()
        try:
            check_seal(values, self._signer)
        except AlteredRowError:
            log.error(
                "The nomination %s in the hub's database was changed by something other than the "
                "hub, or HUB_SIGNING_KEY lacks the key that sealed it. It is not valid.",
                row.nomination_id,
            )
            self._altered()
            return None
        return self._nominee(values)

    def _nominee(self, values: dict[str, Any]) -> Nominee:
        number = self._ids.decrypt(Purpose.ID, values["nominee_number"])
        withdrawn = values["withdrawn_us"]
        return Nominee(
            values["nomination_id"],
            None if number is None else number.partition(":")[2],
            moment_of(values["nominated_us"]),
            None if withdrawn is None else moment_of(withdrawn),
        )
