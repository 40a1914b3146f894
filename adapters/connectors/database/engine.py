"""Reads any database that SQLAlchemy has an asynchronous dialect for."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import URL, TextClause
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import create_async_engine

from adapters.connectors.database.reading import failure_of
from adapters.connectors.database.statements import values_for


class EngineReader:
    """`StatementReader` over a SQLAlchemy engine.

    Args:
        department: identifier, for errors.
        url: the database's.
        statements: by capability.
        most_rows: rows that may be.
    """

    def __init__(
        self, department: str, url: URL, statements: Mapping[str, TextClause], most_rows: int
    ) -> None:
        self._department = department
        self._engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
        self._statements = statements
        self._most_rows = most_rows

    async def read(
        self, capability: str, bindings: Mapping[str, object]
    ) -> list[Mapping[str, Any]]:
        statement = self._statements[capability]
        values = values_for(statement, bindings)
        try:
            async with self._engine.connect() as connection:
                result = await connection.execute(statement, values)
                # Plain dicts: a row is asked for many columns, and SQLAlchemy's is slow to ask.
                columns = list(result.keys())
                found = result.fetchmany(self._most_rows + 1)
                return [dict(zip(columns, row, strict=True)) for row in found]
        except DBAPIError as error:
            raise failure_of(self._department, error.orig or error) from None
        except (SQLAlchemyError, OSError) as error:
            raise failure_of(self._department, error) from None

    async def close(self) -> None:
        await self._engine.dispose()
