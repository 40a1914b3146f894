"""Revocations: tokens, persons and centres that were cut off."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.queued_acts import QueuedAct, queue
from hub.store.store import Store
from hub.store.tables import change_counter, microseconds_of, moment_of, revocation

COUNTER = "revocation"


@dataclass(frozen=True, slots=True)
class Revocation:
    """A token, person or centre that was cut off.

    Attributes:
        kind: `token`, `person` or `centre`.
        value: id of the token or centre, or the keyed hash of a person.
        revoked: when it was cut off.
        until: when the revocation ends; None if it does not end.
        reason: why, in the words of the administrator.
    """

    kind: str
    value: str
    revoked: dt.datetime
    until: dt.datetime | None
    reason: str


class RevocationTable:
    """Reads and writes the table `revocation`, and counts its changes.

    Every method raises one of `STORE_FAILURES` if the database does not respond.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def changes(self) -> int:
        """Return how often the table has changed."""
        query = select(change_counter.c.changes).where(change_counter.c.name == COUNTER)
        async with self._store.engine.connect() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def load(self, now: dt.datetime) -> Sequence[Revocation]:
        """Return the revocations that have not ended, the newest first."""
        until = revocation.c.until_us
        query = (
            select(revocation)
            .where(until.is_(None) | (until > microseconds_of(now)))
            .order_by(revocation.c.revoked_us.desc())
        )
        async with self._store.engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Revocation(
                row.kind,
                row.value,
                moment_of(row.revoked_us),
                None if row.until_us is None else moment_of(row.until_us),
                row.reason,
            )
            for row in rows
        ]

    async def save(self, added: Revocation, act: QueuedAct) -> None:
        """Add a revocation. It replaces an earlier one of the same value.

        Args:
            added: the revocation.
            act: entry for the access log.
        """
        until = added.until
        changed = {
            "revoked_us": microseconds_of(added.revoked),
            "until_us": None if until is None else microseconds_of(until),
            "reason": added.reason,
        }
        row = {"kind": added.kind, "value": added.value, **changed}
        statement = self._store.upsert(revocation).values(row)
        async with self._store.engine.begin() as connection:
            await connection.execute(
                statement.on_conflict_do_update(index_elements=["kind", "value"], set_=changed)
            )
            await queue(connection, act)
            await self._count(connection)

    async def remove(self, kind: str, value: str, act: QueuedAct) -> bool:
        """Remove a revocation. Return whether there was one.

        Args:
            kind: its kind.
            value: its value.
            act: entry for the access log.
        """
        statement = delete(revocation).where(revocation.c.kind == kind, revocation.c.value == value)
        async with self._store.engine.begin() as connection:
            removed = (await connection.execute(statement)).rowcount > 0
            if removed:
                await queue(connection, act)
                await self._count(connection)
        return removed

    async def _count(self, connection: AsyncConnection) -> None:
        statement = self._store.upsert(change_counter).values(name=COUNTER, changes=1)
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["name"], set_={"changes": change_counter.c.changes + 1}
            )
        )
