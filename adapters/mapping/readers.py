"""Readers of one kind of row, compiled once for each set of fields that operations ask for."""

from collections.abc import Callable
from dataclasses import dataclass
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

Projection = tuple[bool, NeededFields]


@dataclass(frozen=True, slots=True)
class RowFunctions:
    """How rows of one form are read.

    Attributes:
        read: gives a row's record.
        key_of: gives the raw key that a row answers; None where rows have none (searches).
    """

    read: RowReader
    key_of: Callable[[Any], Any] | None


@dataclass(frozen=True, slots=True, eq=False)
class RowReaders:
    """How rows are read for one set of fields.

    Attributes:
        of_mappings: for rows as most wires give them.
        of_structs: for rows that a connector has decoded into structs of `shape`; None where the
            rules can't be read that way.
        shape: what `of_structs` looks at in a row.
    """

    of_mappings: RowFunctions
    of_structs: RowFunctions | None
    shape: Shape | None


class Readers:
    """Gives the readers for what an operation needs; a bounded number of them is kept.

    Args:
        record_type: what rows are read into.
        rules: how.
        context: what holds for the whole department.
        key: path from a row to the key that it answers.
        row: path from a row to the record in it, where the row is an envelope.
    """

    def __init__(
        self,
        record_type: type,
        rules: FieldRules,
        context: MappingContext,
        key: str | None,
        row: str | None,
    ) -> None:
        self._record_type = record_type
        self._rules = rules
        self._context = context
        self._key = key
        self._row = row
        self._compiled: LRUCache[Projection, RowReaders] = LRUCache(ENTRIES)

    def readers_for(self, needed: NeededFields, *, for_merging: bool) -> RowReaders:
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
            self._record_type,
            self._rules,
            self._context,
            needed,
            for_merging=for_merging,
            row=self._row,
            shape=shape,
        )
        return RowFunctions(read, _compile_key(self._key, shape) if self._key else None)


def _compile_key(path: str, shape: Shape | None) -> Callable[[Any], Any]:
    def expression(fresh: Callable[[str], str]) -> str:
        access: Access = MappingAccess() if shape is None else StructAccess(shape, fresh)
        return access.value("row", path)

    return compile_getter(expression)
