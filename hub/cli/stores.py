"""Runs the work of a command on the hub's database."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hub.cli.console import CliError
from hub.cli.settings import read_settings
from hub.store import STORE_FAILURES, Store, StoreError, open_store
from hub.store.store import failure_text
from schema.errors import HubError

Result = TypeVar("Result")


def with_store(act: Callable[[Store], Awaitable[Result]]) -> Result:
    """Return the result of `act`. Raise `CliError` if the database can't be used."""

    async def run() -> Result:
        store = await open_store(read_settings().database_url)
        try:
            return await act(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreError as error:
        raise CliError(str(error)) from None
    except HubError as error:
        raise CliError(error.message) from None
    except STORE_FAILURES as error:
        raise CliError(f"the hub's database does not work: {failure_text(error)}.") from None
