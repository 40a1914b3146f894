"""Credentials in a manifest: references only, so that no secret is written into a file."""

import re
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
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
    `UserPIN` name a secret, `TypeMapping` does not.
    """
    return any(_SECRET_WORD.fullmatch(word.lower()) for word in _WORD.findall(name))


def _by_reference(value: object) -> object:
    if not isinstance(value, Referred):
        raise ValueError("write it as ${env:NAME} or ${file:PATH}, never as literal text")
    return str(value)


Secret = Annotated[SecretStr, Field(min_length=1), BeforeValidator(_by_reference)]
"""A credential: a reference, not empty, and hidden when its model is printed."""
