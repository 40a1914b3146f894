"""A cache of documents that a flood of documents cannot empty."""

from collections.abc import Callable
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")
Key = tuple[str, str | None]

NEW_SHARE = 4
"""One part in four of the cache is for documents that were used once."""


class DocumentCache(Generic[Value]):
    """Bounded cache by text and operation name.

    A new document goes to a small part of the cache, and moves to the large part when it is used
    again. So documents that are sent once displace each other, and not those of the portals.

    Args:
        weight: maximum total weight of the values.
        weight_of: returns the weight of a value.
    """

    def __init__(self, weight: int, weight_of: Callable[[Value], int]) -> None:
        new = weight // NEW_SHARE
        self._new: LRUCache[Key, Value] = LRUCache(new, weight_of)
        self._used: LRUCache[Key, Value] = LRUCache(weight - new, weight_of)
        self._weight_of = weight_of

    def __len__(self) -> int:
        return len(self._new) + len(self._used)

    def get(self, key: Key) -> Value | None:
        """Return the value, or None."""
        found = self._used.get(key)
        if found is None:
            found = self._new.pop(key, None)
            if found is not None:
                self._store(self._used, key, found)
        return found

    def add(self, key: Key, value: Value) -> None:
        """Add a new value. A value heavier than its part of the cache is not kept."""
        self._store(self._new, key, value)

    def _store(self, part: "LRUCache[Key, Value]", key: Key, value: Value) -> None:
        if self._weight_of(value) <= part.maxsize:
            part[key] = value
