"""Reads any database that SQLAlchemy has an asynchronous dialect for."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.connectors.database.failures import error_of
from adapters.connectors.database.reading import TooManyBytesError, read_streamed
from adapters.contract import DepartmentError, ReplyTooLargeError


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
        except DBAPIError as error:
            if not error.connection_invalidated:
                raise self._error(error) from None
            # The pool held a connection of before a restart; it is emptied now.
            try:
                return await self._streamed(clause, values, most_rows)
            except (SQLAlchemyError, OSError) as again:
                raise self._error(again) from None
        except (SQLAlchemyError, OSError) as error:
            raise self._error(error) from None

    async def _streamed(
        self, clause: Executable, values: Mapping[str, object], most_rows: int
    ) -> Sequence[Any]:
        async with self._engine.connect() as connection:
            try:
                return await read_streamed(connection, clause, values, most_rows, self._reply_bytes)
            except BaseException as error:
                # What is left of the reply is not waited for, and must not be the next one's.
                await connection.invalidate()
                if not isinstance(error, TooManyBytesError):
                    raise
                raise ReplyTooLargeError(
                    self._department,
                    f"{self._department} sent more than {self._reply_bytes:,} bytes.",
                ) from None

    def _error(self, error: Exception) -> DepartmentError:
        return error_of(self._department, self._engine.dialect.name, error)

    async def close(self) -> None:
        await self._engine.dispose()
