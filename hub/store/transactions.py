"""Transactions on the hub's tables, with the error that clients see if the database fails."""

import contextlib
from collections.abc import AsyncIterator, Iterator

from sqlalchemy.ext.asyncio import AsyncConnection

from hub.store.store import STORE_FAILURES, Store
from schema.codes import ErrorCode
from schema.errors import HubError


@contextlib.asynccontextmanager
async def reading(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a connection for statements that change nothing. Each sees the newest state.

    Raises:
        HubError: `STORE_UNAVAILABLE`.
    """
    with _store_errors():
        async with store.reader.connect() as connection:
            yield connection


@contextlib.asynccontextmanager
async def writing(store: Store) -> AsyncIterator[AsyncConnection]:
    """Open a transaction that is committed at the end, and rolled back if the body raises.

    Raises:
        HubError: `STORE_UNAVAILABLE`.
    """
    with _store_errors():
        async with store.writer, store.engine.connect() as connection:
            # Lock before the first row is read. PostgreSQL locks rows instead.
            await connection.execution_options(sqlite_begin="BEGIN IMMEDIATE")
            async with connection.begin():
                yield connection


@contextlib.contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except STORE_FAILURES:
        raise HubError(
            ErrorCode.STORE_UNAVAILABLE,
            "The hub's database does not reply. Retry later.",
            retryable=True,
        ) from None
