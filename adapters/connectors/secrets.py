"""Credentials in a manifest: references only, so that no secret is written into a file."""

import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, SecretStr, ValidatorFunctionWrapHandler, WrapValidator

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_ORDINARY = re.compile(r"sort|order|group|primary|foreign|partition|row")
_ABOUT = re.compile(r"types?|kind|mode|versions?|format|encoding|algorithm|length|expiry")
_SECRET_WORD = re.compile(
    r"pass|pswd?|pin|key|apikey|authorization|cookie|credentials?"
    r"|[a-z]*(?:password|passwd|passcode|passphrase|pwd|secret|token)"
)


class Referred(str):
    """A text that came, wholly or in part, from a reference: `${env:NAME}` or `${file:PATH}`."""

    __slots__ = ()


def names_secret(name: str) -> bool:
    """Return True if one of the words of a name is a word for a secret.

    Words end at a change of case, and at every character that is not a letter: `Login_Pwd` and
    `UserPIN` name a secret. `TypeMapping`, `SortKey` and `TokenType` do not.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if words and _ABOUT.fullmatch(words[-1]):
        return False
    return any(
        _SECRET_WORD.fullmatch(word) and not (word == "key" and _ORDINARY.fullmatch(before))
        for before, word in zip(["", *words], words, strict=False)
    )


def _kept(value: Any, handler: ValidatorFunctionWrapHandler) -> Any:
    # pydantic would return a plain text, in which braces are placeholders.
    return value if isinstance(value, Referred) else handler(value)


TextOfCall = Annotated[str, WrapValidator(_kept)]
"""A text of a call. It stays `Referred` if it came from a reference."""


WRITE_A_REFERENCE = "write it as ${env:NAME} or ${file:PATH}, never as literal text"


def _by_reference(value: object) -> object:
    if not isinstance(value, Referred):
        raise ValueError(WRITE_A_REFERENCE)
    return str(value)


Secret = Annotated[SecretStr, Field(min_length=1), BeforeValidator(_by_reference)]
"""A credential: a reference, not empty, and hidden when its model is printed."""
