"""Secret keys of the hub: derived from the settings, or generated and stored in its database."""

import secrets
from hashlib import blake2b

from sqlalchemy import select

from hub.store import Store
from hub.store.tables import made_key
from schema.ids import KEY_BYTES, IdCipher

MIN_SECRET_LENGTH = 16


class WeakKeyError(Exception):
    """A secret in the settings is too short. The message is for the hub's operator."""


async def id_cipher(store: Store, setting: str | None) -> IdCipher:
    """Return the cipher of ids and cursors.

    Args:
        store: contains the generated key, if there is no setting.
        setting: value of `HUB_ID_KEYS`.

    Raises:
        WeakKeyError: a secret is too short.
    """
    if setting is None:
        return IdCipher([await stored_key(store, "ids", KEY_BYTES)])
    return derived_cipher(setting)


def derived_cipher(setting: str) -> IdCipher:
    """Return the cipher of ids and cursors for a value of `HUB_ID_KEYS`.

    Raises:
        WeakKeyError: a secret is too short.
    """
    return IdCipher(
        [derived_key("HUB_ID_KEYS", each.strip(), KEY_BYTES) for each in setting.split(",")]
    )


def derived_key(setting: str, secret: str, size: int) -> bytes:
    """Return a key of `size` bytes, derived from a secret in the settings.

    Raises:
        WeakKeyError: the secret is too short.
    """
    if len(secret) < MIN_SECRET_LENGTH:
        raise WeakKeyError(
            f"{setting} has a secret that is shorter than {MIN_SECRET_LENGTH} characters. "
            "Use a long random value: openssl rand -hex 32"
        )
    return blake2b(secret.encode(), digest_size=size).digest()


async def stored_key(store: Store, name: str, size: int) -> bytes:
    """Return the key with this name in the store. Generate it first if there is none."""
    new = {"name": name, "value": secrets.token_bytes(size)}
    async with store.engine.begin() as connection:
        await connection.execute(store.insert_new(made_key), new)
        stored = await connection.execute(select(made_key.c.value).where(made_key.c.name == name))
        return bytes(stored.scalar_one())
