"""Deletes the content of old entries. Their leaves stay, so that the tree can still be verified.

The database's clock decides, not the hub's. The log remembers the last time that it has seen. If
the clock has since made a jump that is not plausible, nothing is deleted until an operator confirms
the new time (`hub audit accept-clock`).
"""

import logging
from collections.abc import Iterable

import orjson

from hub.access.log.database import Database, Row, Statement
from hub.access.log.tree import BUNDLE_BITS, first_id

log = logging.getLogger(__name__)

SECOND_US = 1_000_000
DAY_US = 86_400 * SECOND_US
MOST_AHEAD_US = 7 * DAY_US
MOST_BEHIND_US = 3_600 * SECOND_US
LEAVES_PER_RUN = 200_000
BUNDLES_PER_STEP = 4
CLOCK = "clock_us"
PUT = Statement(
    "INSERT INTO access_log_meta VALUES (?, ?) "
    "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
    (),
)
THIN_CHECKPOINTS = (
    "DELETE FROM access_log_checkpoint WHERE at_us < ? AND NOT EXISTS (SELECT 1 FROM "
    "(SELECT tree AS kept_tree, max(size) AS kept_size FROM access_log_checkpoint "
    "GROUP BY tree, at_us / 3600000000) AS kept "
    "WHERE kept_tree = access_log_checkpoint.tree AND kept_size = access_log_checkpoint.size)"
)
"""Keeps the last checkpoint of each hour among those that are older than a day."""


async def delete_old(database: Database, days: int) -> int:
    """Delete the content of entries that are older than `days`. Return of how many.

    Whole bundles of 256 entries are deleted, at most `LEAVES_PER_RUN` entries at once.
    """
    now_us = await database.now_us()
    if not await _clock_is_plausible(database, now_us):
        return 0
    await accept_clock(database, now_us)
    await database.write([Statement(THIN_CHECKPOINTS, [(now_us - DAY_US,)])])
    deleted = 0
    for (tree,) in await database.fetch("SELECT tree FROM access_log_tree ORDER BY tree"):
        deleted += await _delete_in_tree(database, tree, now_us - days * DAY_US, deleted)
    if deleted:
        log.info(
            "The content of %d entries of the access log that were older than %d days was deleted",
            deleted,
            days,
        )
    return deleted


async def accept_clock(database: Database, now_us: int) -> None:
    """Store the present time of the database's clock as plausible."""
    await database.write([PUT._replace(rows=[(CLOCK, b"%d" % now_us)])])


async def _clock_is_plausible(database: Database, now_us: int) -> bool:
    last_us = await _number(database, CLOCK)
    if last_us is None:
        query = "SELECT max(at_us) FROM access_log_checkpoint"
        ((last_us,),) = await database.fetch(query)
    if last_us is None or -MOST_BEHIND_US <= now_us - last_us <= MOST_AHEAD_US:
        return True
    log.error(
        "The clock of the access log's database jumped by %+.1f days. Nothing is deleted from the "
        "access log. Correct the clock; if it is right, run `hub audit accept-clock`.",
        (now_us - last_us) / DAY_US,
    )
    return False


async def deleted_in(database: Database, tree: int) -> int:
    """Return how many of a tree's first entries have lost their content."""
    return await _number(database, f"deleted:{tree}") or 0


async def _delete_in_tree(
    database: Database, tree: int, oldest_kept_us: int, already_deleted: int
) -> int:
    query = "SELECT max(size) FROM access_log_checkpoint WHERE tree = ? AND at_us < ?"
    ((size,),) = await database.fetch(query, tree, oldest_kept_us)
    start = await deleted_in(database, tree)
    end = start + LEAVES_PER_RUN - already_deleted
    end = min(size or 0, end) >> BUNDLE_BITS << BUNDLE_BITS
    step = BUNDLES_PER_STEP << BUNDLE_BITS
    for begin in range(start, end, step):
        ids = first_id(tree) + begin, first_id(tree) + min(begin + step, end)
        query = "SELECT id, body FROM access_log_leaf WHERE id >= ? AND id < ?"
        rows = await database.fetch(query, *ids)
        await database.write(
            [
                Statement(
                    "DELETE FROM access_log_person WHERE person = ? AND bundle = ?",
                    list(_person_rows(rows)),
                ),
                Statement("UPDATE access_log_leaf SET body = NULL WHERE id >= ? AND id < ?", [ids]),
                PUT._replace(rows=[(f"deleted:{tree}", b"%d" % min(begin + step, end))]),
            ]
        )
    return max(end - start, 0)


def _person_rows(rows: Iterable[Row]) -> set[tuple[bytes, int]]:
    """Return the rows of the index that the leaves have."""
    return {
        (bytes.fromhex(person), leaf >> BUNDLE_BITS)
        for leaf, body in rows
        if body is not None
        for person in orjson.loads(body).get("persons", ())
    }


async def _number(database: Database, name: str) -> int | None:
    rows = await database.fetch("SELECT value FROM access_log_meta WHERE name = ?", name)
    return int(bytes(rows[0][0])) if rows else None
