"""Credentials in a manifest: references only, so that no secret is written into a file."""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

REMEDY = "${env:NAME} or ${file:PATH}, never as literal text"
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_SECRET_WORD = re.compile(
    r"pass|pswd?|pin|key|apikey|[a-z]*(?:password|passwd|passcode|passphrase|pwd|secret|token)"
)
_PLACEHOLDER = re.compile(r"\{[a-z_]+[^{}]*\}")


class Referred(str):
    """A text that came, wholly or in part, from a reference: `${env:NAME}` or `${file:PATH}`."""

    __slots__ = ()


def names_secret(name: str) -> bool:
    """Return True if one of the words of a name is a word for a secret.

    Words end at a change of case, and at every character that is not a letter: `Login_Pwd` and
    `UserPIN` name a secret, `TypeMapping` does not.
    """
    return any(_SECRET_WORD.fullmatch(word.lower()) for word in _WORD.findall(name))


def refuse_literal_secrets(fields: Any) -> Any:
    """Return a mapping of a manifest unchanged; mappings inside it are checked too.

    Raises:
        ValueError: a field that names a secret is written as literal text.
    """
    if isinstance(fields, dict):
        for name, value in fields.items():
            refuse_literal_secrets(value)
            is_literal = isinstance(value, str) and not isinstance(value, Referred)
            if is_literal and names_secret(str(name)) and not _PLACEHOLDER.search(value):
                raise ValueError(f"write {name} as {REMEDY}")
    return fields


def _by_reference(value: object) -> object:
    if not isinstance(value, Referred):
        raise ValueError(f"write it as {REMEDY}")
    return str(value)


Secret = Annotated[SecretStr, Field(min_length=1), BeforeValidator(_by_reference)]
"""A credential: a reference, not empty, and hidden when its model is printed."""

SecretFields = Annotated[dict[str, Any], AfterValidator(refuse_literal_secrets)]
"""Fields of which those that name a secret must be references."""
