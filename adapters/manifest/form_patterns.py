"""Checks the patterns of form fields. Portals use them in browsers, and the hub in Python."""

import re
from collections.abc import Iterator
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MOST_CHARACTERS = 200
MOST_VARIABLE_PARTS = 4
LONG = 50
"""A part that may repeat more often than this counts as unlimited."""

_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)
_REFUSED = {
    op.GROUPREF: "a reference to a group",
    op.GROUPREF_EXISTS: "a reference to a group",
    op.ASSERT: "a look-ahead or look-behind",
    op.ASSERT_NOT: "a look-ahead or look-behind",
    op.ATOMIC_GROUP: "an atomic group",
    op.POSSESSIVE_REPEAT: "a possessive repeat",
    op.AT: "an anchor",
}
_PYTHON_ONLY = re.compile(r"(?<!\\)\(\?(?!:)")


def fault_of_pattern(pattern: str) -> str | None:
    """Return why a pattern may not be used in a form; None if it may.

    A pattern must mean the same in Python and JavaScript. It must also be quick on every text: a
    repeat inside a repeat can take exponential time on a text that does not match.
    """
    if len(pattern) > MOST_CHARACTERS:
        return f"it is longer than {MOST_CHARACTERS} characters"
    try:
        re.compile(pattern)
        tree = parser.parse(pattern)
    except (re.error, RecursionError, OverflowError) as error:
        return f"it is not a regular expression: {error}"
    parts = list(_parts(tree, in_repeat=False))
    for name, argument, in_repeat in parts:
        if name in _REFUSED:
            return f"it contains {_REFUSED[name]}"
        if in_repeat and (name is op.BRANCH or _is_variable(name, argument)):
            return "a part that repeats contains alternatives or another repeat"
    if _PYTHON_ONLY.search(pattern):
        return "it contains a group that browsers do not know"
    variable = [argument for name, argument, _ in parts if _is_variable(name, argument)]
    if len(variable) > MOST_VARIABLE_PARTS:
        return f"more than {MOST_VARIABLE_PARTS} of its parts have a variable length"
    if sum(most > LONG for _, most, _ in variable) > MOST_VARIABLE_PARTS // 2:
        return f"more than {MOST_VARIABLE_PARTS // 2} of its parts have no limit"
    return None


def _parts(tree: Any, *, in_repeat: bool) -> Iterator[tuple[Any, Any, bool]]:
    """Return all parts of a pattern, and whether each is inside a part that repeats."""
    for name, argument in tree:
        yield name, argument, in_repeat
        if name in _REPEATS:
            _, most, inner = argument
            yield from _parts(inner, in_repeat=in_repeat or most > 1)
        elif name is op.SUBPATTERN:
            yield from _parts(argument[-1], in_repeat=in_repeat)
        elif name is op.BRANCH:
            for inner in argument[1]:
                yield from _parts(inner, in_repeat=in_repeat)


def _is_variable(name: Any, argument: Any) -> bool:
    return name in _REPEATS and argument[0] != argument[1]
