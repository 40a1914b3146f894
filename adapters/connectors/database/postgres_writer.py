"""Writes to PostgreSQL through asyncpg: functions that return a row."""

import asyncio
import contextlib
import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

import asyncpg
import orjson
from sqlalchemy import URL
from sqlalchemy.dialects.postgresql import asyncpg as asyncpg_dialect

from adapters.connectors.database.dialects import Bounds
from adapters.connectors.database.statements import CALLS
from adapters.connectors.database.writer import Write, WriteSession

CLOSE_SECONDS = 2.0
"""Time limit for closing a connection, so that a hanging database does not delay the hub's exit."""
IDLE_SECONDS = 60.0
"""An idle connection is closed after this time."""


class PostgresWriter:
    """`DatabaseWriter` for PostgreSQL. It opens connections when they are needed."""

    dialect = "postgresql"
    errors: tuple[type[Exception], ...] = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)

    def __init__(self, url: URL, bounds: Bounds) -> None:
        new_dialect: Any = asyncpg_dialect.dialect
        _, connect = new_dialect().create_connect_args(url)
        self._options: dict[str, Any] = {
            **connect,
            "min_size": 0,
            "max_size": bounds.connections,
            "timeout": bounds.seconds,
            "max_inactive_connection_lifetime": IDLE_SECONDS,
            "server_settings": {
                "application_name": "citizen-hub",
                "default_transaction_read_only": "off",
            },
        }
        self._zone = bounds.timezone
        self._pool: asyncpg.Pool | None = None
        self._opening = asyncio.Lock()

    async def open(self) -> WriteSession:
        async with self._opening:
            if self._pool is None:
                self._pool = await asyncpg.create_pool(**self._options)
        return _PostgresSession(self._pool, await self._pool.acquire(), self._zone)

    async def close(self) -> None:
        if self._pool is None:
            return
        try:
            async with asyncio.timeout(CLOSE_SECONDS):
                await self._pool.close()
        except TimeoutError:
            self._pool.terminate()


class _PostgresSession:
    def __init__(self, pool: Any, connection: Any, zone: dt.tzinfo) -> None:
        self._pool = pool
        self._connection = connection
        self._zone = zone

    async def call(self, write: Write) -> Mapping[str, Any] | None:
        limit = max(1, int(write.seconds * 1000))
        if not write.commits:
            await self._connection.execute("BEGIN READ WRITE")
        await self._connection.execute(f"SET statement_timeout = {limit}")
        slots = ", ".join(f"${nth}" for nth in range(1, len(write.arguments) + 1))
        call = CALLS["postgresql"].format(name=write.procedure, arguments=slots)
        prepared = await self._connection.prepare(f"/* {write.capability} */ {call}")
        types = [parameter.name for parameter in prepared.get_parameters()]
        try:
            bound = [
                _converted(value, name, self._zone)
                for value, name in zip(write.arguments, types, strict=True)
            ]
        except (ValueError, InvalidOperation):
            # The same error as for a value that the driver can't convert, without the value.
            raise asyncpg.DataError("a value does not fit its parameter") from None
        row = await prepared.fetchrow(*bound)
        return None if row is None else dict(row)

    async def commit(self) -> None:
        await self._connection.execute("COMMIT")

    async def roll_back(self) -> None:
        with contextlib.suppress(asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            await self._connection.execute("ROLLBACK")

    async def close(self, *, keep: bool) -> None:
        if not keep:
            self._connection.terminate()
        await self._pool.release(self._connection)


def _converted(value: object, type_name: str, zone: dt.tzinfo) -> object:
    """Return a value in the type that asyncpg needs for a parameter.

    Raises:
        ValueError: the value does not fit.
        InvalidOperation: the value is not a number.
    """
    if value is None:
        return None
    if type_name in ("json", "jsonb"):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, bytes) or type_name == "bytea":
        return value
    if type_name.endswith("[]"):
        values = value if isinstance(value, list | tuple) else [value]
        return [_converted(each, type_name.removesuffix("[]"), zone) for each in values]
    if isinstance(value, Mapping):
        return orjson.dumps(value, default=str).decode()
    if isinstance(value, list | tuple):
        return ",".join(map(str, value))
    convert = _CONVERSIONS.get(type_name)
    if convert is not None:
        return convert(value, zone)
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _day(value: object, _zone: dt.tzinfo) -> dt.date:
    if isinstance(value, dt.datetime):
        return value.date()
    return value if isinstance(value, dt.date) else dt.date.fromisoformat(str(value))


def _moment(value: object, zone: dt.tzinfo) -> dt.datetime:
    found = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return found if found.tzinfo is not None else found.replace(tzinfo=zone)


def _local(value: object, zone: dt.tzinfo) -> dt.datetime:
    return _moment(value, zone).astimezone(zone).replace(tzinfo=None)


def _whole(value: object, _zone: dt.tzinfo) -> int:
    return int(str(value))


_CONVERSIONS: Mapping[str, Callable[[object, dt.tzinfo], object]] = {
    "int2": _whole,
    "int4": _whole,
    "int8": _whole,
    "numeric": lambda value, _zone: Decimal(str(value)),
    "float4": lambda value, _zone: float(str(value)),
    "float8": lambda value, _zone: float(str(value)),
    "bool": lambda value, _zone: str(value).lower() in ("true", "t", "y", "yes", "1"),
    "date": _day,
    "timestamp": _local,
    "timestamptz": _moment,
}
