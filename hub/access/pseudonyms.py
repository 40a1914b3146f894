"""Pseudonyms of citizens in the access log: keyed hashes of their numbers."""

from collections.abc import Callable
from hashlib import blake2b

from hub.access.keys import derived_key, stored_key
from hub.store import Store

KEY_BYTES = 32
SUBJECT_BYTES = 16

Pseudonym = Callable[[str], bytes]


def pseudonyms(key: bytes) -> Pseudonym:
    """Return the function that makes a pseudonym (16 bytes, keyed BLAKE2b) of a member number."""
    keyed = blake2b(key=key, digest_size=SUBJECT_BYTES)

    def subject_of(member_identifier: str) -> bytes:
        hashing = keyed.copy()
        # A client may send a lone surrogate, which UTF-8 cannot encode.
        hashing.update(member_identifier.encode(errors="backslashreplace"))
        return hashing.digest()

    return subject_of


async def key_of(store: Store, secret: str | None) -> bytes:
    """Return the key for pseudonyms: derived from `secret`, or a random key kept in the store.

    Raises:
        WeakKeyError: `secret` is too short.
    """
    if secret is None:
        return await stored_key(store, "access_log", KEY_BYTES)
    return derived_key("HUB_ACCESS_LOG_KEY", secret, KEY_BYTES)
