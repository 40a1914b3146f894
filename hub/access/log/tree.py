"""The Merkle tree that this process writes, in the database."""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.access.log.database import Database, Statement
from hub.access.log.leaves import Leaf
from hub.access.log.merkle import Frontier, leaf_hash
from hub.access.log.notes import Signer

TREE_BITS = 40
"""Bits of a leaf's id for its index; the tree's number is in the bits above."""
BUNDLE_BITS = 8
"""An entry bundle has 256 leaves (C2SP tlog-tiles)."""
CHECKPOINT_SECONDS = 1.0
CHECKPOINT_LEAVES = 1_000
PARENT = 0
"""The tree that contains the checkpoints of the others."""

NEW_TREE = (
    "INSERT INTO access_log_tree (tree, size, frontier) VALUES (?, 0, ?) "
    "ON CONFLICT (tree) DO NOTHING"
)
GROW = "UPDATE access_log_tree SET size = ?, frontier = ? WHERE tree = ? AND size = ?"
PUT_LEAF = "INSERT INTO access_log_leaf (id, at_us, hash, body) VALUES (?, ?, ?, ?)"
PUT_PERSON = (
    "INSERT INTO access_log_person (person, bundle, at_us) VALUES (?, ?, ?) "
    "ON CONFLICT (person, bundle) DO NOTHING"
)
PUT_FIELDS = "INSERT INTO access_log_fields VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
PUT_CHECKPOINT = (
    "INSERT INTO access_log_checkpoint (tree, size, at_us, note) VALUES (?, ?, ?, ?) "
    "ON CONFLICT (tree, size) DO NOTHING"
)


def first_id(tree: int) -> int:
    """Return the id of the tree's first leaf."""
    return tree << TREE_BITS


def origin_of(prefix: str, tree: int) -> str:
    return f"{prefix}/{tree}"


