"""Cache of compiled row readers, one per set of requested fields."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cachetools import LRUCache

from adapters.mapping.access import (
    Access,
    MappingAccess,
    Shape,
    ShapeConflictError,
    StructAccess,
    compile_getter,
)
from adapters.mapping.compiler import RowReader, compile_reader
from adapters.mapping.rules import FieldRules, MappingContext
from schema.needed_fields import NeededFields

ENTRIES = 128
"""Maximum number of compiled readers per kind of row."""

Projection = tuple[bool, NeededFields]


@dataclass(frozen=True, slots=True)
class RowFunctions:
    """Functions that read rows of one form.

    Attributes:
        read: returns the record of a row.
        key_of: returns the raw key that a row belongs to; None for searches.
    """

    read: RowReader
    key_of: Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class RowReaders:
    """Functions that read the rows for one set of fields.

    Attributes:
        of_mappings: for rows that are mappings.
        of_structs: for rows that are structs of `shape`; None if the rules can't be applied to
            structs.
        shape: the fields that `of_structs` reads.
    """

    of_mappings: RowFunctions
    of_structs: RowFunctions | None
    shape: Shape | None


@dataclass(frozen=True, slots=True, eq=False)
class Readers:
    """Compiles and caches the readers of one kind of row.

    Attributes:
        record_type: type of the records.
        rules: rules of its fields.
        context: data of the department that all rules use.
        key: path from a row to the key that it belongs to; None for searches.
        row: path from a row to the record in it, if the row is an envelope.
    """

    record_type: type
    rules: FieldRules
    context: MappingContext
    key: str | None
    row: str | None
    _compiled: LRUCache[Projection, RowReaders] = field(
        init=False, default_factory=lambda: LRUCache(ENTRIES)
    )

    def readers_for(self, needed: NeededFields, *, for_merging: bool) -> RowReaders:
        """Return the readers for a set of fields; see `compile_reader`."""
        projection = (for_merging, needed)
        readers = self._compiled.get(projection)
        if readers is None:
            readers = self._compile(needed, for_merging=for_merging)
            self._compiled[projection] = readers
        return readers

    def _compile(self, needed: NeededFields, *, for_merging: bool) -> RowReaders:
        of_mappings = self._functions(needed, None, for_merging=for_merging)
        shape = Shape()
        try:
            of_structs = self._functions(needed, shape, for_merging=for_merging)
        except ShapeConflictError:
            return RowReaders(of_mappings, None, None)
        return RowReaders(of_mappings, of_structs, shape)

    def _functions(
        self, needed: NeededFields, shape: Shape | None, *, for_merging: bool
    ) -> RowFunctions:
        read = compile_reader(
            self.record_type,
            self.rules,
            self.context,
            needed,
            for_merging=for_merging,
            row=self.row,
            shape=shape,
        )
        return RowFunctions(read, _compile_key(self.key, shape) if self.key else None)


def _compile_key(path: str, shape: Shape | None) -> Callable[[Any], Any]:
    def expression(fresh: Callable[[str], str]) -> str:
        access: Access = MappingAccess() if shape is None else StructAccess(shape, fresh)
        return access.value("row", path)

    return compile_getter(expression)
