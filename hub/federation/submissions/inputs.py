"""Inputs of mutations: their digests, and their texts."""

from dataclasses import fields, is_dataclass
from enum import Enum
from hashlib import sha256
from typing import Any

import orjson
from strawberry import UNSET

from hub.federation.submissions.form_validation import clean_text
from schema.ids import IdCipher
from schema.keys import CitizenKeyInput
from schema.problem_codes import ProblemCode
from schema.submission_problem import InputProblem, input_problem
from schema.upload import UploadedFile

KEY = "idempotency_key"


def digest_of(name: str, given: Any, ids: IdCipher) -> bytes:
    """Return the SHA-256 of an input, without its idempotency key.

    Args:
        name: name of the mutation.
        given: the input.
        ids: decrypts the ids of citizens: an id and a member number are equal.
    """
    return sha256(orjson.dumps([name, _plain(given, ids)], option=orjson.OPT_SORT_KEYS)).digest()


def _plain(value: Any, ids: IdCipher) -> Any:
    if isinstance(value, CitizenKeyInput):
        return _safe(value.number(ids))
    if isinstance(value, UploadedFile):
        return value.sha256
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list):
        return [_plain(each, ids) for each in value]
    if is_dataclass(value):
        return {
            each.name: _plain(getattr(value, each.name), ids)
            for each in fields(value)
            if each.name != KEY and getattr(value, each.name) not in (None, UNSET)
        }
    return _safe(value) if isinstance(value, str) else value


def _safe(text: str) -> str:
    """Return a text that JSON can have: a client may send half of a surrogate pair."""
    return text.encode(errors="backslashreplace").decode()


class Texts:
    """Checks the texts of an input.

    Attributes:
        values: the texts without problems, by the name of the fact.
        problems: the problems of the others.
    """

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.problems: list[InputProblem] = []

    def add(
        self,
        fact: str,
        text: str | None,
        name: str | None = None,
        *,
        required: bool = False,
        lines: bool = True,
    ) -> None:
        """Check a text.

        Args:
            fact: the fact that the department gets.
            name: name of the field of the input; that of the fact by default.
            required: whether it must not be empty.
            lines: whether it may have several lines.
        """
        shown = name or fact
        cleaned = clean_text(text or "", lines=lines)
        if cleaned is None:
            self.problems.append(input_problem(shown, ProblemCode.UNREADABLE_TEXT))
        elif cleaned:
            self.values[fact] = cleaned
        elif required:
            self.problems.append(input_problem(shown, ProblemCode.REQUIRED))
