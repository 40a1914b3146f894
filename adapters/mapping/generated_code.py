"""Generated functions: their source text, and the helpers that generated row readers call."""

import json
from collections.abc import Mapping
from typing import Any

from schema.codes import WarningCode
from schema.provenance import SourceWarning


class FunctionSource:
    """Source of a generated function while it is written.

    Attributes:
        lines: lines of the function's body.
        names: objects that the code uses, by variable name.
    """

    def __init__(self, names: dict[str, Any]) -> None:
        self.lines: list[str] = []
        self.names = names
        self._count = 0

    def add(self, indent: int, line: str) -> None:
        self.lines.append("    " * indent + line)

    def fresh(self, prefix: str) -> str:
        """Return an unused variable name."""
        self._count += 1
        return f"{prefix}{self._count}"

    def named(self, prefix: str, value: object) -> str:
        """Return a new variable name for an object that the code uses."""
        name = self.fresh(prefix)
        self.names[name] = value
        return name

    def function(self, name: str, parameters: str, filename: str) -> Any:
        """Return a function with the lines as its body."""
        code = f"def {name}({parameters}):\n" + "\n".join(self.lines)
        exec(compile(code, filename, "exec"), self.names)  # noqa: S102
        # Not kept among its own globals: such a cycle would wait for the garbage collector.
        return self.names.pop(name)


EMPTY: Mapping[str, Any] = {}
RAW_LIMIT = 120
"""Maximum length of a raw value in a warning, in characters."""


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, Mapping) else str(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, default=_plain)


class MissingFieldError(ValueError):
    """A row lacks a required field; the message is the field's name."""


def note_invalid(notes: list[SourceWarning], field: str, base: Any, steps: tuple[str, ...]) -> None:
    """Add a warning about a value that does not fit, with the raw value if it can be read."""
    found = base
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else getattr(found, step, None)
    raw = None if found is None else raw_text(found)
    notes.append(SourceWarning(code=WarningCode.INVALID_VALUE, field_path=field, raw=raw))


def raw_text(value: Any) -> str:
    """Return the beginning of a raw value as a department writes it, for a warning."""
    if isinstance(value, bytes):
        text = value[:RAW_LIMIT].decode(errors="replace")
    elif isinstance(value, bool):
        text = "true" if value else "false"
    elif isinstance(value, Mapping | list):
        text = _beginning_of_json(value)
    else:
        text = str(value)
    # A lone surrogate, of a value in another character set, can't be sent to the client.
    return text[:RAW_LIMIT].encode(errors="replace").decode()


def _beginning_of_json(value: Any) -> str:
    """Encode only as much as is shown: the value may be the whole reply."""
    text = ""
    for part in _ENCODER.iterencode(value):
        text += part
        if len(text) >= RAW_LIMIT:
            break
    return text


def note_unknown_code(notes: list[SourceWarning], field: str, raw: str) -> None:
    """Add a warning about a code that is not in its table."""
    notes.append(
        SourceWarning(code=WarningCode.UNKNOWN_CODE, field_path=field, raw=raw[:RAW_LIMIT])
    )
