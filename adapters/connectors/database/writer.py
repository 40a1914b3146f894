"""Runs the procedures and functions by which a department's database takes writes.

The hub commits each write itself, unless the manifest says that the procedure does. A connection
that is lost before the hub has sent COMMIT leaves nothing behind, because the database rolls the
transaction back. Only a connection that is lost during COMMIT leaves the write unclear.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import String, outparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from adapters.connectors.database.failures import error_of, fault_of, write_error_of
from adapters.connectors.write_replies import WriteResponse
from adapters.contract import DepartmentError, DepartmentTimeoutError

BEFORE_DEADLINE = 0.05
"""Share of the remaining time that is left for the error to reach the caller."""


REFERENCE = "reference"
"""Parameter for the value that a function of Oracle returns."""


@dataclass(frozen=True, slots=True)
class Write:
    """One call of a procedure.

    Attributes:
        procedure: its name.
        capability: name of the write, for the department's logs.
        arguments: values in the order of its parameters; None for a parameter without a value.
        commits: whether the procedure commits by itself.
        seconds: time limit.
    """

    procedure: str
    capability: str
    arguments: Sequence[object]
    commits: bool
    seconds: float


class WriteSession(Protocol):
    """One connection in a transaction that may write. Methods raise errors of the driver."""

    async def call(self, write: Write) -> Mapping[str, Any] | None:
        """Begin a transaction and call the procedure. Return the first row of its result."""

    async def commit(self) -> None:
        """Commit."""

    async def roll_back(self) -> None:
        """Roll back. Do not raise an error."""

    async def close(self, *, keep: bool) -> None:
        """Return the connection to the pool, or close it if it can't be used again."""


class DatabaseWriter(Protocol):
    """Opens sessions for writes."""

    dialect: str
    errors: tuple[type[Exception], ...]

    async def open(self) -> WriteSession:
        """Take a connection. Raises errors of the driver."""

    async def close(self) -> None:
        """Close all connections."""


async def run_write(writer: DatabaseWriter, department: str, write: Write) -> WriteResponse:
    """Call a procedure, and commit.

    Returns:
        The row that the procedure returned, or the error that the database reported.

    Raises:
        DepartmentError: the connection failed, or the time was over. `not_done` says whether the
            write certainly had no effect.
    """
    progress = _Progress()
    try:
        async with asyncio.timeout(write.seconds * (1 - BEFORE_DEADLINE)):
            return await _run(writer, department, write, progress)
    except TimeoutError:
        error: DepartmentError = DepartmentTimeoutError(
            department, f"{department}'s database took too long."
        )
    except writer.errors as failed:
        error = error_of(department, writer.dialect, failed)
    error.not_done = not progress.may_be_done
    raise error


@dataclass(slots=True)
class _Progress:
    """How far a write has got.

    Attributes:
        may_be_done: whether the write may have had an effect.
    """

    may_be_done: bool = False


async def _run(
    writer: DatabaseWriter, department: str, write: Write, progress: _Progress
) -> WriteResponse:
    session = await writer.open()
    is_usable = False
    try:
        progress.may_be_done = write.commits
        try:
            row = await session.call(write)
            if not write.commits:
                progress.may_be_done = True
                await session.commit()
        except writer.errors as error:
            reported = fault_of(writer.dialect, error)
            if reported is None:
                raise
            # The database reports an error, also about COMMIT: the transaction had no effect.
            await session.roll_back()
            failure = write_error_of(department, writer.dialect, error)
            failure.not_done = not write.commits or failure.not_done
            is_usable = True
            return WriteResponse(fault=reported, failure=failure)
        is_usable = True
        return WriteResponse(content=row)
    finally:
        await session.close(keep=is_usable)


@dataclass(slots=True)
class SqlalchemyWriter:
    """`DatabaseWriter` for all databases other than PostgreSQL.

    Attributes:
        engine: opens connections that begin transactions and may write.
        calls: form of a call, with `{name}` and `{arguments}`.
    """

    dialect: str
    engine: AsyncEngine
    calls: str
    errors: tuple[type[Exception], ...] = (SQLAlchemyError, OSError)

    async def open(self) -> WriteSession:
        return _SqlalchemySession(await self.engine.connect(), self.calls)

    async def close(self) -> None:
        await self.engine.dispose()


@dataclass(slots=True)
class _SqlalchemySession:
    connection: AsyncConnection
    calls: str

    async def call(self, write: Write) -> Mapping[str, Any] | None:
        names = [f"a{nth}" for nth in range(len(write.arguments))]
        sql = self.calls.format(
            name=write.procedure, arguments=", ".join(f":{name}" for name in names)
        )
        bound = dict(zip(names, write.arguments, strict=True))
        clause = text(f"/* {write.capability} */ {sql}")
        if REFERENCE in clause._bindparams:
            clause = clause.bindparams(outparam(REFERENCE, String()))
            returned: Any = await self.connection.execute(clause, bound)
            return dict(returned.out_parameters)
        result = await self.connection.execute(clause, bound)
        row = result.mappings().first() if result.returns_rows else None
        return None if row is None else dict(row)

    async def commit(self) -> None:
        await self.connection.commit()

    async def roll_back(self) -> None:
        try:
            await self.connection.rollback()
        except (SQLAlchemyError, OSError):
            await self.connection.invalidate()

    async def close(self, *, keep: bool) -> None:
        if not keep:
            await self.connection.invalidate()
        await self.connection.close()
