"""Reads any database that SQLAlchemy has an asynchronous dialect for."""

import math
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeGuard

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.connectors.database import failures
from adapters.connectors.database.failures import StaleConnectionError, error_of
from adapters.connectors.database.reader import TooManyBytesError, read_streamed
from adapters.contract import DepartmentError, ReplyTooLargeError

IDLE_SINCE = "idle_since"
"""In what SQLAlchemy keeps with a connection: when its last reply was read to its end."""


class SqlalchemyReader:
    """`StatementReader` over a SQLAlchemy engine; `reply_bytes` is the most of one reply."""

    def __init__(self, department: str, engine: AsyncEngine, reply_bytes: int) -> None:
        self._department = department
        self._engine = engine
        self._reply_bytes = reply_bytes

    async def fetch(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        try:
            return await self._streamed(clause, values, most_rows)
        except StaleConnectionError:
            pass
        except (SQLAlchemyError, OSError) as error:
            raise self._error(error) from None
        # SQLAlchemy has left every connection of before a restart. What else breaks is for the
        # link, which makes second attempts within a budget.
        try:
            return await self._streamed(clause, values, most_rows)
        except StaleConnectionError as error:
            raise self._error(error.cause) from None
        except (SQLAlchemyError, OSError) as error:
            raise self._error(error) from None

    async def _streamed(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            kept_with_it = (await connection.get_raw_connection()).info
            was_idle = time.monotonic() - kept_with_it.get(IDLE_SINCE, math.inf)
            try:
                rows = await read_streamed(connection, clause, values, most_rows, self._reply_bytes)
            except BaseException as error:
                # What is left of the reply is not waited for, and must not be the next one's.
                await connection.invalidate()
                if isinstance(error, TooManyBytesError):
                    raise self._too_large() from None
                if _is_disconnect(error) and was_idle >= failures.STALE_SECONDS:
                    raise StaleConnectionError(error) from None
                raise
            kept_with_it[IDLE_SINCE] = time.monotonic()
            return rows

    def _too_large(self) -> DepartmentError:
        return ReplyTooLargeError(
            self._department, f"{self._department} sent more than {self._reply_bytes:,} bytes."
        )

    def _error(self, error: Exception) -> DepartmentError:
        return error_of(self._department, self._engine.dialect.name, error)

    async def close(self) -> None:
        await self._engine.dispose()


def _is_disconnect(error: BaseException) -> TypeGuard[DBAPIError]:
    return isinstance(error, DBAPIError) and error.connection_invalidated
