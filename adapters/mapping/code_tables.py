"""Code tables: a department's codes, the hub's word for each, and the department's label."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum


@dataclass(frozen=True, slots=True)
class Code:
    """One line of a code table.

    Attributes:
        code: the department's code, as text.
        meaning: the hub's word; None in a table of labels only.
        label: the department's words.
    """

    code: str
    meaning: Enum | None
    label: str | None


class CodeTable:
    """Total over its enum's `UNKNOWN`: a code that is not listed is that, and is told."""

    def __init__(self, name: str, enum: type[Enum] | None, codes: Iterable[Code]) -> None:
        self.name = name
        self.enum = enum
        listed = list(codes)
        self.meanings: Mapping[str, Enum] = {c.code: c.meaning for c in listed if c.meaning}
        self.labels: Mapping[str, str] = {c.code: c.label for c in listed if c.label is not None}
        self.unknown = enum.__members__.get("UNKNOWN") if enum else None

    def codes_for(self, meanings: Iterable[Enum]) -> list[str]:
        """The department's codes for these words: what a search by status asks for."""
        wanted = frozenset(meanings)
        return [code for code, meaning in self.meanings.items() if meaning in wanted]
