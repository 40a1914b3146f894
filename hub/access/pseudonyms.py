"""Pseudonyms of citizens in the access log: keyed hashes of their numbers."""

import secrets
from collections.abc import Callable
from hashlib import blake2b

from sqlalchemy import select

from hub.store import Store
from hub.store.tables import made_key

KEY_NAME = "access_log"
KEY_BYTES = 32
MIN_SECRET_LENGTH = 16
SUBJECT_BYTES = 16

Pseudonym = Callable[[str], bytes]


class WeakKeyError(Exception):
    """`HUB_ACCESS_LOG_KEY` is too short. The message is for the hub's operator."""


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
        return await _stored_key(store)
    if len(secret) < MIN_SECRET_LENGTH:
        raise WeakKeyError(
            f"HUB_ACCESS_LOG_KEY is shorter than {MIN_SECRET_LENGTH} characters. "
            "Use a long random value: openssl rand -hex 32"
        )
    return blake2b(secret.encode(), digest_size=KEY_BYTES).digest()


async def _stored_key(store: Store) -> bytes:
    new = {"name": KEY_NAME, "value": secrets.token_bytes(KEY_BYTES)}
    async with store.engine.begin() as connection:
        await connection.execute(store.insert_new(made_key), new)
        stored = await connection.execute(
            select(made_key.c.value).where(made_key.c.name == KEY_NAME)
        )
        return bytes(stored.scalar_one())
