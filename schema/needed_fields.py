"""The fields of records that an operation reads."""

from collections.abc import Iterable, Mapping
from typing import final


@final
class NeededFields:
    """The fields that an operation reads, by record type. Immutable and hashable.

    A record type without an entry is needed whole. Adapters may leave other fields unread.

    Args:
        fields: Python names of the fields, by the name of the record type.
    """

    __slots__ = ("_fields", "_hash")

    def __init__(self, fields: Mapping[str, Iterable[str]] | None = None) -> None:
        self._fields = {name: frozenset(names) for name, names in (fields or {}).items()}
        self._hash = hash(frozenset(self._fields.items()))

    def of(self, record_type: type) -> frozenset[str] | None:
        """Return the fields needed of a record type; None if it is needed whole."""
        return self._fields.get(record_type.__name__)

    @property
    def by_type(self) -> Mapping[str, frozenset[str]]:
        """The fields needed, by the name of the record type."""
        return self._fields

    def adding(self, record_type: type, names: Iterable[str]) -> "NeededFields":
        """Return a copy that also needs these fields of a record type."""
        known = self.of(record_type)
        if known is None:
            return self
        return NeededFields({**self._fields, record_type.__name__: known.union(names)})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NeededFields) and self._fields == other._fields

    def __hash__(self) -> int:
        return self._hash


ALL_FIELDS = NeededFields()
"""Every record type is needed whole."""
