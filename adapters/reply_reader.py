"""Maps the rows of a department's reply to records."""

from collections.abc import Iterable, Sequence
from typing import Any

from adapters.connectors.connector import RowsOfReply
from adapters.mapping.compiler import SharedObjects
from adapters.mapping.generated_code import MissingFieldError
from adapters.mapping.readers import RowReaders
from schema.codes import WarningCode
from schema.provenance import Origin, Record, SourceWarning


class ReplyReader:
    """Maps the rows of one reply."""

    def __init__(self, readers: RowReaders, reply: RowsOfReply, origin: Origin) -> None:
        functions = readers.of_structs if reply.are_structs else readers.of_mappings
        assert functions is not None
        self._functions = functions
        self._origin = origin
        self._shared: SharedObjects = {}

    def raw_key_of(self, row: Any) -> Any:
        """Return the key that a row belongs to, as the department writes it."""
        return self._functions.key_of(row)  # type: ignore[misc]

    def read(self, rows: Iterable[Any], records: list[Record]) -> list[SourceWarning]:
        """Append the rows' records to `records`; return the warnings."""
        warnings: list[SourceWarning] = []
        read, origin, shared = self._functions.read, self._origin, self._shared
        notes: list[SourceWarning] = []
        for row in rows:
            try:
                record = read(row, origin, notes, shared)
                if record is not None:
                    records.append(record)
            except MissingFieldError as error:
                notes.append(SourceWarning(code=WarningCode.UNUSABLE_ROW, field_path=str(error)))
            if notes:
                warnings += notes
                notes = []
        return warnings

    def usable(self, rows: Sequence[Any]) -> list[int]:
        """Return the indexes of the rows that have a record."""

        def has_record(row: Any) -> bool:
            records: list[Record] = []
            self.read([row], records)
            return bool(records)

        return [index for index, row in enumerate(rows) if row is not None and has_record(row)]
