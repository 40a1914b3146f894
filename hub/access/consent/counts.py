"""Counts acts of a person in the current hour, in the store, so that replicas share them."""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store import Store
from hub.store.tables import consent_count, microseconds_of

HOUR_US = 3_600_000_000


class Act(StrEnum):
    """An act that is limited by hour."""

    REQUEST = "REQUEST"
    CODE_SENT = "CODE_SENT"
    CODE_TRIED = "CODE_TRIED"


@dataclass(frozen=True, slots=True)
class HourlyLimits:
    """Maximum number of acts in one clock hour. Replicas share the counts.

    Attributes:
        requests: requests for consent of one principal.
        codes_sent: one-time codes that one principal sends.
        codes_tried: one-time codes that one principal enters.
        codes_to_citizen: one-time codes that all principals together send to one citizen.
        codes_for_citizen: one-time codes that all principals together enter for one citizen.
    """

    requests: int = 120
    codes_sent: int = 60
    codes_tried: int = 60
    codes_to_citizen: int = 6
    codes_for_citizen: int = 12


async def count_act(
    connection: AsyncConnection, store: Store, person: bytes, act: Act, now: dt.datetime
) -> int:
    """Add one act of a person, and return how many there were in this clock hour.

    In PostgreSQL, concurrent transactions of the same person wait for each other here.
    """
    hour = microseconds_of(now) // HOUR_US
    row = {"person": person, "act": str(act), "hour": hour, "count": 1}
    statement = (
        store.upsert(consent_count)
        .values(row)
        .on_conflict_do_update(
            index_elements=["person", "act", "hour"], set_={"count": consent_count.c.count + 1}
        )
        .returning(consent_count.c.count)
    )
    return int((await connection.execute(statement)).scalar_one())


async def delete_old_counts(connection: AsyncConnection, now: dt.datetime) -> None:
    """Delete the counts of hours that are over."""
    hour = microseconds_of(now) // HOUR_US
    await connection.execute(delete(consent_count).where(consent_count.c.hour < hour))
