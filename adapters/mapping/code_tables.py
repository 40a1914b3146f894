"""Code tables: a department's codes, with the hub's word and the department's label of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a table.

    Attributes:
        code: the department's code, as text.
        meaning: the hub's word; None in a table without an enum.
        label: the department's label; None if there is none.
    """

    code: str
    meaning: Enum | None
    label: str | None


class CodeTable:
    """The codes of one table.

    Attributes:
        name: name of the table.
        enum: enum of the meanings; None in a table of labels.
        meanings: the hub's word, by code.
        labels: the department's label, by code.
        unknown: meaning of a code that is not in the table; None if the enum has no `UNKNOWN`.
    """

    def __init__(self, name: str, enum: type[Enum] | None, codes: Iterable[Code]) -> None:
        self.name = name
        self.enum = enum
        listed = list(codes)
        self.meanings: Mapping[str, Enum] = {c.code: c.meaning for c in listed if c.meaning}
        self.labels: Mapping[str, str] = {c.code: c.label for c in listed if c.label is not None}
        self.unknown = enum.__members__.get("UNKNOWN") if enum else None

    def codes_for(self, meanings: Iterable[Enum]) -> list[str]:
        """Return the department's codes with these meanings, for a search by status."""
        wanted = frozenset(meanings)
        return [code for code, meaning in self.meanings.items() if meaning in wanted]
