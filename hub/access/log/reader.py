"""Reads entries: the pages of a person's access log, and the entries of a time."""

import heapq
import json
from collections.abc import AsyncIterator, Collection, Sequence
from itertools import islice
from typing import Any, NamedTuple

import orjson

from hub.access.log.database import Database, with_values
from hub.access.log.leaves import text_of
from hub.access.log.tree import BUNDLE_BITS, PARENT, TREE_BITS, first_id
from schema.connections import SortKey
from schema.errors import bad_input

LEAVES_AT_ONCE = 2_000
BUNDLES = (
    "SELECT DISTINCT bundle FROM access_log_person WHERE person IN (?*) "
    "AND bundle >= ? AND bundle < ? AND at_us <= ? ORDER BY bundle DESC LIMIT ?"
)


class Found(NamedTuple):
    """An entry in the log.

    Attributes:
        at_us: when it was written, in microseconds since 1970 (UTC).
        leaf: id of its leaf.
        body: its content.
    """

    at_us: int
    leaf: int
    body: dict[str, Any]

    @property
    def sort_key(self) -> SortKey:
        return float(self.at_us), str(self.leaf)


class LogReader:
    """Reads the log's entries from its database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._sets: dict[str, list[str]] = {}

    async def page(
        self, persons: Collection[bytes], first: int, after: SortKey | None
    ) -> tuple[list[Found], bool]:
        """Return accesses to the data of these persons, newest first, and whether there are more.

        Raises:
            HubError: `BAD_USER_INPUT`, a cursor of a different list.
        """
        start = None if after is None else _position_of(after)
        trees = await self.trees()
        found = [await self._in_tree(each, persons, first + 1, start) for each in trees]
        newest = list(islice(heapq.merge(*found, reverse=True, key=lambda f: f[:2]), first + 1))
        return newest[:first], len(newest) > first

    async def one(self, persons: Collection[bytes], sort_key: SortKey) -> Found | None:
        """Return the access with this sort key, if it was to the data of one of the persons."""
        at_us, leaf = _position_of(sort_key)
        query = "SELECT at_us, id, body FROM access_log_leaf WHERE id = ? AND at_us = ?"
        rows = await self._database.fetch(query, leaf, at_us)
        found = _accesses(rows, {text_of(each) for each in persons})
        return found[0] if found else None

    async def trees(self) -> list[int]:
        """Return the numbers of the trees that have entries."""
        query = "SELECT tree FROM access_log_tree WHERE tree > ? ORDER BY tree"
        return [tree for (tree,) in await self._database.fetch(query, PARENT)]

    async def fields(self, digest: str) -> list[str]:
        """Return the names of the fields in a set; an empty list if the set is not stored."""
        if digest not in self._sets:
            query = "SELECT content FROM access_log_fields WHERE digest = ?"
            rows = await self._database.fetch(query, digest.encode())
            self._sets[digest] = json.loads(rows[0][0]) if rows else []
        return self._sets[digest]

    async def between(self, start_us: int, end_us: int) -> AsyncIterator[Found]:
        """Yield the entries that were written in this time, in the order of each tree."""
        for tree in await self.trees():
            leaf = await self._first_since(tree, start_us)
            while True:
                query = (
                    "SELECT at_us, id, body FROM access_log_leaf "
                    "WHERE id >= ? AND id < ? ORDER BY id LIMIT ?"
                )
                rows = await self._database.fetch(query, leaf, first_id(tree + 1), LEAVES_AT_ONCE)
                for at_us, found, body in rows:
                    if at_us < end_us and body is not None:
                        yield Found(at_us, found, orjson.loads(body))
                if len(rows) < LEAVES_AT_ONCE or rows[-1][0] >= end_us:
                    break
                leaf = rows[-1][1] + 1

    async def _first_since(self, tree: int, moment_us: int) -> int:
        """Return the id of the tree's first leaf at or after a moment."""
        query = "SELECT size FROM access_log_tree WHERE tree = ?"
        ((size,),) = await self._database.fetch(query, tree)
        low, high = first_id(tree), first_id(tree) + size
        while low < high:
            middle = (low + high) // 2
            query = "SELECT at_us FROM access_log_leaf WHERE id = ?"
            rows = await self._database.fetch(query, middle)
            if rows and rows[0][0] < moment_us:
                low = middle + 1
            else:
                high = middle
        return low

    async def _in_tree(
        self, tree: int, persons: Collection[bytes], wanted: int, start: tuple[int, int] | None
    ) -> list[Found]:
        """Return at most `wanted` accesses in one tree that come after `start`, newest first."""
        texts = {text_of(each) for each in persons}
        query = with_values(BUNDLES, len(persons))
        lowest = first_id(tree) >> BUNDLE_BITS
        until = first_id(tree + 1) >> BUNDLE_BITS
        latest_us = 1 << 62 if start is None else start[0]
        if start is not None and start[1] >> TREE_BITS == tree:
            until = (start[1] >> BUNDLE_BITS) + 1
        found: list[Found] = []
        while len(found) < wanted:
            parameters = (*persons, lowest, until, latest_us, wanted + 1)
            bundles = await self._database.fetch(query, *parameters)
            for (bundle,) in bundles:
                accesses = await self._in_bundle(bundle, texts)
                found += [each for each in accesses if start is None or each[:2] < start]
                if len(found) >= wanted:
                    break
                until = bundle
            if len(bundles) <= wanted:
                break
        return found[:wanted]

    async def _in_bundle(self, bundle: int, persons: set[str]) -> list[Found]:
        query = (
            "SELECT at_us, id, body FROM access_log_leaf "
            "WHERE id >= ? AND id < ? AND body IS NOT NULL ORDER BY id DESC"
        )
        ids = bundle << BUNDLE_BITS, (bundle + 1) << BUNDLE_BITS
        return _accesses(await self._database.fetch(query, *ids), persons)


def _accesses(rows: Sequence[Sequence[Any]], persons: set[str]) -> list[Found]:
    """Return the accesses to the data of one of the persons, in the order of the rows."""
    found: list[Found] = []
    names = [each.encode() for each in persons]
    for at_us, leaf, body in rows:
        # Decoding costs more than the search, and most entries of a bundle are about others.
        if body is not None and any(name in body for name in names):
            content = orjson.loads(body)
            if content["kind"] == "access" and not persons.isdisjoint(content["persons"]):
                found.append(Found(at_us, leaf, content))
    return found


def _position_of(sort_key: SortKey) -> tuple[int, int]:
    at_us, leaf = sort_key
    try:
        position = int(at_us), int(leaf)
    except (ValueError, OverflowError):
        raise bad_input("`after` is a cursor of a different list.") from None
    if not 0 <= position[0] < 1 << 62 or not 0 <= position[1] < 1 << 62:
        raise bad_input("`after` is a cursor of a different list.")
    return position
