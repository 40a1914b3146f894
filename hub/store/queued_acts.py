"""Administrative acts of commands, which wait until a hub process writes them to the access log."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import delete, insert, or_, update
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.store import Store
from hub.store.tables import microseconds_of, moment_of, queued_act

CLAIM_TIME = dt.timedelta(minutes=1)
"""Time after which an act may be claimed again, because the process that claimed it has died."""


@dataclass(frozen=True, slots=True)
class QueuedAct:
    """An act that a person did with a command.

    Attributes:
        act: what was done, a value of `hub.access.log.acts.Act`.
        target: what it was done to, without personal data.
        reason: why, in the words of the person.
        actor: the person's account on the computer.
        at: when.
        act_id: identifies the act.
    """

    act: str
    target: str
    reason: str
    actor: str
    at: dt.datetime
    act_id: str = field(default_factory=lambda: uuid.uuid4().hex)


async def queue(connection: AsyncConnection, act: QueuedAct) -> None:
    """Add an act in the transaction of the change that it is about."""
    row = {
        "act_id": act.act_id,
        "act": act.act,
        "target": act.target,
        "reason": act.reason,
        "actor": act.actor,
        "at_us": microseconds_of(act.at),
    }
    await connection.execute(insert(queued_act), row)


class ActQueue:
    """Hands acts out, each to one process.

    Every method raises one of `STORE_FAILURES` if the database does not respond.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def claim(self, now: dt.datetime) -> Sequence[QueuedAct]:
        """Return the acts that no other process is writing, the oldest first."""
        claimed = queued_act.c.claimed_us
        statement = (
            update(queued_act)
            .where(or_(claimed.is_(None), claimed < microseconds_of(now - CLAIM_TIME)))
            .values(claimed_us=microseconds_of(now))
            .returning(queued_act)
        )
        async with self._store.engine.begin() as connection:
            rows = (await connection.execute(statement)).all()
        acts = [
            QueuedAct(row.act, row.target, row.reason, row.actor, moment_of(row.at_us), row.act_id)
            for row in rows
        ]
        return sorted(acts, key=lambda act: act.at)

    async def remove(self, acts: Iterable[QueuedAct]) -> None:
        """Remove acts that are in the access log."""
        ids = [act.act_id for act in acts]
        async with self._store.engine.begin() as connection:
            await connection.execute(delete(queued_act).where(queued_act.c.act_id.in_(ids)))

    async def release(self, acts: Iterable[QueuedAct]) -> None:
        """Let the acts be claimed again."""
        ids = [act.act_id for act in acts]
        statement = update(queued_act).where(queued_act.c.act_id.in_(ids))
        async with self._store.engine.begin() as connection:
            await connection.execute(statement.values(claimed_us=None))
