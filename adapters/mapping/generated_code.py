"""Generated functions: their source text, and the helpers that generated row readers call."""

import reprlib
from collections.abc import Mapping
from typing import Any

from schema.provenance import SourceWarning


class FunctionSource:
    """Lines of Python, and the objects that its names stand for."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.names = names
        self._count = 0

    def add(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def fresh(self, prefix: str) -> str:
        """A name that nothing has yet."""
        self._count += 1
        return f"{prefix}{self._count}"

    def named(self, prefix: str, value: object) -> str:
        """A name that stands for the object."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def function(self, name: str, parameters: str, filename: str) -> Any:
        """Makes the lines the body of a function."""
        code = f"def {name}({parameters}):\n" + "\n".join(self.lines)
        exec(compile(code, filename, "exec"), self.names)  # noqa: S102
        return self.names[name]


EMPTY: Mapping[str, Any] = {}
RAW_LIMIT = 120


class MissingFieldError(ValueError):
    """A row lacks a field that its record can't be without; the message is the field's name."""


def note_invalid(notes: list[SourceWarning], field: str, base: Any, steps: tuple[str, ...]) -> None:
    """Records a value that does not fit, with its raw form if it can be reached."""
    found = base
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else getattr(found, step, None)
    if isinstance(found, Mapping | list):
        # In place of a value there may be the whole reply: only its beginning is written out.
        found = reprlib.repr(found)
    raw = None if found is None else str(found)[:RAW_LIMIT]
    notes.append(SourceWarning(code="INVALID_VALUE", field_path=field, raw=raw))


def note_unknown_code(notes: list[SourceWarning], field: str, raw: str) -> None:
    notes.append(SourceWarning(code="UNKNOWN_CODE", field_path=field, raw=raw[:RAW_LIMIT]))
