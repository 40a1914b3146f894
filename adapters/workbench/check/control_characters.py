"""Finds patterns of numbers that admit control characters.

A number with a control character belongs to no record: XML can't carry it, databases reject it, and
many old systems end a field at it.
"""

import re
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

CONTROLS = "\x00\x01\x1b\x7f\t\n\r\x0b\x0c"
_ORDINARY = "0A1aZz-/_. +अ"
MOST_REPEATS = 50
MOST_STEPS = 5_000
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


def control_character_in(pattern: str) -> tuple[str, str] | None:
    """Return a control character, and a text with it that the pattern matches.

    Returns None if no such text is found. For each character class of the pattern, a text is made
    that has a control character there. Look-arounds may reject all of these texts although the
    pattern admits others.
    """
    compiled = re.compile(pattern)
    tree = parser.parse(pattern)
    counter = _Example(-1, "")
    counter.of_all(tree)
    for target in range(counter.leaves):
        for control in CONTROLS:
            example = _Example(target, control)
            text = example.of_all(tree)
            if example.is_used and compiled.fullmatch(text):
                return control, text
    return None


class _Example:
    """Makes a text that a pattern matches.

    Args:
        target: number of the character class at which `control` is written.
        control: the control character.

    Attributes:
        leaves: number of character classes that were passed.
        is_used: True if `control` was written.
    """

    def __init__(self, target: int, control: str) -> None:
        self._target = target
        self._control = control
        self.leaves = 0
        self.is_used = False
        self._steps = 0

    def of_all(self, nodes: Any) -> str:
        return "".join(self._of(kind, argument) for kind, argument in nodes)

    def _of(self, kind: Any, argument: Any) -> str:
        if kind is op.LITERAL:
            return self._leaf(chr(argument) == self._control, chr(argument))
        if kind in (op.NOT_LITERAL, op.ANY, op.IN):
            ordinary = next((c for c in _ORDINARY if _admits(kind, argument, c)), "")
            if not ordinary and kind is op.IN and argument[0][0] in (op.LITERAL, op.RANGE):
                first = argument[0][1]
                ordinary = chr(first if isinstance(first, int) else first[0])
            return self._leaf(_admits(kind, argument, self._control), ordinary)
        if kind in _REPEATS:
            least, most, inner = argument
            if most == 0 or least > MOST_REPEATS or self._steps > MOST_STEPS:
                return ""
            before = self.is_used
            first = self.of_all(inner)
            if least == 0 and self.is_used == before:
                return ""
            leaves = self.leaves
            others = "".join(self.of_all(inner) for _ in range(least - 1))
            self.leaves = leaves
            return first + others
        if kind is op.BRANCH:
            return self._of_branches(argument[1])
        if kind is op.SUBPATTERN:
            return self.of_all(argument[-1])
        return self.of_all(argument) if kind is op.ATOMIC_GROUP else ""

    def _of_branches(self, branches: Any) -> str:
        chosen = ""
        for number, branch in enumerate(branches):
            before = self.is_used
            text = self.of_all(branch)
            if number == 0 or self.is_used != before:
                chosen = text
        return chosen

    def _leaf(self, admits: bool, ordinary: str) -> str:
        number = self.leaves
        self.leaves += 1
        self._steps += 1
        if number == self._target and admits and not self.is_used:
            self.is_used = True
            return self._control
        return ordinary


def _admits(kind: Any, argument: Any, character: str) -> bool:
    if not character:
        return False
    if kind is op.ANY:
        return character != "\n"
    if kind is op.NOT_LITERAL:
        return character != chr(argument)
    negated = argument[0][0] is op.NEGATE
    listed = argument[1:] if negated else argument
    return negated is not any(_is_listed(each, value, character) for each, value in listed)


def _is_listed(kind: Any, value: Any, character: str) -> bool:
    if kind is op.LITERAL:
        return character == chr(value)
    if kind is op.RANGE:
        return bool(value[0] <= ord(character) <= value[1])
    return bool(kind is op.CATEGORY and re.fullmatch(_CATEGORIES[value], character))
