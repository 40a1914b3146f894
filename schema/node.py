"""Relay object identification: the `Node` interface and its opaque global ids.

A global id is URL-safe base64 of `Type:local id` (Relay Global Object Identification).
"""

import base64
import binascii

import strawberry

from schema.errors import QUOTED, bad_input


def to_global_id(type_name: str, local_id: str) -> strawberry.ID:
    raw = f"{type_name}:{local_id}".encode()
    return strawberry.ID(base64.urlsafe_b64encode(raw).decode().rstrip("="))


def from_global_id(global_id: str) -> tuple[str, str]:
    """Return the type name and the local id in a global id.

    Raises:
        HubError: `BAD_USER_INPUT`, it is not an id of this hub.
    """
    decoded = try_from_global_id(global_id)
    if decoded is None:
        raise bad_input(
            f"{global_id[:QUOTED]!r} is not an id of this hub. "
            "Pass an `id` from an earlier response, unchanged."
        )
    return decoded


def try_from_global_id(global_id: str) -> tuple[str, str] | None:
    """Return the type name and the local id in a global id; None if it is not a global id."""
    padded = global_id + "=" * (-len(global_id) % 4)
    try:
        text = base64.b64decode(padded, altchars=b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return None
    type_name, separator, local_id = text.partition(":")
    if not separator or not type_name.isidentifier() or not local_id:
        return None
    return type_name, local_id


def local_id_of(type_name: str, identifier: str) -> str:
    """Return the local id in a global id of `type_name`; return any other text unchanged.

    Raises:
        HubError: `BAD_USER_INPUT`, it is the global id of another type.
    """
    decoded = try_from_global_id(identifier)
    if decoded is None:
        return identifier
    found, local_id = decoded
    if found != type_name:
        raise bad_input(
            f"The id {identifier[:QUOTED]!r} is the id of a {found[:QUOTED]}. "
            f"Pass the id of a {type_name}."
        )
    return local_id


@strawberry.interface(description="An object that can be fetched by its id (Relay).")
class Node:
    @strawberry.field(
        description="Opaque id, unique across all types. Pass it back unchanged.",
        metadata={"reads": ()},
    )
    def id(self) -> strawberry.ID:
        return to_global_id(type(self).__name__, self.local_id())

    def local_id(self) -> str:
        """Return the part of the id that is unique within the type. Every type overrides this."""
        raise TypeError(f"{type(self).__name__} is a Node but has no local_id method")
