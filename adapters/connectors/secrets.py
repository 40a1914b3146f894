"""Credentials in a manifest: by reference only, so that none is ever written into a file of it."""

from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr


class Referred(str):
    """A text that came, wholly or in part, from a reference as `${env:NAME}` or `${file:PATH}`."""

    __slots__ = ()


def _by_reference(value: object) -> object:
    if not isinstance(value, Referred):
        raise ValueError("write it as ${env:NAME} or ${file:PATH}, never as it is")
    return str(value)


Secret = Annotated[SecretStr, Field(min_length=1), BeforeValidator(_by_reference)]
"""A credential: given by reference, not empty, and not shown when its model is printed."""
