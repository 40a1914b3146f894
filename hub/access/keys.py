"""Secret keys of the hub: derived from the settings, or generated and stored in its database."""

import secrets
from hashlib import blake2b

from sqlalchemy import select

from hub.store import Store, encryption
from hub.store.encryption import ContentCipher
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


async def content_cipher(store: Store, setting: str | None) -> ContentCipher:
    """Return the cipher of rows of delivered files.

    Args:
        store: contains the generated key, if there is no setting.
        setting: value of `HUB_DATA_KEY`.

    Raises:
        WeakKeyError: the secret is too short, or rows were stored with another one.
    """
    if setting is None:
        return ContentCipher(await stored_key(store, "data", encryption.KEY_BYTES))
    cipher = ContentCipher(derived_key("HUB_DATA_KEY", setting, encryption.KEY_BYTES))
    mark = bytes.fromhex(cipher.hidden("mark of the key"))
    if await stored_key(store, "mark of HUB_DATA_KEY", len(mark), mark) != mark:
        raise WeakKeyError(
            "HUB_DATA_KEY is not the key that the rows of the database were stored with. Set "
            "that key. To use a new one on a hub without submissions and uploaded documents, "
            "delete all rows of kept_file, kept_row and kept_row_key, and the row 'mark of "
            "HUB_DATA_KEY' of made_key: the hub reads the files again."
        )
    return cipher


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


async def stored_key(store: Store, name: str, size: int, first: bytes | None = None) -> bytes:
    """Return the stored key of this name. If there is none, store `first` or a random one."""
    new = {"name": name, "value": first or secrets.token_bytes(size)}
    async with store.engine.begin() as connection:
        await connection.execute(store.insert_new(made_key), new)
        stored = await connection.execute(select(made_key.c.value).where(made_key.c.name == name))
        return bytes(stored.scalar_one())
