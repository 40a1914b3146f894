"""Writes code tables from the values that a description lists."""

import json
from dataclasses import dataclass, field
from enum import Enum

from adapters.mapping.targets import Target
from adapters.workbench.introspection.description import ValueShape
from adapters.workbench.introspection.vocabulary import MEANINGS

MOST_CODES = 80


@dataclass(slots=True)
class GuessedTable:
    """A table of `codes.yaml`: its enum, and the guessed meaning of each code."""

    enum: type[Enum]
    meanings: dict[str, str] = field(default_factory=dict)


def enum_rule(
    subject: str,
    target: Target,
    path: str,
    shape: ValueShape | None,
    tables: dict[str, GuessedTable],
) -> str:
    """Return the rule of a field with codes, and add its code table to `tables`."""
    name = f"{subject}_{target.name.removeprefix(subject).lower()}"
    table = tables.setdefault(name, GuessedTable(target.type))
    for code in (shape.values if shape else ())[:MOST_CODES]:
        table.meanings[code] = meaning_of(code, target.type)
    return f"{{path: {json.dumps(path, ensure_ascii=False)}, codes: {name}}}"


def meaning_of(code: str, enum: type[Enum]) -> str:
    """Guess which member of the enum the code means."""
    plain = "".join(letter for letter in code.upper() if letter.isalnum())
    for member in enum.__members__:
        if member.replace("_", "") == plain:
            return member
    guessed = MEANINGS.get(plain.lower(), "UNKNOWN")
    if guessed in enum.__members__:
        return guessed
    return "UNKNOWN" if "UNKNOWN" in enum.__members__ else next(iter(enum.__members__))
