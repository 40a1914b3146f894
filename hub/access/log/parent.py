"""The parent tree: its leaves are checkpoints of the other trees.

An auditor who keeps one checkpoint of the parent tree can prove that none of the other trees was
cut off or replaced.
"""

import orjson

from hub.access.log.database import ConflictError, Database
from hub.access.log.leaves import Leaf
from hub.access.log.tree import PARENT, TreeWriter, first_id

NEWEST = (
    "SELECT checkpoint.tree, checkpoint.size, checkpoint.note "
    "FROM access_log_checkpoint AS checkpoint JOIN (SELECT tree, max(size) AS size "
    "FROM access_log_checkpoint WHERE tree > ? GROUP BY tree) AS newest "
    "ON newest.tree = checkpoint.tree AND newest.size = checkpoint.size ORDER BY checkpoint.tree"
)
ADDED = "SELECT body FROM access_log_leaf WHERE id < ? AND body IS NOT NULL ORDER BY id"


async def add_checkpoints(database: Database, own: TreeWriter) -> None:
    """Append the newest checkpoint of each tree, if the log has several trees."""
    newest = await database.fetch(NEWEST, PARENT)
    if len(newest) < 2:
        return
    added: dict[int, int] = {}
    for (body,) in await database.fetch(ADDED, first_id(PARENT + 1)):
        content = orjson.loads(body)
        added[content["tree"]] = content["size"]
    leaves = [
        Leaf(orjson.dumps(_body(tree, size, bytes(note))), ())
        for tree, size, note in newest
        if added.get(tree) != size
    ]
    if not leaves:
        return
    parent = TreeWriter(database, own.signer, own.prefix)
    await parent.open(PARENT)
    try:
        await parent.append(leaves, {})
    except ConflictError:
        # Another process added the checkpoints at the same time.
        return
    await parent.sign()


def _body(tree: int, size: int, note: bytes) -> dict[str, object]:
    return {"kind": "checkpoint", "tree": tree, "size": size, "note": note.decode()}
