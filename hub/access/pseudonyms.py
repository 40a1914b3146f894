"""How citizens stand in the access log: as a keyed hash, never by their number."""

import secrets
from collections.abc import Callable
from hashlib import blake2b

from sqlalchemy import select

from hub.store import Store
from hub.store.tables import made_key

KEY_NAME = "access_log"
KEY_BYTES = 32
SHORTEST_SECRET = 16
SUBJECT_BYTES = 16

Pseudonym = Callable[[str], bytes]


class WeakKeyError(Exception):
    """`HUB_ACCESS_LOG_KEY` can be guessed; the message is a sentence for who runs the hub."""


def pseudonyms(key: bytes) -> Pseudonym:
    """Gives the subject (16 bytes, keyed BLAKE2b) of a Family ID member number."""
    keyed = blake2b(key=key, digest_size=SUBJECT_BYTES)

    def subject_of(member_identifier: str) -> bytes:
        hashing = keyed.copy()
        # What a caller sends as a number may be no text at all (a lone surrogate).
        hashing.update(member_identifier.encode(errors="backslashreplace"))
        return hashing.digest()

    return subject_of


async def key_of(store: Store, secret: str | None) -> bytes:
    """The key made of `secret`; without one, the key that the store keeps, made if there is none.

    Raises `WeakKeyError`.
    """
    if secret is None:
        return await _kept_key(store)
    if len(secret) < SHORTEST_SECRET:
        raise WeakKeyError(
            f"HUB_ACCESS_LOG_KEY is shorter than {SHORTEST_SECRET} characters; "
            "give a long random one (openssl rand -hex 32)."
        )
    return blake2b(secret.encode(), digest_size=KEY_BYTES).digest()


async def _kept_key(store: Store) -> bytes:
    new = {"name": KEY_NAME, "value": secrets.token_bytes(KEY_BYTES)}
    async with store.engine.begin() as connection:
        await connection.execute(store.insert_new(made_key), new)
        kept = await connection.execute(select(made_key.c.value).where(made_key.c.name == KEY_NAME))
        return bytes(kept.scalar_one())
