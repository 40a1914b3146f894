"""Finds the credentials of a department, so that a recording never contains them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, SecretStr

from adapters.connectors.secrets import Referred, names_secret
from adapters.connectors.templates import placeholders_in
from adapters.manifest.credentials import PASSWORD_IN_URL, TRIVIAL


def credentials_of(settings: BaseModel, calls: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the values of all credentials of a connector and its calls.

    Args:
        settings: the connector.
        calls: the calls of its capabilities.
    """
    return set(_values_in(settings, "")) | set(_values_in(list(calls), ""))


def _values_in(content: Any, name: str) -> Iterator[str]:
    if isinstance(content, SecretStr):
        yield content.get_secret_value()
    elif isinstance(content, BaseModel):
        for field in type(content).model_fields:
            yield from _values_in(getattr(content, field), field)
    elif isinstance(content, Mapping):
        for key, value in content.items():
            yield from _values_in(value, str(key))
    elif isinstance(content, list | tuple):
        for value in content:
            yield from _values_in(value, name)
    elif isinstance(content, Referred) or (isinstance(content, str) and names_secret(name)):
        yield from _parts_of(content)


def _parts_of(text: str) -> Iterator[str]:
    """Yield the credentials in a text: itself, its words after the first, a password in a URL."""
    # `Bearer SECRET`: the department may send the secret back without the word before it.
    for part in (text, *text.split()[1:]):
        if not TRIVIAL.fullmatch(part) and (
            isinstance(text, Referred) or not placeholders_in(part)
        ):
            yield str(part)
    if password := PASSWORD_IN_URL.match(text):
        yield password["password"]
