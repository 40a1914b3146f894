"""Writes the access log to files that an auditor verifies without the hub (C2SP tlog-tiles).

log.json                    name, public keys and trees of the log
verify.py                   the verifier
fields/DIGEST.json          the sets of fields that records name
trees/N/checkpoint          newest checkpoint of tree N
trees/N/checkpoints/SIZE    all checkpoints
trees/N/tile/L/…            hashes of level L
trees/N/tile/entries/…      the records, 256 to a file
"""

import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hub.access.log import verifier
from hub.access.log.database import Database
from hub.access.log.keys import origin_prefix, public_keys
from hub.access.log.merkle import HASH_BYTES, node_hash
from hub.access.log.retention import deleted_in
from hub.access.log.tree import first_id
from hub.access.log.verifier import LENGTH, MISSING, WIDTH, tile_path

ROWS_AT_ONCE = 8 * WIDTH
MAX_BYTES = 65_535
Leaf = tuple[int, bytes, bytes | None]
"""Index, hash and content of a record; the content is None if it was deleted."""


async def export(database: Database, folder: Path) -> int:
    """Write the log to a new folder. Return the number of records.

    Raises:
        FileExistsError: the folder exists and is not empty.
    """
    _make_empty(folder)
    trees: dict[int, dict[str, int]] = {}
    for (tree,) in await database.fetch("SELECT tree FROM access_log_tree ORDER BY tree"):
        size = await _export_tree(database, tree, folder / "trees" / str(tree))
        trees[tree] = {"size": size, "deleted": await deleted_in(database, tree)}
    await _export_fields(database, folder / "fields")
    about: dict[str, object] = {
        "log": await origin_prefix(database),
        "keys": [key.hex() for key in await public_keys(database)],
        "trees": trees,
    }
    _write_about(folder, about)
    return sum(each["size"] for each in trees.values())


def _make_empty(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    if any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty")


def _write_about(folder: Path, about: Mapping[str, object]) -> None:
    (folder / "log.json").write_text(json.dumps(about, indent=2) + "\n")
    (folder / "verify.py").write_text(Path(verifier.__file__).read_text())


async def leaves_in(database: Database, tree: int, size: int) -> AsyncIterator[list[Leaf]]:
    """Yield the records of a tree up to a size, in their order.

    The hash of a record that is missing in the database is zero.
    """
    leaf = first = first_id(tree)
    query = (
        "SELECT id, hash, body FROM access_log_leaf WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
    )
    while rows := await database.fetch(query, leaf, first + size, ROWS_AT_ONCE):
        found: list[Leaf] = []
        for number, digest, body in rows:
            found += [(each - first, MISSING, None) for each in range(leaf, number)]
            found.append((number - first, _hash(digest), _bytes(body)))
            leaf = number + 1
        yield found
    if leaf < first + size:
        yield [(each - first, MISSING, None) for each in range(leaf, first + size)]


def _bytes(value: Any) -> bytes | None:
    """Return a column's value as bytes: SQLite stores what a changed row contains, of any type."""
    if value is None or isinstance(value, bytes):
        return value
    return str(value).encode(errors="backslashreplace")


def _hash(value: Any) -> bytes:
    digest = _bytes(value)
    return digest if digest is not None and len(digest) == HASH_BYTES else MISSING


async def checkpoints_of(database: Database, tree: int) -> Sequence[tuple[int, bytes]]:
    """Return size and note of each checkpoint of a tree."""
    query = "SELECT size, note FROM access_log_checkpoint WHERE tree = ? ORDER BY size"
    return [(size, bytes(note)) for size, note in await database.fetch(query, tree)]


async def _export_tree(database: Database, tree: int, folder: Path) -> int:
    """Write a tree up to its newest checkpoint. Return its size."""
    checkpoints = await checkpoints_of(database, tree)
    (folder / "checkpoints").mkdir(parents=True)
    for size, note in checkpoints:
        (folder / "checkpoints" / f"{size:012d}").write_bytes(note)
    newest, note = checkpoints[-1] if checkpoints else (0, b"")
    (folder / "checkpoint").write_bytes(note)
    hashes: list[bytes] = []
    waiting: list[Leaf] = []
    async for leaves in leaves_in(database, tree, newest):
        hashes += [digest for _, digest, _ in leaves]
        waiting += leaves
        while len(waiting) >= WIDTH:
            _write_bundle(folder, waiting[:WIDTH])
            del waiting[:WIDTH]
    if waiting:
        _write_bundle(folder, waiting)
    _write_tiles(folder, hashes)
    return newest


def _write_bundle(folder: Path, leaves: Sequence[Leaf]) -> None:
    # A longer content was changed. Cut off, it still does not have its hash.
    contents = [(content or b"")[:MAX_BYTES] for _, _, content in leaves]
    if any(contents):
        packed = b"".join(LENGTH.pack(len(each)) + each for each in contents)
        path = tile_path(leaves[0][0] // WIDTH, len(leaves))
        _write(folder / "tile" / "entries" / path, packed)


def _write_tiles(folder: Path, hashes: list[bytes]) -> None:
    level = 0
    while hashes:
        for start in range(0, len(hashes), WIDTH):
            tile = hashes[start : start + WIDTH]
            path = tile_path(start // WIDTH, len(tile))
            _write(folder / "tile" / str(level) / path, b"".join(tile))
        complete = len(hashes) // WIDTH * WIDTH
        hashes = [_root(hashes[start : start + WIDTH]) for start in range(0, complete, WIDTH)]
        level += 1


def _root(hashes: Iterable[bytes]) -> bytes:
    """Return the root of a complete tile."""
    level = list(hashes)
    while len(level) > 1:
        level = [node_hash(*level[index : index + 2]) for index in range(0, len(level), 2)]
    return level[0]


async def _export_fields(database: Database, folder: Path) -> None:
    for digest, content in await database.fetch("SELECT digest, content FROM access_log_fields"):
        _write(folder / f"{bytes(digest).decode()}.json", content)


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