@dataclass(slots=True)
class TreeWriter:
    """Appends leaves to the tree that this process has claimed, and signs its checkpoints.

    Attributes:
        database: the log's database.
        signer: signs checkpoints.
        prefix: name of the log.
        tree: number of the tree.
        frontier: the tree as it is in the database.
        checkpoint: the newest signed checkpoint.
    """

    database: Database
    signer: Signer
    prefix: str
    tree: int = 0
    frontier: Frontier = field(default_factory=Frontier)
    checkpoint: bytes = b""
    _at_us: int = 0
    _signed_size: int = -1
    _signed_at: float = 0.0
    _bundle: int = -1
    _in_bundle: set[bytes] = field(default_factory=set)
    _stored_sets: set[str] = field(default_factory=set)
    _is_stale: bool = False

    async def open(self, tree: int | None = None) -> None:
        """Read the state of a tree. If `tree` is None, claim one that no other process writes."""
        self.tree = await self.database.claim() if tree is None else tree
        await self._load()
        await self.sign()

    async def _load(self) -> None:
        self.frontier = await load_frontier(self.database, self.tree)
        query = "SELECT size, at_us, note FROM access_log_checkpoint WHERE tree = ?"
        newest = await self.database.fetch(f"{query} ORDER BY size DESC LIMIT 1", self.tree)
        self._signed_size, signed_us, self.checkpoint = newest[0] if newest else (-1, 0, b"")
        query = "SELECT at_us FROM access_log_leaf WHERE id = ?"
        last = await self.database.fetch(query, first_id(self.tree) + self.frontier.size - 1)
        self._at_us = last[0][0] if last else signed_us
        self._bundle, self._in_bundle, self._stored_sets = -1, set(), set()
        self._is_stale = False

    async def append(self, leaves: Sequence[Leaf], sets: Mapping[str, bytes]) -> None:
        """Append leaves, and return when they are on the disk.

        After a failure, the same leaves may be in the tree or not; see `recover`.

        Args:
            sets: the sets of fields that the leaves name, by digest.
        """
        if self._is_stale:
            await self._load()
        self._is_stale = True
        hashes = [leaf_hash(each.content) for each in leaves]
        grown = self.frontier.appended(hashes)
        # Times in a tree never go back, so that they can be searched and pages stay in order.
        at_us = max(self._at_us, time.time_ns() // 1000)
        first = first_id(self.tree) + self.frontier.size
        statements = [
            self._grow(grown),
            Statement(
                PUT_LEAF,
                [
                    (first + index, at_us, digest, leaf.content)
                    for index, (leaf, digest) in enumerate(zip(leaves, hashes, strict=True))
                ],
            ),
        ]
        if rows := self._person_rows(leaves, first, at_us):
            statements.append(Statement(PUT_PERSON, rows))
        new_sets = {each: sets[each] for each in sets if each not in self._stored_sets}
        if new_sets:
            contents = [(digest.encode(), content) for digest, content in new_sets.items()]
            statements.append(Statement(PUT_FIELDS, contents))
        note = None
        if self._second_has_passed() or grown.size - self._signed_size >= CHECKPOINT_LEAVES:
            note = self._note(grown)
            now_us = await self.database.now_us()
            statements.append(Statement(PUT_CHECKPOINT, [(self.tree, grown.size, now_us, note)]))
        await self.database.write(statements)
        self.frontier, self._at_us = grown, at_us
        self._stored_sets.update(new_sets)
        self._is_stale = False
        if note is not None:
            self._signed(grown, note)

    async def recover(self, leaves: Sequence[Leaf]) -> bool:
        """Read the tree's state again after a failure. Return whether the leaves are in it."""
        last = first_id(self.tree) + self.frontier.size + len(leaves) - 1
        found = await self.database.fetch("SELECT hash FROM access_log_leaf WHERE id = ?", last)
        is_written = bool(found) and bytes(found[0][0]) == leaf_hash(leaves[-1].content)
        self.tree = await self.database.claim()
        await self._load()
        return is_written

    async def sign(self) -> None:
        """Sign and store a checkpoint, if the tree has grown since the last one."""
        if self._is_stale:
            await self._load()
        if self.frontier.size == self._signed_size:
            return
        note, now_us = self._note(self.frontier), await self.database.now_us()
        row = (self.tree, self.frontier.size, now_us, note)
        await self.database.write([Statement(PUT_CHECKPOINT, [row])])
        self._signed(self.frontier, note)

    def _grow(self, grown: Frontier) -> Statement:
        row = (grown.size, grown.to_bytes(), self.tree, self.frontier.size)
        return Statement(GROW, [row], changes=1)

    def _person_rows(
        self, leaves: Iterable[Leaf], first: int, at_us: int
    ) -> list[tuple[bytes, int, int]]:
        """Return the rows of people who are new in their bundle."""
        rows: list[tuple[bytes, int, int]] = []
        persons: Sequence[bytes] | None = None
        for index, leaf in enumerate(leaves, first):
            bundle = index >> BUNDLE_BITS
            if bundle != self._bundle:
                self._bundle, self._in_bundle = bundle, set()
            elif leaf.persons is persons:
                # Leaves about the same people share the list.
                continue
            persons = leaf.persons
            new = [each for each in leaf.persons if each not in self._in_bundle]
            self._in_bundle.update(new)
            rows += [(each, bundle, at_us) for each in new]
        return rows

    @property
    def checkpoint_is_due(self) -> bool:
        """Whether leaves have waited for a checkpoint for `CHECKPOINT_SECONDS`."""
        return self.frontier.size != self._signed_size and self._second_has_passed()

    def _second_has_passed(self) -> bool:
        return time.monotonic() - self._signed_at >= CHECKPOINT_SECONDS

    def _note(self, frontier: Frontier) -> bytes:
        origin = origin_of(self.prefix, self.tree)
        return self.signer.checkpoint(origin, frontier.size, frontier.root())

    def _signed(self, frontier: Frontier, note: bytes) -> None:
        self.checkpoint, self._signed_size = note, frontier.size
        self._signed_at = time.monotonic()


async def load_frontier(database: Database, tree: int) -> Frontier:
    """Return a tree's frontier. The tree is created if it does not exist."""
    query = "SELECT size, frontier FROM access_log_tree WHERE tree = ?"
    rows = await database.fetch(query, tree)
    if not rows:
        await database.write([Statement(NEW_TREE, [(tree, b"")])])
        return Frontier()
    size, hashes = rows[0]
    return Frontier(size, bytes(hashes))


async def newest_checkpoint(database: Database, tree: int) -> bytes | None:
    """Return a tree's newest signed checkpoint; None if it has none."""
    query = "SELECT note FROM access_log_checkpoint WHERE tree = ? ORDER BY size DESC LIMIT 1"
    rows = await database.fetch(query, tree)
    return bytes(rows[0][0]) if rows else None
