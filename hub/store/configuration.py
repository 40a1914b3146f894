"""Notes when the hub starts with another policy or other trusted documents."""

import datetime as dt
import getpass

from sqlalchemy import select

from hub.store.queued_acts import QueuedAct, queue
from hub.store.store import Store
from hub.store.tables import configuration

SHOWN_DIGITS = 16


async def note_configuration(store: Store, name: str, digest: str, act: str) -> bool:
    """Remember the configuration, and queue an act for the access log if it is new or has changed.

    Args:
        name: what is configured.
        digest: SHA-256 of the configuration in hexadecimal.
        act: the act, a value of `hub.access.log.acts.Act`.

    Returns: whether it is new or has changed.
    """
    insert = store.upsert(configuration)
    store_it = insert.on_conflict_do_update(
        index_elements=["name"], set_={"digest": insert.excluded.digest}
    )
    async with store.engine.begin() as connection:
        known = await connection.execute(
            select(configuration.c.digest).where(configuration.c.name == name).with_for_update()
        )
        if known.scalar() == digest:
            return False
        await connection.execute(store_it, {"name": name, "digest": digest})
        target = f"sha256:{digest[:SHOWN_DIGITS]}"
        now = dt.datetime.now(dt.UTC)
        await queue(
            connection, QueuedAct(act, target, f"start with another {name}", _account(), now)
        )
    return True


def _account() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
