"""Reads success or failure from a reply's codes or prose (`docs/quirks.md` 2, 6, 7)."""

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


def _expression(pattern: str) -> str:
    return pattern[1:].removesuffix("/")


TextPattern = Annotated[str, AfterValidator(_matchable)]
"""A whole text, in upper or lower case, or `/regular expression/` that is searched in a text."""


def matches_any(text: str, patterns: list[str]) -> bool:
    """Return True if the department's text matches one of the `TextPattern`s."""
    squeezed = " ".join(text.split())
    for pattern in patterns:
        if pattern.startswith("/"):
            if re.search(_expression(pattern), squeezed, re.IGNORECASE):
                return True
        elif squeezed.lower() == pattern.lower():
            return True
    return False


class OutcomeRule(StrictModel):
    """How a reply that is not a Fault reports success or failure.

    Attributes:
        code: path to the code, or to the prose if there is no code.
        message: path to the message.
        ok: codes or prose that mean success. If empty: all that is not `empty` or `refused`.
        empty: codes or prose that mean "no rows".
        refused: codes or prose that mean that the hub's credentials are wrong.
    """

    code: str | None = None
    message: str | None = None
    ok: list[TextPattern] = []
    empty: list[TextPattern] = []
    refused: list[TextPattern] = []


class ReplyMeaning(Enum):
    """The meaning of a reply according to an `OutcomeRule`."""

    ROWS = auto()
    NO_ROWS = auto()
    AUTH_FAILED = auto()
    FAILED = auto()


class ReplyStatus(NamedTuple):
    """The meaning of a reply, with the department's code and message."""

    meaning: ReplyMeaning
    code: str | None
    message: str | None


def status_of(tree: Mapping[str, Any], rule: OutcomeRule) -> ReplyStatus:
    """Return the status that a reply reports.

    Raises:
        TypeError: the reply has an unexpected form.
    """
    code, message = _text(tree, rule.code), _text(tree, rule.message)
    texts = [text for text in (code, message) if text is not None]

    def has(patterns: list[str]) -> bool:
        return any(matches_any(text, patterns) for text in texts)

    if has(rule.empty):
        meaning = ReplyMeaning.NO_ROWS
    elif has(rule.refused):
        meaning = ReplyMeaning.AUTH_FAILED
    elif not rule.ok or has(rule.ok):
        meaning = ReplyMeaning.ROWS
    else:
        meaning = ReplyMeaning.FAILED
    return ReplyStatus(meaning, code, message)


def _text(tree: Mapping[str, Any], path: str | None) -> str | None:
    if path is None:
        return None
    value = walk(tree, path)
    if isinstance(value, dict | list):
        raise TypeError("the code is not a text")
    return None if value is None else str(value)
