"""Decrypts the ids in an operation, for `hub explain`."""

import asyncio
from functools import cached_property

from hub.access.keys import WeakKeyError, derived_cipher, id_cipher
from hub.cli.console import CliError
from hub.settings import Settings
from hub.store import StoreError, open_store
from schema.ids import IdCipher
from schema.node import try_from_global_id


class IdReader:
    """Decrypts ids with the hub's key, which it reads when the first id is decrypted.

    Args:
        settings: the hub's settings. Without `HUB_ID_KEYS`, the key is in the hub's database.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __call__(self, global_id: str) -> tuple[str, str] | None:
        """Return the type and the local id; None if it is not an id under one of the hub's keys.

        Raises:
            CliError: the key cannot be read.
        """
        return try_from_global_id(self._cipher, global_id)

    @cached_property
    def _cipher(self) -> IdCipher:
        try:
            keys = self._settings.id_keys
            if keys is not None:
                return derived_cipher(keys.get_secret_value())
            return asyncio.run(_stored(self._settings.database_url))
        except (StoreError, WeakKeyError) as error:
            raise CliError(str(error)) from None


async def _stored(database_url: str) -> IdCipher:
    store = await open_store(database_url)
    try:
        return await id_cipher(store, None)
    finally:
        await store.close()
