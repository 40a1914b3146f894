"""Readers of one kind of row, compiled once for each set of fields that operations ask for."""

from cachetools import LRUCache

from adapters.contract import NeededFields
from adapters.mapping.compiler import RowReader, compile_reader
from adapters.mapping.context import MappingContext
from adapters.mapping.rules import FieldRules

ENTRIES = 128

Key = tuple[bool, tuple[tuple[str, frozenset[str]], ...]]


class Readers:
    """Gives the reader for what an operation needs; a bounded number of them is kept."""

    def __init__(self, record_type: type, rules: FieldRules, context: MappingContext) -> None:
        self._record_type = record_type
        self._rules = rules
        self._context = context
        self._compiled: LRUCache[Key, RowReader] = LRUCache(ENTRIES)

    def reader_for(self, needed: NeededFields, *, for_merging: bool) -> RowReader:
        key = (for_merging, tuple(sorted(needed.items())))
        reader = self._compiled.get(key)
        if reader is None:
            reader = compile_reader(
                self._record_type, self._rules, self._context, needed, for_merging=for_merging
            )
            self._compiled[key] = reader
        return reader
