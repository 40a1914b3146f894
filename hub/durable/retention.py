"""Deletes the contents of submissions that ended long ago, and drafts that have expired."""

import datetime as dt

from sqlalchemy import delete, null, or_, select, update

from hub.durable.attachments.table import release
from hub.durable.model import FINISHED
from hub.store import Store
from hub.store.submission_tables import draft, submission
from hub.store.tables import microseconds_of
from hub.store.transactions import writing


async def delete_contents(store: Store, before: dt.datetime) -> int:
    """Delete the contents of submissions that ended before a moment; return how many.

    Their documents expire. The receipt number, the state and the times stay, so that the receipt is
    still answered for.
    """
    ended = (
        submission.c.state.in_([state.name for state in FINISHED]),
        submission.c.updated_us < microseconds_of(before),
        or_(submission.c.content.is_not(None), submission.c.result.is_not(None)),
    )
    emptied = update(submission).where(*ended).values(content=null(), result=null())
    async with writing(store) as connection:
        await release(connection, select(submission.c.receipt).where(*ended), before)
        return (await connection.execute(emptied)).rowcount


async def delete_drafts(store: Store, now: dt.datetime) -> int:
    """Delete the drafts that have expired; return how many."""
    async with writing(store) as connection:
        expired = delete(draft).where(draft.c.expires_us <= microseconds_of(now))
        return (await connection.execute(expired)).rowcount
