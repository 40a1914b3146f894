"""Relay object identification: the `Node` interface and its opaque global ids.

A global id is the encrypted text `Type:local id` (Relay Global Object Identification).
"""

import strawberry

from schema.batch import Info, reads, reads_catalogue
from schema.errors import bad_input
from schema.ids import IdCipher, Purpose


def to_global_id(ids: IdCipher, type_name: str, local_id: str) -> strawberry.ID:
    return strawberry.ID(ids.encrypt(Purpose.ID, f"{type_name}:{local_id}"))


def from_global_id(ids: IdCipher, global_id: str) -> tuple[str, str]:
    """Return the type name and the local id in a global id.

    Raises:
        HubError: `BAD_USER_INPUT`, it is not an id of this hub.
    """
    decoded = try_from_global_id(ids, global_id)
    if decoded is None:
        # The message does not quote it, because it may be a number of a citizen.
        raise bad_input("This is not an id of this hub. Pass an `id` from a response, unchanged.")
    return decoded


def try_from_global_id(ids: IdCipher, global_id: str) -> tuple[str, str] | None:
    """Return the type name and the local id in a global id; None if it is not a global id."""
    text = ids.decrypt(Purpose.ID, global_id)
    if text is None:
        return None
    type_name, _, local_id = text.partition(":")
    return type_name, local_id


def local_id_in(ids: IdCipher, type_name: str, global_id: str) -> str:
    """Return the local id in a global id of `type_name`.

    Raises:
        HubError: `BAD_USER_INPUT`, it is not an id of this hub, or the id of another type.
    """
    found, local_id = from_global_id(ids, global_id)
    if found != type_name:
        raise bad_input(f"This is the id of a {found}. Pass the id of a {type_name}.")
    return local_id


def local_id_of(ids: IdCipher, type_name: str, identifier: str) -> str:
    """Return the local id in a global id of `type_name`; return any other text unchanged.

    Raises:
        HubError: `BAD_USER_INPUT`, it is the global id of another type.
    """
    if try_from_global_id(ids, identifier) is None:
        return identifier
    return local_id_in(ids, type_name, identifier)


@strawberry.interface(description="An object that can be fetched by its id (Relay).")
class Node:
    @strawberry.field(
        description="Opaque id, unique across all types. Pass it back unchanged.",
        metadata=reads() | reads_catalogue(),
    )
    def id(self, info: Info) -> strawberry.ID:
        return to_global_id(info.context.sources.ids, type(self).__name__, self.local_id())

    def local_id(self) -> str:
        """Return the part of the id that is unique within the type. Every type overrides this."""
        raise TypeError(f"{type(self).__name__} is a Node but has no local_id method")
