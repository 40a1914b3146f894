"""Ids of the hubs that tests start: they share a key."""

import strawberry

from hub.access.keys import derived_cipher
from schema.node import to_global_id, try_from_global_id

ID_KEYS = "secret-of-the-tests"
"""Value of `HUB_ID_KEYS` in tests."""
IDS = derived_cipher(ID_KEYS)


def global_id(type_name: str, local_id: str) -> strawberry.ID:
    return to_global_id(IDS, type_name, local_id)


def read_id(text: str) -> tuple[str, str] | None:
    return try_from_global_id(IDS, text)
