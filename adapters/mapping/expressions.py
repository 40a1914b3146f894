"""Expressions in field rules, in the Common Expression Language (decision 0010).

An expression can access only `row`. It has no attributes and no imports, it can loop only over a
list in the row, and its regular expressions take linear time.
"""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

import cel
from cel import stdlib

from adapters.mapping.json_values import JsonNumber

MOST_CHARACTERS = 1000
# The string extensions of the language that are enabled.
_STRINGS: Mapping[str, Callable[..., Any]] = {
    "lowerAscii": stdlib.lower_ascii,
    "upperAscii": stdlib.upper_ascii,
    "indexOf": stdlib.index_of,
    "join": stdlib.join,
    "replace": stdlib.replace,
    "split": stdlib.split,
    "substring": stdlib.substring,
    "trim": stdlib.trim,
}
_LOOPS = frozenset({"all", "exists", "exists_one", "filter", "map"})
_KNOWN = re.compile(
    "bool|contains|double|duration|endsWith|has|int|matches|max|min|size|startsWith|string|"
    "timestamp|type|uint|getFullYear|getMonth|getDate|getDayOfMonth|getDayOfWeek|getHours|"
    "getMinutes|getSeconds"
)
_LITERAL = re.compile(r"""\"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_CALL = re.compile(r"([A-Za-z_]\w*)\s*\(")
_FIELD = re.compile(r"\brow\.([A-Za-z_]\w*)")
_ROW_BY_KEY = re.compile(r"\brow\b(?!\.[A-Za-z_])")


class WrongExpressionError(ValueError):
    """An expression is not valid; the message says why."""


@lru_cache(maxsize=1024)
def compile_expression(text: str) -> Callable[[Any], object]:
    """Compile an expression to a function that takes a row and returns the value.

    The function raises ValueError if the evaluation fails, for example if the row lacks a field.

    Raises:
        WrongExpressionError: the expression is not valid.
    """
    _check(text)
    try:
        program = cel.compile(text)
    except ValueError as error:
        raise WrongExpressionError(_first_sentence(error)) from None
    context = cel.Context(functions=dict(_STRINGS))
    fields = None if _ROW_BY_KEY.search(_LITERAL.sub("''", text)) else set(_FIELD.findall(text))

    def evaluate(row: Any) -> object:
        seen = row if fields is None else {name: row[name] for name in fields if name in row}
        context.add_variable("row", _plain(seen))
        try:
            return program.execute(context)
        except Exception as error:
            raise ValueError(_first_sentence(error)) from None

    _try_out(text, program)
    return evaluate


def _check(text: str) -> None:
    if len(text) > MOST_CHARACTERS:
        raise WrongExpressionError(f"the expression is longer than {MOST_CHARACTERS} characters")
    code = _LITERAL.sub("''", text)
    calls = _CALL.findall(code)
    for name in calls:
        if not (_KNOWN.fullmatch(name) or name in _LOOPS or name in _STRINGS):
            raise WrongExpressionError(f"there is no function {name!r}")
    if sum(name in _LOOPS for name in calls) > 1:
        raise WrongExpressionError("the expression loops more than once")


def _try_out(text: str, program: cel.Program) -> None:
    """Raise an error for an unknown name. A field that an empty row lacks is not an error."""
    context = cel.Context(functions=dict(_STRINGS), variables={"row": {}})
    try:
        program.execute(context)
    except RuntimeError as error:
        if "Undefined variable" in str(error):
            message = f"{_first_sentence(error)}; only `row` is defined"
            raise WrongExpressionError(message) from None
    except Exception:
        return


def _plain(value: Any) -> Any:
    """Convert a value to the types of the language; a value without such a type becomes text."""
    if isinstance(value, JsonNumber):
        return float(value)
    if isinstance(value, str | bool | float | dt.datetime | None):
        return value
    if isinstance(value, int):
        return value if -(1 << 63) <= value < 1 << 63 else str(value)
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _first_sentence(error: Exception) -> str:
    line = str(error).splitlines()[0] if str(error) else type(error).__name__
    return re.sub(r"^Failed to parse expression '.*': ERROR: <input>:", "at ", line).split(". ")[0]
