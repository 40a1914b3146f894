"""Whether a reply is a success, told by its codes or its prose (`docs/quirks.md` 2, 6, 7)."""

import re
from collections.abc import Mapping
from enum import Enum, auto
from typing import Annotated, Any, NamedTuple

from pydantic import AfterValidator

from adapters.connectors.connector import walk
from adapters.mapping.rules import StrictModel


def _matchable(value: str) -> str:
    if value.startswith("/"):
        try:
            re.compile(_expression(value))
        except re.error as error:
            raise ValueError(f"this is not a regular expression: {error}") from None
    return value


def _expression(told: str) -> str:
    return told[1:].removesuffix("/")


Told = Annotated[str, AfterValidator(_matchable)]
"""A whole text, in any case, or `/regular expression/` somewhere in it."""


def says(text: str, told: list[str]) -> bool:
    """Whether the department's text is, or has in it, one of those told."""
    squeezed = " ".join(text.split())
    for each in told:
        if each.startswith("/"):
            if re.search(_expression(each), squeezed, re.IGNORECASE):
                return True
        elif squeezed.lower() == each.lower():
            return True
    return False


class OutcomeRule(StrictModel):
    """How a reply that is no Fault says whether it went well.

    Attributes:
        code: path to the code, or to the prose where there is no code.
        message: path to what it says in words.
        ok: codes or prose that mean success; when empty, all that is not `empty` or `refused` does.
        empty: codes or prose that mean "no rows".
        refused: codes or prose that mean that the hub's credentials are wrong.
    """

    code: str | None = None
    message: str | None = None
    ok: list[Told] = []
    empty: list[Told] = []
    refused: list[Told] = []


class Outcome(Enum):
    """What a reply amounts to."""

    ROWS = auto()
    NO_ROWS = auto()
    REFUSED = auto()
    FAILED = auto()


class Verdict(NamedTuple):
    """An outcome, and the department's code and message for it."""

    outcome: Outcome
    code: str | None
    message: str | None


def judge(tree: Mapping[str, Any], rule: OutcomeRule) -> Verdict:
    """Raises TypeError or ValueError when the reply has another form."""
    code, message = _text(tree, rule.code), _text(tree, rule.message)
    told = [text for text in (code, message) if text is not None]

    def is_told(words: list[str]) -> bool:
        return any(says(text, words) for text in told)

    if is_told(rule.empty):
        outcome = Outcome.NO_ROWS
    elif is_told(rule.refused):
        outcome = Outcome.REFUSED
    elif not rule.ok or is_told(rule.ok):
        outcome = Outcome.ROWS
    else:
        outcome = Outcome.FAILED
    return Verdict(outcome, code, message)


def _text(tree: Mapping[str, Any], path: str | None) -> str | None:
    if path is None:
        return None
    value = walk(tree, path)
    if isinstance(value, dict | list):
        raise TypeError("a code that is no text")
    return None if value is None else str(value)
