"""Code tables: a department's codes, with the hub's word and a label for citizens of each."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from schema.language import Text


@dataclass(frozen=True, slots=True)
class Code:
    """One code of a table.

    Attributes:
        code: the department's code, as text.
        meaning: the hub's word; None in a table without an enum.
        label: the label for citizens; None if there is none.
    """

    code: str
    meaning: Enum | None
    label: Text | None


class CodeTable:
    """The codes of one table.

    Attributes:
        name: name of the table.
        enum: enum of the meanings; None in a table of labels.
        meanings: the hub's word, by code.
        labels: the label for citizens, by code.
        translations: the labels by their English text, and by code.
        unknown: meaning of a code that is not in the table; None if the enum has no `UNKNOWN`.
        is_partial: whether a code that is not in the table means "no value".
    """

    def __init__(
        self,
        name: str,
        enum: type[Enum] | None,
        codes: Iterable[Code],
        *,
        is_partial: bool = False,
    ) -> None:
        self.name = name
        self.is_partial = is_partial
        self.enum = enum
        listed = list(codes)
        self.meanings: Mapping[str, Enum] = {c.code: c.meaning for c in listed if c.meaning}
        self.labels: Mapping[str, Text] = {c.code: c.label for c in listed if c.label is not None}
        by_text = {text.en: text for text in self.labels.values()}
        self.translations: Mapping[str, Text] = {**self.labels, **by_text}
        self.unknown = enum.__members__.get("UNKNOWN") if enum else None
        self._codes: dict[str, str] = {}
        for each in listed:
            word = each.meaning.name if each.meaning else each.label.en if each.label else ""
            if word:
                self._codes.setdefault(_plain(word), each.code)

    def codes_for(self, meanings: Iterable[Enum]) -> list[str]:
        """Return the department's codes with these meanings, for a search by status."""
        wanted = frozenset(meanings)
        return [code for code, meaning in self.meanings.items() if meaning in wanted]

    @property
    def words(self) -> Iterable[str]:
        """The words that `code_of` translates, in their order."""
        return self._codes.keys()

    def code_of(self, word: str) -> str | None:
        """Return the department's code for a word, to send it; None if there is none.

        The word is one of the enum, or an English text of a table without an enum. Upper and lower
        case are the same, and so are blanks and `_`. Of several codes, the first is returned.
        """
        return self._codes.get(_plain(word))


def _plain(word: str) -> str:
    return " ".join(word.replace("_", " ").split()).casefold()
